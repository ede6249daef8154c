"""Home Assistant's device discovery over MQTT: one retained message a stream.

Ids are made of the client_id and never change with the name; names of entities never hold the device's. `qos` stands in
each component, as one for the whole device is not heeded.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import audio
from audio.stores.events import TYPES


def topic(discovery: str, client_id: str) -> str:
    return f"{discovery}/device/audio_{client_id}/config"


def payload(prefix: str, client_id: str, name: str, root: str) -> dict[str, Any]:
    """The description of a stream as a device. root: the URL of the gateway, "" where none is set."""
    base, uid, slug = f"{prefix}/{client_id}", f"audio_{client_id}", _slug(name)

    def component(platform: str, key: str, title: str, **more: Any) -> dict[str, Any]:
        return {
            "platform": platform,
            "unique_id": f"{uid}_{key}",
            "default_entity_id": f"{platform}.{slug}_{key}",
            "name": title,
            "qos": 1,
            "state_topic": f"{base}/{key}",
            **more,
        }

    direction = {
        "unit_of_measurement": "°",
        "icon": "mdi:compass",
        "value_template": "{{ value_json.degrees }}",
        "json_attributes_topic": f"{base}/direction",
    }
    trigger = {
        "platform": "device_automation",
        "automation_type": "trigger",
        "type": "voice",
        "subtype": "on",
        "qos": 1,
        "topic": f"{base}/event",
        "value_template": "{{ value_json.type }}",
        "payload": "voice_on",
    }
    about = {"sw_version": audio.__version__}
    links = {"configuration_url": f"{root}/streams/{client_id}"} if root else {}
    support = {"support_url": f"{root}/docs"} if root else {}
    return {
        "device": {
            "identifiers": [uid],
            "name": name,
            "manufacturer": "audio",
            "model": "Stream",
            **about,
            **links,
        },
        "origin": {"name": "audio", **about, **support},
        "availability_mode": "all",
        "availability": [{"topic": f"{prefix}/status"}, {"topic": f"{base}/status"}],
        "components": {
            "sound": component("binary_sensor", "sound", "Sound", device_class="sound"),
            "voice": component("binary_sensor", "voice", "Voice", icon="mdi:account-voice"),
            "direction": component("sensor", "direction", "Direction", **direction),
            "level": component("sensor", "level", "Level", unit_of_measurement="dBFS", state_class="measurement"),
            "event": component("event", "event", "Event", event_types=list(TYPES)),
            "voice_on": trigger,
        },
    }


def _slug(name: str) -> str:
    """A name as Home Assistant writes it in ids."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_") or "stream"

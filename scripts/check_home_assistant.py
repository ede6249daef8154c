"""Checks the discovery message for Home Assistant against Home Assistant's own schemas.

    python3.13 -m venv ha && ha/bin/pip install homeassistant paho-mqtt
    PYTHONPATH=. ha/bin/python scripts/check_home_assistant.py

Home Assistant needs a Python of its own and many packages, so this is no test. Exit 1 where a schema refuses something.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
import tempfile
from typing import Any

import voluptuous as vol
from homeassistant.components.mqtt.schemas import MQTT_ORIGIN_INFO_SCHEMA
from homeassistant.core import HomeAssistant
from homeassistant.helpers import frame

from audio.events.home_assistant import payload

CLIENT_ID = "3bd15f50-0000-4000-8000-000000000000"


def schema_of(platform: str) -> Any:
    module = importlib.import_module(f"homeassistant.components.mqtt.{platform}")
    return module.DISCOVERY_SCHEMA if hasattr(module, "DISCOVERY_SCHEMA") else module.TRIGGER_DISCOVERY_SCHEMA


async def main() -> int:
    # some validators ask the helper which integration calls them, and it wants a running instance
    frame.async_setup(HomeAssistant(tempfile.mkdtemp()))
    message = json.loads(json.dumps(payload("audio", CLIENT_ID, "Store #2 entrance", "https://audio.example.org")))
    shared = {"device": message["device"], "origin": message["origin"]}
    available = {name: message[name] for name in ("availability", "availability_mode")}
    failed = 0
    checks: list[tuple[str, Any, Any]] = [("origin", MQTT_ORIGIN_INFO_SCHEMA, message["origin"])]
    for name, component in message["components"].items():
        platform = component["platform"]
        own = {key: value for key, value in component.items() if key != "platform"}
        common = shared if platform == "device_automation" else {**shared, **available}
        platform = "device_trigger" if platform == "device_automation" else platform
        checks.append((name, schema_of(platform), {**own, **common}))
    for name, schema, value in checks:
        try:
            schema(value)
            print(f"ok    {name}")
        except vol.Invalid as exc:
            failed = 1
            print(f"FAIL  {name}: {exc}")
    return failed


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))

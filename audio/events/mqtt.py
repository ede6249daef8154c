"""Events and states of all streams to an MQTT broker: states retained, events never, QoS 1.

The id up to which the broker has acknowledged is kept in the database: a broker or a gateway that was away gets what it
missed, at least once. What is older than an hour is told by the states alone.
"""

from __future__ import annotations

import json
import logging
import math
import random
import ssl
import threading
import time
from collections import OrderedDict, deque
from typing import Any
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from audio.errors import BadInput
from audio.events import home_assistant
from audio.stores import cursors, events, presence, streams
from audio.stores.database import Database
from audio.stores.events import Event

log = logging.getLogger(__name__)

_CURSOR = "mqtt"
_LOOK_SECONDS = 0.2
_STREAMS_SECONDS = 10.0  # also between two levels
_STALE_SECONDS = 3600.0
_IN_FLIGHT = 20
_PAGE = 50
_BIRTH_SECONDS = 5.0  # Home Assistant asks that not all answer its birth at once
_STATES = {"sound_on": ("sound", "ON"), "sound_off": ("sound", "OFF")} | {
    "voice_on": ("voice", "ON"),
    "voice_off": ("voice", "OFF"),
    "stream_online": ("status", "online"),
    "stream_offline": ("status", "offline"),
}
_RETAINED = ("status", "sound", "voice", "direction", "level")
_CONNECT_SECONDS = 10
_LONGEST_TOPIC = 1000  # bytes of its first part; MQTT takes 65535 of the whole


class Mqtt:
    """The one connection to the broker. url: mqtt://USER:PASSWORD@HOST:PORT, or mqtts. root: URL of the gateway."""

    def __init__(self, database: Database, url: str, *, prefix: str, discovery: str, root: str) -> None:
        self._database = database
        self._prefix, self._root = _topic("mqtt_prefix", prefix), root
        self._discovery = discovery and _topic("mqtt_discovery", discovery)
        self._waiting: OrderedDict[int, int] = OrderedDict()  # message ids and the event ids behind them
        self._acks: deque[int] = deque()  # message ids; filled by paho's thread, which holds a lock of its own then
        self._acked: set[int] = set()
        self._sent = self._done = 0
        self._kept: tuple[int, dict[str, str]] | None = None
        self._announce_at = math.inf
        self._published: dict[str, str] = {}  # names of the streams that the broker knows, by client_id
        self._levels: dict[str, float] = {}
        self._streams_at = 0.0
        self._complaint = ""
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mqtt", daemon=True)
        self._client, self._host, self._port = _client(url)
        self._client.will_set(f"{self._prefix}/status", "offline", qos=1, retain=True)
        self._client.on_connect = self._connected
        self._client.on_connect_fail = lambda *_: self._complain("cannot be reached")
        self._client.on_publish = self._acknowledged
        self._client.on_message = self._born
        self._client.max_inflight_messages_set(_IN_FLIGHT)

    def start(self) -> None:
        with self._database.read() as connection:
            kept = cursors.load(connection, _CURSOR)
            self._sent = self._done = events.newest(connection) if kept is None else kept[0]
        self._published = {} if kept is None else kept[1].get("streams", {})
        self._keep()  # at once: who is killed before the first event is acknowledged goes on from here
        self._client.connect_async(self._host, self._port, keepalive=30)
        self._client.loop_start()
        self._thread.start()

    def stop(self) -> None:
        """Say that it is offline, and go."""
        self._stopping.set()
        self._thread.join(2.0)
        if self._client.is_connected():
            self._client.publish(f"{self._prefix}/status", "offline", qos=1, retain=True).wait_for_publish(1.0)
        self._client.disconnect()
        self._client.loop_stop()
        self._keep()

    def _run(self) -> None:
        while not self._stopping.wait(_LOOK_SECONDS):
            try:
                self._look()
            except Exception:
                log.exception("MQTT had to stop; trying again")
                self._stopping.wait(5.0)

    def _look(self) -> None:
        if not self._client.is_connected():
            return
        now = time.monotonic()
        if now >= self._announce_at:
            self._announce_at = math.inf
            self._announce()
        elif now - self._streams_at >= _STREAMS_SECONDS:
            self._follow_streams()
        self._send_events()
        self._keep()

    # What the broker says; in paho's thread.

    def _connected(self, client: paho.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            self._complain(f"refuses: {reason}")
            return
        self._complaint = ""
        log.info("connected to the MQTT broker at %s:%d", self._host, self._port)
        if self._discovery:
            client.subscribe(f"{self._discovery}/status", qos=1)
        self._announce_at = 0.0

    def _complain(self, what: str) -> None:
        """Once, until it is something else: it is tried again every half minute."""
        if what != self._complaint:
            log.warning(
                "the MQTT broker at %s:%d %s; trying again. Its address, user and password are those of mqtt_url",
                self._host,
                self._port,
                what,
            )
        self._complaint = what

    def _born(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        if message.payload == b"online" and not message.retain:
            self._announce_at = time.monotonic() + random.uniform(0, _BIRTH_SECONDS)

    def _acknowledged(self, _client: paho.Client, _data: Any, mid: int, _reason: Any, _properties: Any) -> None:
        self._acks.append(mid)

    # What is published.

    def _announce(self) -> None:
        """All that is retained: that the gateway is there, which streams there are, and how they are."""
        self._publish("status", "online")
        self._published = {}
        self._follow_streams()

    def _follow_streams(self) -> None:
        """Tell of new streams, of names that changed, of those that are gone, and how loud it is."""
        self._streams_at = time.monotonic()
        with self._database.read() as connection:
            names = {s.client_id: s.name for s in streams.everything(connection) if s.revoked_at is None}
            levels = presence.levels(connection)
        for client_id in set(self._published) - set(names):
            self._forget(client_id)
        for client_id, name in names.items():
            if self._published.get(client_id) != name:
                self._introduce(client_id, name)
            if client_id in levels:
                self._level(client_id, levels[client_id])
        self._published = names

    def _introduce(self, client_id: str, name: str) -> None:
        if self._discovery:
            about = home_assistant.payload(self._prefix, client_id, name, self._root)
            self._client.publish(
                home_assistant.topic(self._discovery, client_id), json.dumps(about), qos=1, retain=True
            )
        with self._database.read() as connection:
            online, _ = presence.state(connection, client_id)
            found = [
                events.latest_of(connection, client_id, types)
                for types in (("sound_on", "sound_off"), ("voice_on", "voice_off"), ("direction",))
            ]
        self._publish(f"{client_id}/status", "online" if online else "offline")
        for name_of, event in zip(("sound", "voice"), found, strict=False):
            if event is None:
                self._publish(f"{client_id}/{name_of}", "OFF")
        for event in found:
            if event is not None:
                self._state(event)

    def _forget(self, client_id: str) -> None:
        """Empty what is retained of a stream that is gone."""
        for name in _RETAINED:
            self._publish(f"{client_id}/{name}", "")
        if self._discovery:
            self._client.publish(home_assistant.topic(self._discovery, client_id), "", qos=1, retain=True)

    def _level(self, client_id: str, level: float) -> None:
        if self._levels.get(client_id) != level:
            self._levels[client_id] = level
            self._publish(f"{client_id}/level", f"{level:.1f}")

    def _send_events(self) -> None:
        room = _PAGE - len(self._waiting)
        if room <= 0:
            return
        with self._database.read() as connection:
            found = events.newer(connection, self._sent, room)
        for event in found:
            self._send(event)

    def _send(self, event: Event) -> None:
        """An event, and the state that it makes. A state goes first: who hears the event can read it."""
        self._state(event)
        self._sent = event.id
        if time.time() - event.at > _STALE_SECONDS:
            self._waiting[-event.id] = event.id  # those before it may still be under way
            self._acks.append(-event.id)
            return
        body = json.dumps({**event.fields(), "event_type": event.type})
        sent = self._client.publish(f"{self._prefix}/{event.client_id}/event", body, qos=1, retain=False)
        self._waiting[sent.mid] = event.id

    def _state(self, event: Event) -> None:
        if event.type in _STATES:
            name, value = _STATES[event.type]
            self._publish(f"{event.client_id}/{name}", value)
        elif event.type == "direction":
            yaw = event.data["yaw"]
            about = {"yaw": yaw, "degrees": round(math.degrees(yaw)), "confidence": event.data["confidence"]}
            self._publish(f"{event.client_id}/direction", json.dumps(about))

    def _publish(self, topic: str, value: str) -> None:
        """A state."""
        self._client.publish(f"{self._prefix}/{topic}", value, qos=1, retain=True)

    def _keep(self) -> None:
        """Go on to the newest event before which all are acknowledged, and write it down."""
        while self._acks:
            mid = self._acks.popleft()
            if mid in self._waiting:
                self._acked.add(mid)
        while self._waiting and (mid := next(iter(self._waiting))) in self._acked:
            self._acked.discard(mid)
            self._done = self._waiting.pop(mid)
        kept = (self._done, dict(self._published))
        if kept != self._kept:
            with self._database.write() as connection:
                cursors.save(connection, _CURSOR, self._done, {"streams": self._published})
            self._kept = kept


def _client(url: str) -> tuple[paho.Client, str, int]:
    """A client for that URL, with its host and port. Raises BadInput."""
    wrong = BadInput("mqtt_url must be like mqtt://USER:PASSWORD@HOST:1883, or mqtts for TLS.")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (8883 if parts.scheme == "mqtts" else 1883)
        host.encode("idna")
    except ValueError as exc:
        raise wrong from exc
    if parts.scheme not in ("mqtt", "mqtts") or not host:
        raise wrong
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id=f"audio-{random.getrandbits(48):012x}")
    client.connect_timeout = _CONNECT_SECONDS
    client.reconnect_delay_set(1, 30)
    if parts.username:
        client.username_pw_set(unquote(parts.username), unquote(parts.password or ""))
    if parts.scheme == "mqtts":
        client.tls_set_context(ssl.create_default_context())
    return client, host, port


def _topic(setting: str, value: str) -> str:
    """The first part of topics. Raises BadInput."""
    topic = value.strip("/")
    if not topic or len(topic.encode()) > _LONGEST_TOPIC or topic[0] == "$" or set(topic) & set("#+\0"):
        raise BadInput(f"{setting} must be the first part of a topic, like house/audio: without '#', '+' and '$'.")
    return topic

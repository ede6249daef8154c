"""MQTT against a real broker: states retained, events never, and none lost."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from audio.engine.config import Settings
from audio.errors import BadInput
from audio.events import mqtt as module
from audio.events.mqtt import Mqtt
from audio.stores import events, streams
from audio.stores.database import Database
from audio.stores.events import Event
from audio.stores.tables import STREAMS
from tests.events.broker import Broker, Reader, needs_mosquitto
from tests.waiting import until

pytestmark = needs_mosquitto


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    running = Broker(tmp_path)
    yield running
    running.kill()


@pytest.fixture
def reader(broker: Broker) -> Iterator[Reader]:
    reading = Reader(broker)
    yield reading
    reading.close()


def publisher(database: Database, broker: Broker) -> Mqtt:
    return Mqtt(database, broker.url, prefix="audio", discovery="homeassistant", root="https://audio.example.org")


def stream(database: Database, name: str = "Store #2 entrance") -> str:
    with database.write() as connection:
        return streams.create(connection, name).client_id


def happen(database: Database, client_id: str, kind: str, **data: Any) -> None:
    with database.write() as connection:
        events.add(connection, [Event(client_id, "sound_detection/1", kind, time.time(), data)])


def test_states_and_discovery_are_there_and_events_are_told(database: Database, broker: Broker, reader: Reader) -> None:
    client_id = stream(database)
    happen(database, client_id, "sound_on", level=-20.0)
    running = publisher(database, broker)
    running.start()
    base = f"audio/{client_id}"
    reader.until(f"{base}/sound", lambda found: found == ["ON"])
    assert reader.of("audio/status") == ["online"]
    assert reader.of(f"{base}/voice") == ["OFF"]
    assert reader.of(f"{base}/event") == [], "what happened before it was set up is no event"
    (config,) = reader.of(f"homeassistant/device/audio_{client_id}/config")
    device = json.loads(config)
    assert device["device"]["name"] == "Store #2 entrance"
    assert device["components"]["sound"]["default_entity_id"] == "binary_sensor.store_2_entrance_sound"
    assert all(part["qos"] == 1 for part in device["components"].values())
    happen(database, client_id, "direction", yaw=0.5411, confidence=0.94)
    happen(database, client_id, "sound_off", level=-20.0, duration=1.5)
    told = [json.loads(body) for body in reader.until(f"{base}/event", lambda found: len(found) == 2)]
    assert [event["event_type"] for event in told] == ["direction", "sound_off"]
    assert json.loads(reader.of(f"{base}/direction")[0]) == {"yaw": 0.5411, "degrees": 31, "confidence": 0.94}
    assert reader.of(f"{base}/sound") == ["ON", "OFF"]
    running.stop()
    reader.until("audio/status", lambda found: found[-1] == "offline")
    retained = {topic for topic, _, retain in Retained(broker).messages if retain}
    assert {f"{base}/sound", f"{base}/direction", "audio/status"} <= retained
    assert f"{base}/event" not in retained


class Retained(Reader):
    """Someone who comes late."""

    def __init__(self, broker: Broker) -> None:
        super().__init__(broker, "audio/#", "late")
        # What is retained was sent before this.
        self.publish("audio/now", "")
        self.until("audio/now", bool)
        self.close()


def numbers(reader: Reader, client_id: str) -> list[int]:
    return [json.loads(body)["data"]["n"] for body in reader.of(f"audio/{client_id}/event")]


def test_a_broker_that_is_killed_amid_events_gets_every_one(database: Database, broker: Broker, reader: Reader) -> None:
    client_id = stream(database)
    running = publisher(database, broker)
    running.start()
    reader.until(f"audio/{client_id}/status", bool)
    for n in range(100):
        if n == 30:
            # What a broker has acknowledged is its own to lose: it must be with the reader before it is killed.
            until(lambda: len(numbers(reader, client_id)), lambda count: count == 30)
            broker.kill()
        if n == 90:
            broker.start()
        happen(database, client_id, "sound_on" if n % 2 == 0 else "sound_off", n=n)
    reader.until(f"audio/{client_id}/event", lambda found: any('"n": 99' in body for body in found))
    assert set(numbers(reader, client_id)) == set(range(100))
    reader.until(f"audio/{client_id}/sound", lambda found: found[-1] == "OFF")
    running.stop()


PROGRAM = """
import sys, time
from audio.events.mqtt import Mqtt
from audio.stores.database import Database
from audio.stores.tables import STREAMS
Mqtt(Database(sys.argv[1]), sys.argv[2], prefix=sys.argv[3], discovery="", root="").start()
while True:
    time.sleep(1)
"""


def test_a_gateway_that_is_killed_amid_events_tells_every_one(
    database: Database, broker: Broker, reader: Reader, tmp_path: Path
) -> None:
    client_id = stream(database)
    url = Settings(data_dir=str(tmp_path / "data")).database_url
    command = [sys.executable, "-c", PROGRAM, url, broker.url, "audio"]
    first = subprocess.Popen(command)
    reader.until(f"audio/{client_id}/status", bool)
    for n in range(100):
        happen(database, client_id, "voice_on" if n % 2 == 0 else "voice_off", n=n)
        if n == 50:
            until(lambda: len(numbers(reader, client_id)), lambda count: count > 5)
            first.kill()
            first.wait()
    second = subprocess.Popen(command)
    try:
        reader.until(f"audio/{client_id}/event", lambda found: any('"n": 99' in body for body in found))
        assert set(numbers(reader, client_id)) == set(range(100))
        reader.until(f"audio/{client_id}/voice", lambda found: found[-1] == "OFF")
    finally:
        second.kill()
        second.wait()


def test_what_is_old_is_told_by_its_state_alone(database: Database, broker: Broker, reader: Reader) -> None:
    client_id = stream(database)
    running = publisher(database, broker)
    running.start()
    reader.until(f"audio/{client_id}/status", bool)
    with database.write() as connection:
        events.add(connection, [Event(client_id, "sound_detection/1", "sound_on", time.time() - 4000, {})])
    reader.until(f"audio/{client_id}/sound", lambda found: found[-1] == "ON")
    happen(database, client_id, "sound_off", n=1)
    reader.until(f"audio/{client_id}/event", bool)
    assert numbers(reader, client_id) == [1]
    running.stop()


def test_home_assistant_is_told_again_when_it_is_born(
    database: Database, broker: Broker, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BIRTH_SECONDS", 0.0)
    topic = f"homeassistant/device/audio_{stream(database)}/config"
    running = publisher(database, broker)
    running.start()
    reader.until(topic, lambda found: len(found) == 1)
    reader.publish("homeassistant/status", "online")
    reader.until(topic, lambda found: len(found) == 2)
    running.stop()


def test_a_stream_that_is_gone_leaves_nothing(
    database: Database, broker: Broker, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_STREAMS_SECONDS", 0.0)
    client_id = stream(database)
    running = publisher(database, broker)
    running.start()
    reader.until(f"homeassistant/device/audio_{client_id}/config", bool)
    with database.write() as connection:
        connection.execute(STREAMS.delete())
    for topic in (f"homeassistant/device/audio_{client_id}/config", f"audio/{client_id}/sound"):
        reader.until(topic, lambda found: found[-1] == "")
    running.stop()


def test_a_broker_that_refuses_is_said_once_and_asked_again(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    refusing = Broker(tmp_path, "allow_anonymous false")
    running = publisher(database, refusing)
    asked: list[int] = []
    running._client.on_pre_connect = lambda *_: asked.append(1)
    running._client.reconnect_delay_set(1, 1)
    running.start()
    until(lambda: len(asked) > 2)
    refusing.kill()
    until(lambda: "cannot be reached" in caplog.text)
    running.stop()
    refused = [record.getMessage() for record in caplog.records if "refuses" in record.getMessage()]
    assert len(refused) == 1 and f"127.0.0.1:{refusing.port} refuses: Not authorized" in refused[0]


def test_names_are_those_of_the_house(database: Database, broker: Broker, reader: Reader) -> None:
    """A prefix of several parts, in any script, with what an URL would not take."""
    client_id = stream(database)
    running = Mqtt(database, broker.url, prefix="Küche/Gerät %41?/", discovery="", root="")
    running.start()
    reader.until(f"Küche/Gerät %41?/{client_id}/status", bool)
    assert not [topic for topic, _, _ in reader.messages if topic.startswith("homeassistant")]
    running.stop()


def test_a_new_name_is_told_and_the_ids_stay(
    database: Database, broker: Broker, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_STREAMS_SECONDS", 0.0)
    client_id = stream(database)
    topic = f"homeassistant/device/audio_{client_id}/config"
    running = publisher(database, broker)
    running.start()
    reader.until(topic, bool)
    with database.write() as connection:
        connection.execute(STREAMS.update().values(name='Küche "2"'))
    first, second = map(json.loads, reader.until(topic, lambda found: len(found) == 2))
    assert (first["device"]["name"], second["device"]["name"]) == ("Store #2 entrance", 'Küche "2"')
    ids = [[part.get("unique_id") for part in one["components"].values()] for one in (first, second)]
    assert ids[0] == ids[1] and first["device"]["identifiers"] == second["device"]["identifiers"]
    running.stop()


@pytest.mark.parametrize("prefix", ["audio", "/audio/"])
def test_a_gateway_that_is_killed_leaves_its_last_will(
    database: Database, broker: Broker, reader: Reader, tmp_path: Path, prefix: str
) -> None:
    url = Settings(data_dir=str(tmp_path / "data")).database_url
    with subprocess.Popen([sys.executable, "-c", PROGRAM, url, broker.url, prefix]) as process:
        reader.until("audio/status", lambda found: found == ["online"])
        process.kill()
        reader.until("audio/status", lambda found: found == ["online", "offline"])
    assert ("audio/status", "offline", True) in Retained(broker).messages


@pytest.mark.parametrize("prefix", ["", "/", "a/#", "+", "$SYS", "a\0b", "x" * 1001])
def test_what_is_no_first_part_of_a_topic_is_refused(prefix: str, database: Database) -> None:
    with pytest.raises(BadInput, match="mqtt_prefix"):
        Mqtt(database, "mqtt://broker", prefix=prefix, discovery="", root="")
    if prefix:
        with pytest.raises(BadInput, match="mqtt_discovery"):
            Mqtt(database, "mqtt://broker", prefix="audio", discovery=prefix, root="")


@pytest.mark.parametrize(
    "url",
    ["", "http://x", "mqtt://", "broker:1883", "mqtt://b:99999", "mqtt://[::1", f"mqtt://{'x' * 64}", "mqtt://a..b"],
)
def test_what_is_no_broker_is_refused(url: str, database: Database) -> None:
    with pytest.raises(BadInput, match="mqtt_url"):
        Mqtt(database, url, prefix="audio", discovery="", root="")

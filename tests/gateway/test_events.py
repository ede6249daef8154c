"""What happened in a session, read back by the stream's own credentials."""

from __future__ import annotations

import time
import uuid
from pathlib import Path
from typing import Any

import pytest

from audio import wav
from audio.engine import idle
from audio.services import registry
from audio.stores import presence, sums
from tests.conftest import FIXTURES, RunningGateway, running_gateway
from tests.contract.client import Client

SOUNDS = wav.decode((FIXTURES / "sounds.wav").read_bytes())
VOICE = wav.decode((FIXTURES / "voice.wav").read_bytes())
SPEAKER = wav.decode((FIXTURES / "moving_speaker.wav").read_bytes())


def service(name: str, version: int = 1) -> Any:
    found = registry.get(name, version)
    assert found is not None
    return found


class Device:
    """A stream of its own, and what it sends."""

    def __init__(self, gateway: RunningGateway) -> None:
        self.gateway = gateway
        self.http = gateway.new_stream()
        self.client = Client(gateway.url, self.http)
        self.client_id = str(self.http.auth[0])  # type: ignore[index]
        self.session = str(uuid.uuid4())

    def send(self, name: str, pcm: Any, *, chunk: int = 8192, **given: Any) -> None:
        for i, part in enumerate(pcm.chunks(chunk)):
            state = {"session_id": self.session, "offset": i * chunk}
            self.client.answer(service(name), part, state=state, **given)

    def events(self, **query: Any) -> list[dict[str, Any]]:
        reply = self.http.get(f"{self.gateway.url}/api/1/events", params=query, timeout=10)
        assert reply.status_code == 200, reply.text
        found: list[dict[str, Any]] = reply.json()["events"]
        return found


@pytest.fixture
def device(gateway: RunningGateway) -> Device:
    return Device(gateway)


def test_sounds_go_on_and_off(device: Device) -> None:
    device.send("sound_detection", SOUNDS)
    online, *events = device.events()
    assert (online["type"], online["service"]) == ("stream_online", "")
    assert [e["type"] for e in events] == ["sound_on", "sound_off"] * 6
    assert {e["service"] for e in events} == {"sound_detection/1"}
    assert {e["stream"] for e in events} == {device.client_id}
    ids = [int(e["id"]) for e in events]
    assert ids == sorted(set(ids))
    for on, off in zip(events[::2], events[1::2], strict=True):
        assert on["time"] < off["time"]
        assert off["data"]["duration"] > 0.05
        assert on["data"]["session_id"] == device.session


def test_a_service_without_a_level_leaves_that_of_another(device: Device) -> None:
    """Each is noted for itself, whichever of them is heard first."""
    database = device.gateway.app.extensions["audio"].database
    for name, sound in (("voice_detection", VOICE), ("sound_detection", SOUNDS), ("voice_detection", VOICE)):
        device.session = str(uuid.uuid4())
        device.send(name, sound.chunks(8192)[0])
        device.gateway.app.extensions["audio"].runner._presence._noted.clear()
    with database.read() as connection:
        online, level = presence.state(connection, device.client_id)
    assert online and level is not None and -90 < level < 0


def test_a_voice_goes_on_and_off_where_it_is(device: Device) -> None:
    device.send("voice_detection", VOICE)
    events = [e for e in device.events() if e["service"]]
    assert [e["type"] for e in events] == ["voice_on", "voice_off"] * (len(events) // 2)
    assert 2.0 < events[1]["data"]["duration"] < 4.0


def test_a_moving_speaker_is_told_as_it_moves(device: Device) -> None:
    device.send("sound_localization", SPEAKER, baseline=0.2)
    yaws = [e["data"]["yaw"] for e in device.events(type="direction")]
    assert len(yaws) > 4
    assert yaws[0] > 0.7
    assert yaws[-1] < -0.4


def test_a_chunk_again_tells_nothing_again(device: Device) -> None:
    chunk = SOUNDS.chunks(2 * SOUNDS.rate)[0]
    for _ in range(3):
        device.client.answer(service("sound_detection"), chunk, state={"session_id": "s", "offset": 0})
    assert [e["type"] for e in device.events()] == ["stream_online", "sound_on", "sound_off"]


def test_what_is_not_to_be_stored_is_not(device: Device) -> None:
    device.send("sound_detection", SOUNDS, store=False)
    assert [e["type"] for e in device.events()] == ["stream_online"]
    assert device.client.refused(service("sound_detection"), SOUNDS, store="no")["field"] == "store"


def test_without_a_session_nothing_is_told(device: Device) -> None:
    device.client.answer(service("sound_detection"), SOUNDS)
    assert device.events() == []


def test_pages_lead_on_without_a_gap(device: Device) -> None:
    device.send("sound_detection", SOUNDS)
    every = device.events()
    url, found = f"{device.gateway.url}/api/1/events?limit=5", []
    while url:
        body = device.http.get(url, timeout=10).json()
        found += body["events"]
        url = body["next_page"]
    assert found == every
    assert device.events(after=every[2]["id"]) == every[3:]
    assert [e["type"] for e in device.events(type="sound_off, stream_online")] == ["stream_online", *["sound_off"] * 6]
    begin, *_, end = sorted(e["time"] for e in every)[3:9]
    assert device.events(from_date=begin, to_date=end) == [e for e in every if begin <= e["time"] < end]
    assert device.events(service="voice_detection/1") == []
    assert device.events(newest=1, limit=2) == every[-2:]


@pytest.mark.parametrize(
    ("name", "value"),
    [("after", "-1"), ("after", "x"), ("limit", "1.5"), ("newest", "2"), ("from_date", "yesterday"), ("to_date", "9")],
)
def test_bad_questions_are_named(device: Device, name: str, value: str) -> None:
    reply = device.http.get(f"{device.gateway.url}/api/1/events", params={name: value}, timeout=10)
    assert (reply.status_code, reply.json()["field"]) == (400, name)


def test_another_stream_sees_nothing(device: Device) -> None:
    device.send("sound_detection", SOUNDS)
    assert Device(device.gateway).events() == []


@pytest.fixture
def alone(tmp_path: Path) -> Any:
    with running_gateway(tmp_path / "data") as running:
        yield Device(running)


def test_every_on_has_its_off(alone: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    """A session that sends nothing more is closed at the time of its last chunk, once; one that goes on is not."""
    database = alone.gateway.app.extensions["audio"].database
    first = SOUNDS.chunks(int(1.4 * SOUNDS.rate))[0]  # amid the first sound, and told
    alone.client.answer(service("sound_detection"), first, state={"session_id": "s"})
    idle.close_sessions(alone.gateway.app.extensions["audio"].outbox.store, 600)
    assert [e["type"] for e in alone.events()] == ["stream_online", "sound_on"]
    later = time.time() + 120
    monkeypatch.setattr(idle.time, "time", lambda: later)
    for _ in range(2):
        idle.close_sessions(alone.gateway.app.extensions["audio"].outbox.store, 600)
        idle.take_offline(database)
    _, on, off, offline = alone.events()
    assert (off["type"], off["data"]["reason"], offline["type"]) == ("sound_off", "idle", "stream_offline")
    assert 0 < off["data"]["duration"] < 0.3
    assert on["time"] < off["time"]
    monkeypatch.undo()
    rest = SOUNDS.chunks(int(1.4 * SOUNDS.rate))[1]
    alone.client.answer(service("sound_detection"), rest, state={"session_id": "s"})
    assert len(alone.events()) == 4, "the end of what was closed is not told twice"


def test_sums_are_those_of_the_events(alone: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    database = alone.gateway.app.extensions["audio"].database
    alone.send("sound_detection", SOUNDS)
    alone.send("voice_detection", VOICE)
    later = time.time() + 120
    monkeypatch.setattr(idle.time, "time", lambda: later)
    idle.close_sessions(alone.gateway.app.extensions["audio"].outbox.store, 600)
    with database.read() as connection:
        found = sums.table(connection, alone.client_id, 0, 2**31)
    of = {name: found.services == i for i, name in enumerate(found.names)}
    numbers = found.numbers
    heard = {name: numbers[rows]["heard"].sum() for name, rows in of.items()}
    assert heard == pytest.approx({"sound_detection/1": SOUNDS.seconds, "voice_detection/1": VOICE.seconds})
    assert numbers[of["sound_detection/1"]]["sounds"].sum() == 6
    assert 4 < numbers[of["voice_detection/1"]]["voice"].sum() < 8
    assert abs(numbers[of["sound_detection/1"]]["levels"].sum() - SOUNDS.seconds * 10) < 25

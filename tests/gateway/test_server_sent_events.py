"""Events as they happen, over one open response."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from audio import wav
from audio.client.events import messages
from audio.gateway import auth
from audio.gateway import server_sent_events as module
from audio.services import registry
from audio.stores import events, streams
from audio.stores.events import Event
from tests.conftest import FIXTURES, RunningGateway, running_gateway
from tests.contract.client import Client
from tests.waiting import until

SOUNDS = wav.decode((FIXTURES / "sounds.wav").read_bytes())


class Device:
    def __init__(self, gateway: RunningGateway) -> None:
        self.gateway, self.http = gateway, gateway.new_stream()
        self.client = Client(gateway.url, self.http)
        self.client_id = str(self.http.auth[0])  # type: ignore[index]

    def happen(self, *kinds: str) -> None:
        """As another process would write it: nobody is told."""
        with self.gateway.app.extensions["audio"].database.write() as connection:
            events.add(connection, [Event(self.client_id, "dummy/1", kind, time.time(), {}) for kind in kinds])

    def hear(self) -> None:
        service = registry.get("sound_detection", 1)
        assert service is not None
        for chunk in SOUNDS.chunks(8192):
            self.client.answer(service, chunk, state={"session_id": "s"})

    @contextmanager
    def reading(self, headers: dict[str, str] | None = None, **query: Any) -> Iterator[Reading]:
        reply = self.http.get(
            f"{self.gateway.url}/api/1/events",
            params=query,
            headers={"Accept": "text/event-stream", **(headers or {})},
            stream=True,
            timeout=30,
        )
        reading = Reading(reply)
        try:
            yield reading
        finally:
            if reply.status_code == 200 and not reply.raw.closed:
                # Closing alone does nothing while another thread reads.
                with socket.socket(fileno=os.dup(reply.raw.fileno())) as connection, contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            reading.end()  # of two threads that close the same connection neither may do it
            reply.close()


class Reading:
    """What comes, in a thread of its own."""

    def __init__(self, reply: requests.Response) -> None:
        self.reply = reply
        self.came: list[tuple[str, Any]] = []
        self.ended = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        if reply.status_code == 200:
            self._thread.start()

    def end(self) -> None:
        """Wait for the end of what comes."""
        if self._thread.ident is not None:
            self._thread.join(30)

    def _read(self) -> None:
        try:
            for name, data in messages(self.reply.iter_lines(chunk_size=1, decode_unicode=True)):
                self.came.append((name, json.loads(data)))
        except (requests.RequestException, AttributeError, ValueError):
            pass
        finally:
            self.ended.set()

    def types(self, count: int) -> list[str]:
        return until(lambda: [name for name, _ in self.came if name != "state"], lambda found: len(found) >= count)


@pytest.fixture
def device(gateway: RunningGateway) -> Device:
    return Device(gateway)


def test_what_is_heard_is_told_as_it_happens(device: Device) -> None:
    with device.reading() as reading:
        assert reading.reply.headers["Content-Type"] == "text/event-stream"
        assert reading.reply.headers["X-Accel-Buffering"] == "no"
        device.hear()
        assert reading.types(13) == ["stream_online", *["sound_on", "sound_off"] * 6]
    listed = device.http.get(f"{device.gateway.url}/api/1/events", timeout=10).json()["events"]
    assert [event for _, event in reading.came] == listed, "both ways tell the same"


def test_without_asking_for_it_the_answer_is_a_page(device: Device) -> None:
    reply = device.http.get(f"{device.gateway.url}/api/1/events", timeout=10)
    assert reply.json() == {"events": [], "next_page": ""}


@pytest.mark.parametrize("by", ["header", "query"])
def test_what_came_meanwhile_is_replayed(device: Device, by: str) -> None:
    device.happen("one", "two", "three")
    first = device.http.get(f"{device.gateway.url}/api/1/events", timeout=10).json()["events"][0]["id"]
    headers, query = ({"Last-Event-ID": first}, {}) if by == "header" else ({}, {"after": first})
    with device.reading(headers, **query) as reading:
        assert reading.types(2) == ["two", "three"]
        device.happen("four")
        assert reading.types(3) == ["two", "three", "four"]


def test_more_than_a_page_is_replayed_whole(device: Device) -> None:
    device.happen(*["one"] * 1200)
    with device.reading(after=0) as reading:
        assert len(reading.types(1200)) == 1200
        device.happen("two")
        assert reading.types(1201)[-1] == "two"


def test_only_what_is_asked_for_and_ones_own(device: Device) -> None:
    other = Device(device.gateway)
    with device.reading(type="wanted,also") as reading:
        other.happen("wanted")
        device.happen("unwanted", "wanted", "also")
        assert reading.types(2) == ["wanted", "also"]
        assert {event["stream"] for _, event in reading.came} == {device.client_id}


def test_a_gap_is_told(tmp_path: Path) -> None:
    with running_gateway(tmp_path / "data") as gateway:
        device = Device(gateway)
        device.happen("one", "two", "three")
        with gateway.app.extensions["audio"].database.write() as connection:
            connection.exec_driver_sql("DELETE FROM events WHERE id < 3")
        with device.reading(after=1) as reading:
            assert reading.types(2) == ["gap", "three"]
            assert reading.came[0][1] == {"after": "1", "first": "3"}


def test_an_id_of_a_database_before_this_one_is_a_gap(tmp_path: Path) -> None:
    """Ids begin anew with a new one: who waited for higher ones would wait for long."""
    with running_gateway(tmp_path / "data") as gateway:
        device = Device(gateway)
        device.happen("one")
        with device.reading(after=2**53) as reading:
            reading.types(1)
            device.happen("two")
            assert reading.types(2) == ["gap", "two"]
            assert reading.came[0][1] == {"after": str(2**53), "first": "1"}


def test_how_it_is_just_now_is_told_to_who_asks(device: Device) -> None:
    with device.reading(live=1) as reading:
        for _ in range(50):
            device.hear()
            if any(name == "state" for name, _ in reading.came):
                break
        until(lambda: [state for name, state in reading.came if name == "state"])
        state = next(state for name, state in reading.came if name == "state")
        assert (state["stream"], state["service"], state["session_id"]) == (device.client_id, "sound_detection/1", "s")
        assert -100 < state["level"] < 0
        assert isinstance(state["sound"], bool)


@pytest.mark.parametrize("query", [{"after": "x"}, {"after": "-1"}])
def test_bad_questions_are_named(device: Device, query: dict[str, str]) -> None:
    with device.reading(**query) as reading:
        assert (reading.reply.status_code, reading.reply.json()["field"]) == (400, "after")


def test_who_is_nobody_reads_nothing(device: Device) -> None:
    device.http.auth = (device.client_id, "wrong")
    with device.reading() as reading:
        assert reading.reply.status_code == 401


def test_ten_are_enough_for_one_stream(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_EACH", 2)
    with device.reading(), device.reading():
        with device.reading() as third:
            assert (third.reply.status_code, third.reply.headers["Retry-After"]) == (503, "30")
        with Device(device.gateway).reading() as of_another:
            assert of_another.reply.status_code == 200

    def again() -> int:
        with device.reading() as reading:
            return reading.reply.status_code

    until(again, lambda status: status == 200)


def test_who_leaves_is_missed_at_once(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not with the next word that is sent: a page that is loaded again ten times has one reader."""
    monkeypatch.setattr(module, "_HEARTBEAT_SECONDS", 600.0)
    for _ in range(3 * module._EACH):
        with device.reading() as reading:
            if reading.reply.status_code == 503:  # one that has just left may not be gone yet
                until(lambda: _status(device), lambda status: status == 200, seconds=30)


def _status(device: Device) -> int:
    with device.reading() as reading:
        return reading.reply.status_code


def test_silence_is_told_too(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_HEARTBEAT_SECONDS", 0.05)
    reply = device.http.get(
        f"{device.gateway.url}/api/1/events", headers={"Accept": "text/event-stream"}, stream=True, timeout=30
    )
    lines = reply.iter_lines(chunk_size=1, decode_unicode=True)
    assert next(lines) == "retry: 3000"
    assert next(line for line in lines if line.startswith(": ")).endswith("Z")
    reply.close()


@pytest.mark.parametrize("change", [streams.revoke, streams.rotate])
def test_it_ends_with_its_credentials(
    device: Device, monkeypatch: pytest.MonkeyPatch, change: Callable[[Any, str], Any]
) -> None:
    monkeypatch.setattr(auth, "RECHECK_SECONDS", 0.05)
    other = Device(device.gateway)
    with device.reading() as reading, other.reading() as of_another:
        with device.gateway.app.extensions["audio"].database.write() as connection:
            change(connection, device.client_id)
        assert reading.ended.wait(30)
        other.happen("one")
        assert of_another.types(1) == ["one"]
    assert _status(device) == 401


def test_it_ends_after_its_time_and_with_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_gateway(tmp_path / "data") as gateway:
        device = Device(gateway)
        with device.reading() as reading:
            device.happen("one")
            reading.types(1)
            monkeypatch.setattr(module, "_LONGEST_SECONDS", 0.0)
            device.happen("two")
            assert reading.ended.wait(30)
            monkeypatch.undo()
        last = Reading(
            device.http.get(
                f"{gateway.url}/api/1/events", headers={"Accept": "text/event-stream"}, stream=True, timeout=30
            )
        )
    assert last.ended.wait(30)

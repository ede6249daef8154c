"""The SDK's streams: parts in over one connection, results out over another."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import sqlalchemy as sa

from audio import client as sdk
from audio import wav
from audio.gateway import auth
from audio.gateway import sdk_streams as module
from audio.gateway.mixed_replace import END
from audio.stores import sdk_streams as store
from audio.stores import streams
from audio.stores.tables import SDK_STREAMS
from tests.conftest import FIXTURES, RunningGateway, running_gateway
from tests.waiting import until

SOUNDS = wav.decode((FIXTURES / "sounds.wav").read_bytes())
CHUNKS = [wav.encode(chunk) for chunk in SOUNDS.chunks(8192)]


def service(gateway: RunningGateway, name: str) -> Any:
    there = sdk.connect(gateway.url, client_id=gateway.client_id, access_token=gateway.access_token)
    return there.services.get_service(name)


def create(gateway: RunningGateway, name: str = "sound_detection", **parameters: Any) -> dict[str, Any]:
    reply = gateway.http().post(f"{gateway.url}/services/{name}/1/streams", json=parameters, timeout=10)
    assert reply.status_code == 201, reply.text
    made: dict[str, Any] = reply.json()
    return made


def body(parts: list[tuple[dict[str, Any], str, bytes]], end: bytes = b"--myboundary--") -> Iterator[bytes]:
    for parameters, field, data in parts:
        yield (
            b"--myboundary\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\nX-Angus-DataField: %s\r\n"
            b"X-Angus-Parameters: %s\r\n\r\n" % (len(data), field.encode(), json.dumps(parameters).encode())
        )
        yield data
        yield b"\r\n"
    yield end


def send(gateway: RunningGateway, made: dict[str, Any], parts: Any) -> requests.Response:
    headers = {"Content-Type": "multipart/x-mixed-replace; boundary=myboundary"}
    return gateway.http().post(made["input"], data=parts, headers=headers, timeout=60)


def results(gateway: RunningGateway, made: dict[str, Any]) -> list[dict[str, Any]]:
    reply = gateway.http().get(made["output"], timeout=60)
    assert reply.status_code == 200, reply.text
    assert reply.headers["Content-Type"] == "multipart/x-mixed-replace; boundary=myboundary; charset=utf-8"
    assert reply.content.endswith(END)
    pieces = reply.content.split(b"--myboundary\r\nContent-Type: application/json\r\nContent-Length: ")[1:]
    found = []
    for piece in pieces:
        length, _, rest = piece.partition(b"\r\n\r\n")
        found.append(json.loads(rest[: int(length)]))
    return found


def test_every_part_gets_its_result_in_one_session(gateway: RunningGateway) -> None:
    there = service(gateway, "sound_detection")
    found = [json.loads(text) for text in there.stream({"sensitivity": 0.5}, (({}, "sound", c) for c in CHUNKS))]
    assert len(found) == len(CHUNKS)
    session = there.create_session()
    whole = there.process({"sound": SOUNDS, "sensitivity": 0.5}, session=session).result["events"]
    assert [e["time"] for r in found for e in r["events"]] == pytest.approx([e["time"] for e in whole], abs=1e-4)
    assert {r["status"] for r in found} == {201}


def test_a_result_comes_before_the_next_part_is_made(gateway: RunningGateway) -> None:
    came = threading.Semaphore(0)

    def one_after_the_other() -> Iterator[tuple[dict[str, Any], str, bytes]]:
        for i, chunk in enumerate(CHUNKS[:5]):
            assert i == 0 or came.acquire(timeout=30)
            yield {}, "sound", chunk

    count = 0
    for _ in service(gateway, "sound_detection").stream(data=one_after_the_other()):
        count += 1
        came.release()
    assert count == 5


def test_a_part_that_fails_is_told_and_the_stream_goes_on(gateway: RunningGateway) -> None:
    made = create(gateway, sensitivity=0.5)
    parts = [({}, "sound", CHUNKS[0]), ({}, "sound", b"no sound"), ({"sensitivity": 7}, "sound", CHUNKS[1])]
    sender = threading.Thread(target=send, args=(gateway, made, body([*parts, ({}, "sound", CHUNKS[1])])))
    sender.start()
    found = results(gateway, made)
    sender.join()
    assert [r["status"] for r in found] == [201, 400, 400, 201]
    assert (found[1]["code"], found[2]["field"]) == ("unsupported_format", "sensitivity")


def test_a_late_reader_gets_all(gateway: RunningGateway) -> None:
    made = create(gateway)
    assert send(gateway, made, body([({}, "sound", c) for c in CHUNKS[:4]])).status_code == 200
    assert len(results(gateway, made)) == 4


def test_a_service_without_files_takes_parameters_alone(gateway: RunningGateway) -> None:
    made = create(gateway, "dummy")
    send(gateway, made, body([({"echo": "Grüße"}, "", b""), ({}, "", b"")]))
    assert [r["echo"] for r in results(gateway, made)] == ["Grüße", "echo"]


def test_what_is_no_stream_is_refused(gateway: RunningGateway) -> None:
    made = create(gateway)
    assert send(gateway, made, iter([b"hello, this is no part"])).status_code == 400
    assert results(gateway, made) == [], "the output ends in any case"
    made = create(gateway)
    reply = gateway.http().post(made["input"], data=b"{}", headers={"Content-Type": "application/json"}, timeout=10)
    assert reply.status_code == 415
    assert gateway.http().get(made["input"], timeout=10).status_code == 405
    assert gateway.http().post(made["output"], timeout=10).status_code == 405


def test_of_another_client_there_is_none(gateway: RunningGateway) -> None:
    made, other = create(gateway), gateway.new_stream()
    unknown = made["url"].replace(made["uuid"], str(uuid.uuid4()))
    for url in (made["url"], made["output"], unknown, f"{unknown}/output"):
        assert other.get(url, timeout=10).status_code == 404
    assert requests.get(made["output"], timeout=10).status_code == 401
    assert gateway.http().get(made["url"], timeout=10).json()["input"] == made["input"]


@pytest.mark.parametrize("header", ["Bearer nobody", "Bearer a:b", "Basic YTpi", "Other x", ""])
def test_who_is_nobody_is_told_so(gateway: RunningGateway, header: str) -> None:
    made = create(gateway)
    headers = {"Authorization": header, "Cookie": "some=thing"}
    for reply in (
        requests.get(made["output"], headers=headers, timeout=10),
        requests.post(made["input"], headers=headers, data=b"", timeout=10),
    ):
        assert (reply.status_code, reply.json()["code"]) == (401, "unauthorized")
        scheme = "Bearer" if header.startswith("Bearer") else "Basic"
        assert reply.headers["WWW-Authenticate"].startswith(f'{scheme} realm="audio"')


def test_both_ways_end_with_the_credentials(gateway: RunningGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "RECHECK_SECONDS", 0.05)
    made, ended, http = _made_by_another(gateway), threading.Event(), gateway.http()
    http.auth = made["auth"]

    def parts() -> Iterator[bytes]:
        yield b"--myboundary\r\n"
        ended.wait(30)

    replies: list[requests.Response] = []
    headers = {"Content-Type": "multipart/x-mixed-replace; boundary=myboundary"}
    sender = threading.Thread(
        target=lambda: replies.append(http.post(made["input"], data=parts(), headers=headers, timeout=60))
    )
    with requests.get(made["output"], auth=made["auth"], stream=True, timeout=30) as output:
        sender.start()
        with gateway.app.extensions["audio"].database.write() as connection:
            streams.revoke(connection, made["auth"][0])
        assert output.content == END
    database = gateway.app.extensions["audio"].database

    def input_ended() -> bool:
        with database.read() as connection:
            state = store.state(connection, made["uuid"])
            return state is None or bool(state[0])

    until(input_ended)
    ended.set()
    sender.join(30)
    assert replies[0].status_code == 401


def _made_by_another(gateway: RunningGateway) -> dict[str, Any]:
    other = gateway.new_stream()
    made = other.post(f"{gateway.url}/services/dummy/1/streams", json={}, timeout=10).json()
    return {**made, "auth": other.auth}


def test_one_reader_at_a_time(gateway: RunningGateway) -> None:
    made = create(gateway)
    with gateway.http().get(made["output"], stream=True, timeout=10):
        second = gateway.http().get(made["output"], timeout=10)
        assert (second.status_code, second.json()["status"]) == (409, 409)
    gateway.http().delete(made["url"], timeout=10)


def test_a_stream_that_is_deleted_ends_its_output(gateway: RunningGateway) -> None:
    made, ended = create(gateway), threading.Event()

    def read() -> None:
        results(gateway, made)
        ended.set()

    threading.Thread(target=read).start()
    until(lambda: _reader(gateway, made["uuid"]))
    assert gateway.http().delete(made["url"], timeout=10).status_code == 204
    assert ended.wait(30)
    assert gateway.http().get(made["url"], timeout=10).status_code == 404


def _reader(gateway: RunningGateway, stream_id: str) -> bool:
    with gateway.app.extensions["audio"].database.read() as connection:
        return bool(connection.execute(sa.select(SDK_STREAMS.c.reader).where(SDK_STREAMS.c.id == stream_id)).scalar())


def test_what_nobody_reads_holds_the_input(gateway: RunningGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_RESULTS", 3)
    made = create(gateway, "dummy")
    sender = threading.Thread(target=send, args=(gateway, made, body([({}, "", b"")] * 10)))
    sender.start()
    database = gateway.app.extensions["audio"].database

    def waiting() -> int:
        with database.read() as connection:
            return store.waiting(connection, made["uuid"])[0]

    until(waiting, lambda count: count == 3)
    assert sender.is_alive()
    assert len(results(gateway, made)) == 10
    sender.join(30)
    assert not sender.is_alive()


def test_what_nobody_uses_is_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_gateway(tmp_path / "data") as gateway:
        made = create(gateway)
        later = time.time() + 120
        monkeypatch.setattr(store.time, "time", lambda: later)
        gateway.app.extensions["audio"].worker.tidy()
        monkeypatch.undo()
        assert gateway.http().get(made["url"], timeout=10).status_code == 404


@pytest.mark.parametrize("parameters", [{"state": 5}, {"state": {"session_id": ""}}])
def test_bad_parameters_are_refused(gateway: RunningGateway, parameters: dict[str, Any]) -> None:
    reply = gateway.http().post(f"{gateway.url}/services/dummy/1/streams", json=parameters, timeout=10)
    assert (reply.status_code, reply.json()["field"]) == (400, "state")

"""Two gateways on the same stores, each with a data directory of its own, as on two machines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import RunningGateway, running_gateway
from tests.gateway.client import WAV, Client, error
from tests.gateway.test_server_sent_events import Device
from tests.waiting import until


@pytest.fixture(scope="module")
def two(stores: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[RunningGateway]]:
    with ExitStack() as open_:
        folders = [tmp_path_factory.mktemp(name) for name in ("here", "there")]
        yield [open_.enter_context(running_gateway(folder, **stores)) for folder in folders]


@pytest.fixture
def clients(two: list[RunningGateway]) -> list[Client]:
    """One stream, at either."""
    http = two[0].new_stream()
    return [Client(gateway.url, http) for gateway in two]


def test_what_one_accepts_another_shows(clients: list[Client]) -> None:
    here, there = clients
    url = here.probe(state={"session_id": "s"}).json()["url"]
    assert there.ended(url.replace(here.root, there.root))["chunk"] == 1
    assert there.probe(state={"session_id": "s"}, **{"async": False}).json()["chunk"] == 2
    assert here.probe(state={"session_id": "s"}, **{"async": False}).json()["chunk"] == 3
    assert there.delete(url.replace(here.root, there.root)).status_code == 204
    error(here.get(url), 404, "not_found")


def test_a_blob_of_one_is_a_blob_of_another(clients: list[Client]) -> None:
    here, there = clients
    url = here.blob().json()["url"].replace(here.root, there.root)
    assert there.get(url).content == WAV
    job = there.http.post(there.jobs, json={"sound": url, "async": False}, timeout=30)
    assert job.json()["input_size"] == 250
    assert there.delete(url).status_code == 204
    assert here.get(url.replace(there.root, here.root)).status_code == 404


def test_events_of_one_are_told_by_another_at_once(
    two: list[RunningGateway], clients: list[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not by who looks now and then, and how a session is just now, too."""
    monkeypatch.setattr("audio.gateway.tail._LOOK_SECONDS", 3600.0)
    here, there = (Device(gateway) for gateway in two)
    there.http, there.client_id = here.http, here.client_id
    with there.reading(live=1) as reading:
        here.hear()
        assert reading.types(13) == ["stream_online", *["sound_on", "sound_off"] * 6]

        def live() -> bool:
            here.hear()
            return any(name == "state" for name, _ in reading.came)

        until(live)


def test_who_is_revoked_at_one_is_out_at_both(two: list[RunningGateway], clients: list[Client]) -> None:
    from audio.stores import streams

    assert [client.echo().status_code for client in clients] == [201, 201]
    with two[0].app.extensions["audio"].database.write() as connection:
        streams.revoke(connection, str(clients[0].http.auth[0]))  # type: ignore[index]
    for client in clients:
        until(client.echo, lambda reply: reply.status_code == 401)


def test_workers_of_two_machines_leave_each_other_their_jobs(two: list[RunningGateway], tmp_path: Path) -> None:
    """Neither takes the other for dead, whose lock file it cannot see."""
    workers = [gateway.app.extensions["audio"].worker for gateway in two]
    for worker in workers:
        assert worker._proof.living([other.owner for other in workers]) == {other.owner for other in workers}

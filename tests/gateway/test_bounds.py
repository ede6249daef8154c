"""What one client can take from the others, and what happens when all of it is taken."""

from __future__ import annotations

import errno
import json
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
import sqlalchemy as sa
from requests import Response

from audio.engine import failures
from audio.engine.budget import ByteBudget
from audio.errors import Busy
from audio.gateway import asgi
from audio.stores import jobs, outbox, sqlite
from audio.stores.blobs import BlobFiles
from audio.stores.database import Database
from audio.stores.lmdb_store import LmdbStore
from tests import probe
from tests.conftest import RunningGateway, running_gateway
from tests.gateway.client import TIMEOUT, WAV, Client, error
from tests.waiting import until


def test_all_places_taken(tmp_path: Path) -> None:
    """503 with Retry-After; asynchronous jobs are accepted still, and a free place is taken again."""
    with running_gateway(tmp_path, jobs_at_once=1, wait_seconds=0.05) as gateway:
        client = Client(gateway.url, gateway.http())
        thread = threading.Thread(target=lambda: client.probe(hold="place", **{"async": False}))
        thread.start()
        until(lambda: "place" in probe.STARTED)
        other = Client(gateway.url, gateway.new_stream())
        refused = other.probe(**{"async": False})
        error(refused, 503, "busy")
        assert int(refused.headers["Retry-After"]) >= 1
        assert other.echo().status_code == 201
        assert other.echo(**{"async": True}).status_code == 202
        assert other.get(f"{other.root}/health").status_code == 200
        probe.GO.set()
        thread.join()
        assert other.probe(**{"async": False}).status_code == 201


def test_who_finds_many_waiting_is_refused_at_once(tmp_path: Path) -> None:
    """While those that wait have all the time in the world."""
    with running_gateway(tmp_path, threads=4, jobs_at_once=1, wait_seconds=600.0) as gateway:
        client = Client(gateway.url, gateway.http())
        statuses: list[int] = []

        def ask() -> None:
            mine = Client(gateway.url, gateway.new_stream())
            statuses.append(mine.probe(hold="place", **{"async": False}).status_code)

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        waiting = gateway.app.extensions["audio"].runner._waiting
        until(lambda: "place" in probe.STARTED and waiting._value == 0)
        other = Client(gateway.url, gateway.new_stream())
        error(other.probe(**{"async": False}), 503, "busy")
        assert client.get(f"{client.root}/health").status_code == 200
        probe.GO.set()
        for thread in threads:
            thread.join()
        assert statuses == [201, 201, 201]


def test_a_failing_job_gives_its_place_back(tmp_path: Path) -> None:
    with running_gateway(tmp_path, jobs_at_once=1, wait_seconds=0.0) as gateway:
        client = Client(gateway.url, gateway.http())
        for _ in range(3):
            assert client.probe(fail="crash", **{"async": False}).status_code == 500
        assert client.echo().status_code == 201


def test_threads_that_end_leave_no_connection_open(tmp_path: Path) -> None:
    with closing(Database(f"sqlite:///{tmp_path / 'audio.db'}")) as database:
        for _ in range(5):
            thread = threading.Thread(target=database.read_prepared)
            thread.start()
            thread.join()
        assert database._direct.pool.checkedin() == 1


def test_closing_leaves_a_connection_that_is_in_use(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'audio.db'}")
    begun, closed = threading.Event(), threading.Event()
    answers: list[int] = []

    def use() -> None:
        with database.write_prepared() as direct:
            begun.set()
            closed.wait(TIMEOUT)
            answers.append(direct.connection.cursor().execute("SELECT 1").fetchone()[0])

    thread = threading.Thread(target=use)
    thread.start()
    assert begun.wait(TIMEOUT)
    database.close()
    closed.set()
    thread.join(TIMEOUT)
    assert answers == [1]


def test_memory() -> None:
    memory = ByteBudget(10)
    memory.take(6)
    with pytest.raises(Busy):
        memory.take(5)
    memory.take(4)
    memory.give(10)
    memory.take(10)


def test_bodies_of_all_requests_together(tmp_path: Path) -> None:
    """503 where more came at once than is held; what a request took is given back, however it ended."""
    with running_gateway(tmp_path, max_body_mb=1) as gateway:
        client = Client(gateway.url, gateway.http())
        memory = gateway.app.extensions["audio"].budget
        free = memory._free
        assert free == 4 * 2**20
        memory.take(free - 1000)
        kind = {"Content-Type": "application/json"}
        refused = client.http.post(client.dummy, data=b"x" * 2000, headers=kind, timeout=TIMEOUT)
        error(refused, 503, "busy")
        assert "Retry-After" in refused.headers
        assert client.echo().status_code == 201
        memory.give(free - 1000)
        client.probe(fail="crash", **{"async": False})
        client.probe(b"no sound")
        until(lambda: memory._free == free)


def test_a_blob_that_is_named_many_times_is_read_once(gateway: RunningGateway, client: Client) -> None:
    url = client.blob(b"x" * 500_000).json()["url"]
    memory = gateway.app.extensions["audio"].budget
    taken = []
    take = memory.take
    memory.take = lambda count: (taken.append(count), take(count))
    try:
        assert client.http.post(client.dummy, json={"async": False, "more": [url] * 5000}, timeout=TIMEOUT).ok
    finally:
        memory.take = take
    assert taken.count(500_000) == 1


def test_json_is_small(client: Client) -> None:
    large = json.dumps({"async": False, "more": "x" * 2**20})
    reply = client.http.post(client.dummy, data=large, headers={"Content-Type": "application/json"}, timeout=TIMEOUT)
    assert "1048576 bytes" in error(reply, 413, "too_large")["error"]
    files = {"meta": (None, large), "attachment://sound": ("s", WAV)}
    error(client.http.post(client.jobs, files=files, timeout=TIMEOUT), 413, "too_large")


def test_blobs_of_one_stream(tmp_path: Path) -> None:
    with running_gateway(tmp_path, blob_quota_mb=1) as gateway:
        client = Client(gateway.url, gateway.http())
        first = client.blob(b"x" * 600_000).json()["url"]
        assert "1 MiB together: DELETE some" in error(client.blob(b"x" * 600_000), 413, "too_large")["error"]
        files = [p for p in (tmp_path / "blobs").rglob("*") if p.is_file()]
        assert len(files) == 1
        assert Client(gateway.url, gateway.new_stream()).blob(b"x" * 600_000).status_code == 201
        client.delete(first)
        assert client.blob(b"x" * 600_000).status_code == 201


def test_results_of_one_stream(tmp_path: Path) -> None:
    with running_gateway(tmp_path, result_quota_mb=1) as gateway:
        client = Client(gateway.url, gateway.http())
        assert client.echo(echo="x" * 600_000).status_code == 201
        refused = client.echo(echo="x" * 600_000)
        assert "1 MiB that they may together" in error(refused, 429, "quota")["error"]
        assert int(refused.headers["Retry-After"]) >= 1
        assert client.echo(echo="x").status_code == 201
        assert Client(gateway.url, gateway.new_stream()).echo(echo="x" * 600_000).status_code == 201


def test_sessions_of_one_stream(tmp_path: Path) -> None:
    with running_gateway(tmp_path, session_quota=2) as gateway:
        client = Client(gateway.url, gateway.http())

        def ask(name: str) -> Response:
            return client.echo(state={"session_id": name})

        assert [ask(name).status_code for name in ("a", "b", "a")] == [201, 201, 201]
        assert "2 sessions" in error(ask("c"), 429, "quota")["error"]
        assert ask("b").status_code == 201


def test_who_asks_for_too_much_waits_for_the_refusal_which_takes_no_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And it comes at once where the gateway is being stopped."""
    monkeypatch.setattr(asgi, "_HELD_SECONDS", 600.0)
    refused: list[Response] = []
    with running_gateway(tmp_path, threads=1, session_quota=1) as gateway:
        client = Client(gateway.url, gateway.http())
        assert client.echo(state={"session_id": "a"}).status_code == 201
        greedy = Client(gateway.url, gateway.http())
        thread = threading.Thread(target=lambda: refused.append(greedy.echo(state={"session_id": "b"})))
        thread.start()
        metrics = gateway.app.extensions["audio"].metrics
        until(lambda: b'status="429"' in metrics.exposition())
        assert client.echo(state={"session_id": "a"}, **{"async": False}).status_code == 201
        assert not refused
    thread.join()
    error(refused[0], 429, "quota")


def test_jobs_are_taken_in_turn_between_streams(tmp_path: Path) -> None:
    """Thirty of one stream wait: that of another comes next, and each stream's own in their order."""
    with running_gateway(tmp_path, async_workers=1) as gateway:
        greedy, polite = Client(gateway.url, gateway.http()), Client(gateway.url, gateway.new_stream())
        first = [greedy.probe(hold="turn").json()["url"] for _ in range(30)]
        until(lambda: "turn" in probe.STARTED)
        later = polite.echo(**{"async": True}).json()["url"]
        probe.GO.set()
        assert [greedy.ended(url)["status"] for url in first] == [201] * 30
        assert polite.ended(later)["status"] == 201
        with closing(sqlite3.connect(tmp_path / "audio.db")) as database:
            order = [row[0] for row in database.execute("SELECT id FROM jobs ORDER BY ended_at")]
        ids = [url.rpartition("/")[2] for url in (*first, later)]
        assert order == [ids[0], ids[-1], *ids[1:-1]]


@pytest.mark.parametrize(
    "error_", [OSError(errno.ENOSPC, "No space"), sqlite3.OperationalError("database or disk is full")]
)
def test_a_full_disk_is_said(
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error_: Exception,
) -> None:
    if isinstance(error_, sqlite3.Error):
        error_ = sa.exc.OperationalError("INSERT", {}, error_)

    def full(*_args: object, **_more: object) -> None:
        raise error_

    monkeypatch.setattr("audio.engine.failures.FULL", failures.Now("the disk is full"))
    monkeypatch.setattr(LmdbStore, "commit", full)
    monkeypatch.setattr(jobs, "add_queued", full)
    for waits in (False, True, False):
        assert "no space" in error(client.echo(**{"async": waits}), 507, "no_space")["error"]
    assert len([r for r in caplog.records if "disk" in r.message]) == 1
    assert all(r.exc_info is None for r in caplog.records)


def test_what_the_full_disk_keeps_from_the_database_is_there_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New jobs are refused until the accepted ones are written; those that were written before can be read."""
    with running_gateway(tmp_path) as gateway:
        client = Client(gateway.url, gateway.http())
        other = Client(gateway.url, gateway.new_stream())
        before = client.echo().json()["url"]
        assert client.get(before).status_code == 200
        with monkeypatch.context() as patch:
            no_room = sa.exc.OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))
            patch.setattr(jobs, "add_all_ended", Mock(side_effect=no_room))
            accepted = client.echo().json()["url"]
            until(lambda: client.echo().status_code, lambda status: status == 507)
            assert [client.get(url).status_code for url in (before, accepted)] == [200, 200]
            assert other.get(accepted).status_code == 404
        assert client.echo().status_code == 201, "at once, when there is space"
        assert client.get(accepted).json()["status"] == 201


def test_what_cannot_be_written_holds_up_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with running_gateway(tmp_path) as gateway:
        client = Client(gateway.url, gateway.http())
        store = gateway.app.extensions["audio"].outbox.store
        monkeypatch.setattr(outbox, "ended", lambda id_, client_id, *_: ("ended", id_, client_id))
        client.echo()
        monkeypatch.undo()
        made = [client.echo().json()["url"] for _ in range(3)]
        assert [client.get(url).status_code for url in made] == [200] * 3
        assert not store.waits()
        assert "cannot be written, and is lost" in caplog.text


def test_health_tells_of_a_full_disk(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(free=0))
    reply = client.get(f"{client.root}/health")
    assert (reply.status_code, "no space" in reply.json()["error"]) == (503, True)


def test_half_a_blob_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> None:
        with path.open("wb") as file:
            file.write(data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        BlobFiles(tmp_path).write("ab" * 16, b"x" * 1000)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_a_database_that_is_locked_is_503(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And said to be so; synchronous jobs and the reading of what is there go on meanwhile."""
    prepare = sqlite.prepare

    def impatient(connection: sqlite3.Connection, record: object) -> None:
        prepare(connection, record)
        connection.execute("PRAGMA busy_timeout=1")

    monkeypatch.setattr(sqlite, "prepare", impatient)
    with running_gateway(tmp_path) as gateway:
        client = Client(gateway.url, gateway.http())
        job = client.echo().json()["url"]
        assert client.get(job).status_code == 200
        with sqlite3.connect(tmp_path / "audio.db") as other:
            other.execute("BEGIN IMMEDIATE")
            for refused in (client.echo(**{"async": True}), client.blob(), client.delete(job)):
                error(refused, 503, "busy")
                assert int(refused.headers["Retry-After"]) >= 1
            accepted = client.echo()
            assert accepted.status_code == 201
            assert client.get(job).status_code == 200
            error(client.get(accepted.json()["url"]), 503, "busy")
            other.rollback()
        assert client.echo().status_code == 201
        assert client.get(accepted.json()["url"]).status_code == 200
        assert len([p for p in (tmp_path / "blobs").rglob("*") if p.is_file()]) == 0
        other.close()


def test_health_tells_of_a_dead_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_gateway(tmp_path) as gateway:
        client = Client(gateway.url, gateway.http())
        assert client.get(f"{client.root}/health").json()["status"] == "ok"
        database = gateway.app.extensions["audio"].database

        def broken() -> object:
            raise sa.exc.OperationalError("SELECT 1", {}, Exception("disk I/O error"))

        monkeypatch.setattr(database, "read", broken)
        reply = client.get(f"{client.root}/health")
        assert (reply.status_code, reply.json()["status"]) == (503, "unavailable")

"""What a server of several machines has to be asked for, and what happens when it is not there."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa

from audio.engine import failures
from audio.engine.config import Settings
from audio.engine.prepare import prepare
from audio.engine.proof import SharedProof, post
from audio.errors import AudioError
from audio.stores import events, jobs
from audio.stores.database import Database, is_gone
from audio.stores.events import Event
from audio.stores.postgresql import Locks
from tests import servers
from tests.conftest import running_gateway
from tests.gateway.client import Client, error
from tests.servers import Postgres
from tests.waiting import until


@pytest.fixture
def url(postgres: Postgres) -> str:
    return Settings(data_dir=".", database=postgres.fresh()).database_url


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = Database(url)
    yield opened
    opened.close()


def told(kind: str) -> Event:
    return Event("device", "", kind, 1.0, {})


def test_ids_of_events_grow_by_commit(database: Database, url: str) -> None:
    """A second writer gets its number when the first has committed, however many that one still takes."""
    other = Database(url)
    begun = threading.Event()

    def write() -> None:
        begun.set()
        with other.write_prepared() as connection:
            events.add(connection, [told("second")])

    with database.write() as connection:
        events.add(connection, [told("first")])
        late = threading.Thread(target=write)
        late.start()
        assert begun.wait(30)
        until(lambda: _waits(database))
        with database.read() as reader:
            assert events.read(reader, None) == []
        events.add(connection, [told("first again")])
    late.join()
    with database.read() as reader:
        found = events.read(reader, None)
    assert [event.type for event in found] == ["first", "first again", "second"]
    other.close()


def _waits(database: Database) -> bool:
    query = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'advisory'"
    with database.read() as connection:
        return bool(connection.execute(sa.text(query)).scalar())


def test_what_an_exception_leaves_is_not_written(database: Database) -> None:
    for write in (database.write, database.write_prepared):
        with pytest.raises(ZeroDivisionError), write() as connection:
            events.add(connection, [told("never")])
            raise ZeroDivisionError
    with database.read() as reader:
        assert events.read(reader, None) == []


def test_numbers_are_large_enough(database: Database) -> None:
    with database.write() as connection:
        connection.execute(sa.text("SELECT setval('events_id_seq', 3000000000), setval('jobs_seq_seq', 3000000000)"))
        events.add(connection, [told("late")])
        late = {
            "id": "late",
            "client_id": "device",
            "service": "s",
            "version": 1,
            "result": "{}",
            "ended_at": time.time(),
        }
        jobs.add_all_ended(connection, [late])
    with database.read() as reader:
        assert events.newest(reader) == 3000000001
        found = jobs.page(reader, "device", "s", 1, status=10**14, before=None, limit=5, seconds=9)
        assert (found, len(events.read(reader, ["device"], after=2999999999))) == ([], 1)


def test_two_start_at_once(postgres: Postgres, tmp_path: Path) -> None:
    """On a database without tables: one of them makes them."""
    bare = postgres.bare()
    failed: list[BaseException] = []

    def begin(name: str) -> None:
        try:
            prepare(Settings(data_dir=str(tmp_path / name), database=bare))
        except BaseException as exc:  # noqa: BLE001
            failed.append(exc)

    threads = [threading.Thread(target=begin, args=(str(i),)) for i in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_a_lock_ends_with_its_connection(url: str) -> None:
    first, second = Locks(url), Locks(url)
    assert first.hold("worker")
    assert not second.hold("worker")
    assert second.held(["worker", "nobody"]) == {"worker"}
    assert second.renew()
    first.close()
    until(lambda: second.held(["worker"]), lambda found: not found)
    assert second.hold("worker")
    second.close()


def test_what_a_dead_worker_ran_is_taken_up_on_another_machine(database: Database, url: str, tmp_path: Path) -> None:
    """And nothing of one that lives, whose lock file is not to be seen from here."""
    here, there = SharedProof(tmp_path / "here", "a", url), SharedProof(tmp_path / "there", "b", url)
    assert here.living(["a", "b", "c"]) == {"a", "b"}
    there.end()
    until(lambda: here.living(["a", "b", "c"]), lambda found: found == {"a"})
    here.end()


def test_one_of_all_has_a_post(url: str, tmp_path: Path) -> None:
    settings = [Settings(data_dir=str(tmp_path / name), database=url) for name in ("here", "there")]
    here, there = (post(one, "publishers") for one in settings)
    assert (here.mine(), there.mine(), here.mine()) == (True, False, True)
    here.leave()
    until(there.mine)
    there.leave()


def test_a_restart_of_the_server_is_outlived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """503 for what needs it while it is gone, and health says so; then all goes on by itself."""
    monkeypatch.setattr("audio.engine.failures.GONE", failures.Now("gone"))
    monkeypatch.setattr("audio.engine.worker._CARE_SECONDS", 0.05)
    with servers.postgres() as server, running_gateway(tmp_path / "data", database=server.fresh()) as gateway:
        client = Client(gateway.url, gateway.http())
        job = client.echo(**{"async": True}).json()["url"]
        assert client.ended(job)["status"] == 201
        server.stop()
        for refused in (client.echo(**{"async": True}), client.get(job)):
            assert "does not answer" in error(refused, 503, "busy")["error"]
            assert int(refused.headers["Retry-After"]) >= 1
        health = requests.get(f"{gateway.url}/health", timeout=30)
        assert (health.status_code, "database" in health.json()["error"]) == (503, True)
        server.start()
        until(lambda: requests.get(f"{gateway.url}/health", timeout=30).status_code, lambda status: status == 200)
        until(lambda: client.echo().status_code, lambda status: status == 201)
        assert client.get(job).json()["status"] == 201
        again = until(lambda: client.echo(**{"async": True}), lambda reply: reply.status_code == 202)
        assert client.ended(again.json()["url"])["status"] == 201
        owner = gateway.app.extensions["audio"].worker.owner
        locks = Locks(gateway.settings.database_url)
        until(lambda: locks.held([owner]), lambda found: found == {owner})
        locks.close()


def test_a_server_that_is_not_there_is_said(tmp_path: Path) -> None:
    url = f"postgresql://audio:secret@/audio?host={tmp_path}"
    with pytest.raises(AudioError, match="The database of AUDIO_DATABASE cannot be used") as caught:
        prepare(Settings(data_dir=str(tmp_path), database=url))
    assert "secret" not in caught.value.message
    nobody = Database(Settings(data_dir=".", database=url).database_url)
    for use in (nobody.read, nobody.write, nobody.write_prepared):
        with pytest.raises(sa.exc.OperationalError) as failed, use():
            pass
        assert is_gone(failed.value)

"""What lasts, what is forgotten, and when: with a clock that the tests move."""

from __future__ import annotations

import os
import time
import uuid
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

import audio
from audio.engine import runner
from audio.services import code
from audio.stores import blobs, jobs, outbox, sessions
from audio.stores.database import Database, migrate
from audio.stores.session_store import Key
from audio.stores.tables import JOBS
from tests import probe
from tests.conftest import RunningGateway, running_gateway
from tests.gateway.client import WAV, Client, error
from tests.waiting import until


class Clock:
    """time.time of the stores and of what writes sessions, moved on by the tests."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def time(self) -> float:
        return time.time() + self.ahead


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    moved = Clock()
    for module in (blobs, jobs, outbox, sessions, runner):
        monkeypatch.setattr(module, "time", moved)
    return moved


def tidy(gateway: RunningGateway) -> None:
    gateway.app.extensions["audio"].worker.tidy()


def rows(gateway: RunningGateway, table: str) -> int:
    with gateway.app.extensions["audio"].database.read() as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar())


def test_results_are_forgotten(tmp_path: Path, clock: Clock) -> None:
    with running_gateway(tmp_path, result_seconds=100) as gateway:
        client = Client(gateway.url, gateway.http())
        old = client.probe(**{"async": False}).json()["url"]
        later = client.probe().json()["url"]
        client.ended(later)
        clock.ahead = 90
        young = client.probe(**{"async": False}).json()["url"]
        waiting = client.probe(hold="for long").json()["url"]
        until(lambda: "for long" in probe.STARTED)
        assert client.get(old).status_code == 200
        clock.ahead = 150
        # Forgotten at once, whenever the housekeeping comes.
        error(client.get(old), 404, "not_found")
        error(client.get(later), 404, "not_found")
        assert client.listed() == [waiting.rpartition("/")[2], young.rpartition("/")[2]]
        tidy(gateway)
        assert rows(gateway, "jobs") == 2
        clock.ahead = 1000
        tidy(gateway)
        # What has not ended is kept.
        assert client.listed() == [waiting.rpartition("/")[2]]
        probe.GO.set()
        assert client.ended(waiting)["status"] == 201


def test_idle_sessions_are_forgotten(tmp_path: Path, clock: Clock) -> None:
    with running_gateway(tmp_path, session_seconds=100) as gateway:
        client = Client(gateway.url, gateway.http())

        def chunk(name: str) -> int:
            return int(client.probe(state={"session_id": name}, **{"async": False}).json()["chunk"])

        assert [chunk("a"), chunk("b")] == [1, 1]
        clock.ahead = 90
        assert chunk("a") == 2
        clock.ahead = 150
        assert [chunk("a"), chunk("b")] == [3, 1]
        clock.ahead = 1000
        store = gateway.app.extensions["audio"].outbox.store
        keys = [Key(gateway.client_id, "probe", 1, session_id) for session_id in "ab"]
        assert all(store.load(key) for key in keys)
        tidy(gateway)
        assert not any(store.load(key) for key in keys)
        assert chunk("a") == 1


def test_a_session_of_another_release_begins_afresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a service keeps may have changed, and the old state would fail every chunk."""
    with running_gateway(tmp_path) as gateway:
        client = Client(gateway.url, gateway.http())

        def chunk() -> int:
            return int(client.probe(state={"session_id": "s"}, **{"async": False}).json()["chunk"])

        assert [chunk(), chunk()] == [1, 2]
        monkeypatch.setattr(audio, "__version__", "another")
        assert [chunk(), chunk()] == [1, 2]
        monkeypatch.setattr(code, "digest", lambda _: "other code of the same release")
        assert [chunk(), chunk()] == [1, 2]


def test_an_idle_session_may_have_another_rate(tmp_path: Path, clock: Clock) -> None:
    with running_gateway(tmp_path, session_seconds=100) as gateway:
        client = Client(gateway.url, gateway.http())
        state = {"session_id": "s", "offset": 0}
        other = WAV[:24] + (16000).to_bytes(4, "little") + WAV[28:]
        assert client.probe(state=state, **{"async": False}).status_code == 201
        error(client.probe(other, state=state, **{"async": False}), 409, "session_conflict")
        clock.ahead = 101
        assert client.probe(other, state=state, **{"async": False}).status_code == 201


def test_blobs_are_forgotten(tmp_path: Path, clock: Clock) -> None:
    with running_gateway(tmp_path, blob_seconds=100) as gateway:
        client = Client(gateway.url, gateway.http())
        old = client.blob().json()["url"]
        clock.ahead = 90
        young = client.blob().json()["url"]
        clock.ahead = 101
        tidy(gateway)
        error(client.get(old), 404, "not_found")
        assert client.get(young).content == WAV
        assert len([p for p in (tmp_path / "blobs").rglob("*") if p.is_file()]) == 1


def test_the_list_of_what_has_ended_is_tidied_in_pieces(tmp_path: Path, clock: Clock) -> None:
    with running_gateway(tmp_path, result_seconds=100) as gateway:
        client = Client(gateway.url, gateway.http())
        for _ in range(5):
            client.echo()
        clock.ahead = 101
        with gateway.app.extensions["audio"].database.write() as connection:
            assert jobs.forget_ended(connection, 100, limit=3) == 3
            assert jobs.forget_ended(connection, 100, limit=3) == 2


def test_no_request_waits_for_the_log_to_be_emptied(tmp_path: Path) -> None:
    """It is 16 MB long here, where SQLite would have emptied it four times."""
    large = "x" * 1_000_000
    log = tmp_path / "audio.db-wal"
    url = f"sqlite:///{tmp_path / 'audio.db'}"
    migrate(url, tmp_path)
    with closing(Database(url)) as database:

        def write(count: int) -> None:
            for _ in range(count):
                values = {"id": str(uuid.uuid4()), "client_id": "c", "service": "s", "version": 1, "result": large}
                values["ended_at"] = time.time()
                with database.write_prepared() as connection:
                    jobs.add_all_ended(connection, [values])

        write(16)
        longest = log.stat().st_size
        assert longest > 16_000_000
        database.empty_log()
        write(15)
        assert log.stat().st_size == longest, "the log did not begin anew"


def test_what_is_large_stands_last_in_a_row(tmp_path: Path) -> None:
    """Housekeeping looks at the times of thousands of jobs: it must not have to read their results."""
    with running_gateway(tmp_path) as gateway, gateway.app.extensions["audio"].database.read() as connection:
        names = [column["name"] for column in sa.inspect(connection).get_columns("jobs")]
        assert names == [column.name for column in JOBS.columns]
        assert names[-2:] == ["request", "result"]


def test_what_is_left_of_a_cut_upload_is_removed(tmp_path: Path) -> None:
    with running_gateway(tmp_path) as gateway:
        client = Client(gateway.url, gateway.http())
        url = client.blob().json()["url"]
        (kept,) = (p for p in (tmp_path / "blobs").rglob("*") if p.is_file())
        os.utime(kept, (time.time() - 4000,) * 2)
        for name, age in (("aa-stray", 4000), ("aa-stray.part", 4000), ("aa-young.part", 10)):
            path = tmp_path / "blobs" / "aa" / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"x")
            os.utime(path, (time.time() - age,) * 2)
        # What another worker removes at the same moment is seen, and not there.
        (path.parent / "aa-gone").symlink_to("nowhere")
        gateway.app.extensions["audio"].worker.remove_strays()
        assert client.get(url).content == WAV
        left = {p.name for p in path.parent.iterdir()} - {kept.name}
        assert left == {"aa-young.part", "aa-gone"}


def test_a_restart_keeps_everything(tmp_path: Path) -> None:
    with running_gateway(tmp_path) as first:
        client = Client(first.url, first.http())
        job = client.probe(state={"session_id": "s"}, **{"async": False}).json()
        blob = client.blob().json()["url"]
        held = client.probe(hold="at the end").json()["url"]
        until(lambda: "at the end" in probe.STARTED)
        queued = client.probe(state={"session_id": "s"}).json()["url"]
        port = int(first.url.rpartition(":")[2])
    probe.GO.set()
    with running_gateway(tmp_path, port=port) as second:
        assert client.get(job["url"]).json() == job
        assert client.get(blob).content == WAV
        assert client.ended(queued)["chunk"] == 2
        assert client.ended(held)["status"] == 201
        assert client.probe(sound=WAV, state={"session_id": "s"}, **{"async": False}).json()["chunk"] == 3
        assert second.url == first.url

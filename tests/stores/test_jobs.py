"""Whose turn it is among asynchronous jobs, and how many wait, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from audio.engine.config import Settings
from audio.stores import jobs
from audio.stores.database import Database, migrate


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    shared = request.getfixturevalue("postgres").fresh() if request.param == "postgresql" else ""
    url = Settings(data_dir=str(tmp_path), database=shared).database_url
    migrate(url, tmp_path)
    opened = Database(url)
    yield opened
    opened.close()


def accept(database: Database, id: str, client_id: str, session_id: str | None = None, version: int = 1) -> None:
    with database.write_prepared() as connection:
        jobs.add_queued(
            connection,
            id=id,
            client_id=client_id,
            service="s",
            version=version,
            session_id=session_id,
            request=b"1234",
        )


def next_up(database: Database, **served: int) -> list[str]:
    """Their ids, in whose order they would be taken."""
    found = jobs.next_up(database.read_prepared(), served)
    with database.read() as connection:
        ids = {row.seq: row.id for row in connection.execute(sa.select(jobs.JOBS.c.seq, jobs.JOBS.c.id))}
    return [ids[seq] for seq in found]


def take(database: Database, owner: str = "worker", **served: int) -> str:
    """Claim what is next."""
    with database.write() as connection:
        (seq, *_) = jobs.next_up(database.read_prepared(), served)
        job = jobs.claim(connection, owner, seq)
    assert job is not None
    return job.id


def test_of_a_session_one_runs_at_a_time_and_in_order_also_when_it_was_put_back(database: Database) -> None:
    assert next_up(database) == []
    for id, session in (("first", "a"), ("second", "a"), ("other session", "b"), ("alone", None)):
        accept(database, id, "one", session)
    assert take(database) == "first"
    assert take(database, "dead") == "other session"
    assert take(database) == "alone"
    assert next_up(database) == []
    accept(database, "later", "one", "b")
    with database.write() as connection:
        assert jobs.put_back(connection, "dead") == 1
    assert take(database) == "other session"
    assert next_up(database) == []
    with database.write() as connection:
        assert jobs.end(connection, "first", "worker", 201, "{}", 1.0)
    assert next_up(database) == ["second"]


def test_a_session_is_of_one_stream_service_and_version(database: Database) -> None:
    accept(database, "first", "one", "a")
    assert take(database) == "first"
    accept(database, "other version", "one", "a", version=2)
    accept(database, "other stream", "two", "a")
    assert next_up(database) == ["other version", "other stream"]


def test_who_was_served_longest_ago_comes_first(database: Database) -> None:
    for id, client in (("a", "one"), ("b", "one"), ("c", "two"), ("d", "three")):
        accept(database, id, client, None)
    assert next_up(database) == ["a", "c", "d"]
    assert next_up(database, one=2, two=1) == ["d", "c", "a"]


def test_how_many_wait_is_counted_without_a_look_at_those_that_ended(database: Database) -> None:
    for id, client in (("a", "one"), ("b", "one"), ("c", "two")):
        accept(database, id, client)
    assert take(database) == "a"
    with database.read() as connection:
        assert jobs.waiting(connection, "one") == (2, 8)
        assert jobs.waiting(connection, "nobody") == (0, 0)
    with database.write() as connection:
        assert jobs.end(connection, "a", "worker", 201, "{}", 1.0)
    with database.read() as connection:
        assert jobs.waiting(connection, "one") == (1, 4)
        if connection.dialect.name == "sqlite":
            text, constants, order = jobs._WAITING._compile(connection.dialect)
            assert order is not None
            values = tuple({**constants, "k_client_id": "one"}[name] for name in order)
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all()
            assert [row[-1] for row in plan] == ["SCAN jobs USING INDEX open_jobs"]

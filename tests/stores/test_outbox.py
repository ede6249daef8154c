"""From the store of sessions into the database: all of it, once, however the process ends."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import sqlalchemy as sa
from hypothesis import strategies as st

from audio.engine import erase, opening
from audio.engine.config import Settings
from audio.engine.prepare import prepare
from audio.stores import events, jobs, outbox, streams, sums, usage
from audio.stores.database import Database
from audio.stores.events import Event
from audio.stores.outbox import Outbox
from audio.stores.plans import Period
from audio.stores.sums import Sum
from audio.stores.tables import JOBS, STREAMS

CLIENT = "c" * 36
SERVICE = "sound_detection"
QUARTER = int(time.time() // 900)


def record(number: int) -> bytes:
    """What a chunk of a second makes: a job, usage, an event, a sum."""
    entries = [
        outbox.ended(f"job {number}", CLIENT, SERVICE, 1, f'{{"n":{number}}}'),
        outbox.used(CLIENT, SERVICE, 1.0, QUARTER * 900 + 1, None),
        outbox.told(Event(CLIENT, f"{SERVICE}/1", "sound_on", 1.0, {"n": number})),
        outbox.heard(CLIENT, f"{SERVICE}/1", Sum(QUARTER, 1.0, 0.5, 1, {number % 100: 10}, {3: 1})),
    ]
    return outbox.packed(entries)


def add_stream(settings: Settings) -> None:
    """The stream of these chunks."""
    database = Database(settings.database_url)
    with database.write() as connection:
        connection.execute(STREAMS.insert().values(client_id=CLIENT, name="room", token_hash="-", created_at=0.0))
    database.close()


def check(database: Database, made: list[int]) -> None:
    """The database has what those chunks made, once and in order."""
    with database.read() as connection:
        assert list(connection.execute(sa.select(JOBS.c.id).order_by(JOBS.c.seq)).scalars()) == [
            f"job {number}" for number in made
        ]
        found = events.read(connection, [CLIENT], limit=10_000)
        assert [event.data["n"] for event in found] == made
        found_sums = sums.of_service(connection, CLIENT, f"{SERVICE}/1", QUARTER, QUARTER + 1).sums()
        (one,) = found_sums if made else (Sum(0),)
        assert (one.heard, one.voice, one.sounds) == (len(made), len(made) / 2, len(made))
        assert sum(one.levels.values()) == 10 * len(made)
        seconds = usage.sums(connection, CLIENT, Period(QUARTER * 900, (QUARTER + 1) * 900, ""))
        assert seconds.get(SERVICE, 0.0) == len(made)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    chosen = Settings(data_dir=str(tmp_path))
    prepare(chosen)
    add_stream(chosen)
    return chosen


@pytest.fixture
def opened(settings: Settings) -> Iterator[tuple[Database, Outbox]]:
    with opening.database(settings) as both:
        yield both


def test_who_reads_finds_what_was_made_before(opened: tuple[Database, Outbox]) -> None:
    database, way = opened
    told = []
    way.announce = lambda: told.append(1)
    for number in range(1200):
        way.store.commit(record(number))
    with database.read(fresh=False) as connection:
        assert events.newest(connection) == 0
    check(database, list(range(1200)))
    assert told == [1]
    assert not way.store.waits()


def test_who_writes_comes_after_what_was_made_before(opened: tuple[Database, Outbox]) -> None:
    database, way = opened
    way.store.commit(record(0))
    with database.write() as connection:
        assert connection.execute(JOBS.delete()).rowcount == 1
        with database.read() as other:  # of the same thread, which must not wait for itself
            assert other.execute(sa.select(JOBS.c.id)).scalars().all() == []
    way.store.commit(record(1))
    with database.write_prepared() as direct:
        assert jobs.runs(direct, "job 1", "nobody") is False
        way.store.commit(record(2))
    assert not way.store.waits(), "what was made within it is written with it"


def test_a_chunk_that_ends_after_its_stream_was_deleted_leaves_nothing(opened: tuple[Database, Outbox]) -> None:
    database, way = opened
    way.store.commit(record(0))
    with database.write() as connection:
        other = streams.create(connection, "other room")
        erase.delete(connection, streams.find(connection, CLIENT)[0])
    lasting = outbox.ended("job of another", other.client_id, SERVICE, 1, "{}")
    way.store.commit(record(1))
    way.store.commit(outbox.packed([lasting]))
    with database.read() as connection:
        assert connection.execute(sa.select(JOBS.c.id)).scalars().all() == ["job of another"]
        assert events.read(connection, [CLIENT]) == []
        assert sums.of_service(connection, CLIENT, f"{SERVICE}/1", QUARTER, QUARTER + 1).sums() == []
        assert not usage.sums(connection, CLIENT, Period(QUARTER * 900, (QUARTER + 1) * 900, ""))
    assert not way.store.waits()


def test_a_transaction_that_fails_loses_nothing(opened: tuple[Database, Outbox]) -> None:
    database, way = opened
    way.store.commit(record(0))
    with pytest.raises(ZeroDivisionError), database.write():
        raise ZeroDivisionError
    assert way.store.waits()
    check(database, [0])


def test_a_process_that_ends_between_the_two_writes_nothing_twice(opened: tuple[Database, Outbox]) -> None:
    """The database has it, the store has not forgotten it yet."""
    database, way = opened
    for number in range(3):
        way.store.commit(record(number))
    forget = way.store.forget
    way.store.forget = lambda _upto: None  # type: ignore[method-assign]
    database.drain()
    assert way.store.waits()
    way.store.commit(record(3))
    database.drain()
    way.store.forget = forget  # type: ignore[method-assign]
    check(database, [0, 1, 2, 3])
    assert not way.store.waits()


def test_a_store_that_began_anew_is_not_taken_for_the_old_one(settings: Settings) -> None:
    with opening.database(settings) as (database, way):
        for number in range(50):
            way.store.commit(record(number))
        database.drain()
    for path in (Path(settings.data_dir) / opening.SESSIONS).iterdir():
        path.unlink()
    with opening.database(settings) as (database, way):
        way.store.commit(record(50))
        check(database, list(range(51)))


@hypothesis.given(st.lists(st.sampled_from(["chunk", "drain", "fail", "bad", "unforgotten"]), max_size=40))
@hypothesis.settings(max_examples=15)
def test_in_any_order(tmp_path_factory: pytest.TempPathFactory, steps: list[str]) -> None:
    chosen = Settings(data_dir=str(tmp_path_factory.mktemp("data")))
    prepare(chosen)
    add_stream(chosen)
    with opening.database(chosen) as (database, way):
        made: list[int] = []
        forget = way.store.forget
        for step in steps:
            if step == "chunk":
                made.append(len(made))
                way.store.commit(record(made[-1]))
            elif step == "bad":
                way.store.commit(outbox.packed([outbox.ended("x", CLIENT, SERVICE, 1, "{}"), ("nothing", 1)]))
            elif step == "fail":
                with pytest.raises(ZeroDivisionError), database.write():
                    raise ZeroDivisionError
            else:
                way.store.forget = forget if step == "drain" else (lambda _upto: None)  # type: ignore[method-assign]
                database.drain()
        way.store.forget = forget  # type: ignore[method-assign]
        check(database, made)


WRITER = """
import sys
from tests.stores import test_outbox
from tests.stores.test_outbox import *
test_outbox.QUARTER = int(sys.argv[3])
with opening.database(Settings(data_dir=sys.argv[1])) as (database, way):
    number = int(sys.argv[2])
    while True:
        way.store.commit(record(number))
        print(number, flush=True)
        number += 1
        if number % 7 == 0:
            database.drain()
"""


def test_killed_at_any_moment(settings: Settings) -> None:
    """Between a commit and its drain, amid either: what was told to be there is there, and once."""
    made: list[int] = []
    for _ in range(6):
        command = [sys.executable, "-c", WRITER, settings.data_dir, str(len(made)), str(QUARTER)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            least = random.Random(len(made)).randrange(1, 60)
            said = [int(child.stdout.readline()) for _ in range(least)]
            child.send_signal(signal.SIGKILL)
            said += [int(line) for line in child.stdout.read().split()]
        assert said == list(range(len(made), len(made) + len(said)))
        made += said
        with opening.database(settings) as (database, _), closing(database):
            database.drain()
            with database.read() as connection:
                count = len(events.read(connection, [CLIENT], limit=10_000))
            assert count - len(made) in (0, 1), "the last one may have been committed, and not told any more"
            made = list(range(count))
            check(database, made)


def test_usage_of_a_plan_with_a_limit(opened: tuple[Database, Outbox]) -> None:
    """The total of its period is that of its quarters, also where several chunks are added up first."""
    database, way = opened
    period = Period(QUARTER * 900 - 900, QUARTER * 900 + 900, "")
    plain: dict[str, Any] = {"client_id": CLIENT, "at": QUARTER * 900.0}
    for service, seconds, of in (("a", 1.0, None), ("a", 2.0, period), ("b", 4.0, period), ("a", 8.0, period)):
        way.store.commit(outbox.packed([outbox.used(service=service, seconds=seconds, period=of, **plain)]))
        if of is None:
            database.drain()
    with database.read() as connection:
        assert usage.of_period(connection, CLIENT, period) == {"a": 11.0, "b": 4.0}
        assert usage.sums(connection, CLIENT, period) == {"a": 11.0, "b": 4.0}

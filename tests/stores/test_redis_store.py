"""The store of sessions of several machines: all that the one of one machine does, and what a server does besides."""

from __future__ import annotations

import errno
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from audio.engine import opening
from audio.engine.config import Settings
from audio.engine.prepare import prepare
from audio.errors import Busy
from audio.stores import events, outbox, streams
from audio.stores.events import Event
from audio.stores.redis_store import RedisStore
from tests import servers
from tests.servers import Postgres, Redis
from tests.stores.test_lmdb_store import (
    KEY,
    change,
    numbers,
    racers,
    test_a_stream_has_so_many_sessions,  # noqa: F401
    test_every_key_is_its_own,  # noqa: F401
    test_idle_sessions,  # noqa: F401
    test_of_two_chunks_one_is_written,  # noqa: F401
    test_records_are_forgotten_up_to_a_number,  # noqa: F401
    test_the_sessions_of_a_stream_are_erased,  # noqa: F401
)


@pytest.fixture
def store(redis: Redis) -> Iterator[RedisStore]:
    redis.flush()
    with closing(RedisStore(redis.url, 60)) as opened:
        yield opened


def test_processes_that_race_and_one_that_is_killed(store: RedisStore, redis: Redis) -> None:
    """Each chunk once, in some order, with its record beside it: of the killed one as many as it committed."""
    both = racers(__name__, f"RedisStore({redis.url!r}, 60)")
    while len(store.records(0, 1000)) < 100:
        pass
    both[0].send_signal(signal.SIGKILL)
    for one in both:
        one.communicate(timeout=60)
    found = store.load(KEY)
    assert found is not None
    told = b"".join(record for _, record in store.records(0, 1000))
    assert told == found.content
    assert (told.count(b"b"), found.revision) == (300, len(told))


def test_a_server_that_lost_its_newest_writes_gives_no_number_twice(store: RedisStore, redis: Redis) -> None:
    for _ in range(3):
        store.commit(b"x")
    last, source = numbers(store)[-1], store.source
    redis.flush()
    store.commit(b"y")
    assert numbers(store)[0] > last
    with closing(RedisStore(redis.url, 60)) as again:
        assert again.source != source


def test_a_full_server_has_no_space() -> None:
    """What did not fit changed nothing; where something is forgotten, there is room again."""
    with servers.redis_server("--maxmemory", "8mb") as redis, closing(RedisStore(redis.url, 60)) as store:
        count = 0
        with pytest.raises(OSError, match="memory") as caught:
            while count < 200:
                key = KEY._replace(client_id=f"{count:036d}")
                store.commit(b"x", change(0, key, content=b"x" * 100_000))
                count += 1
        assert caught.value.errno == errno.ENOSPC
        assert len(numbers(store)) == count > 5
        store.erase([f"{n:036d}" for n in range(count // 2)])
        assert store.commit(b"x", change(0, content=b"x" * 100_000))


def test_a_server_that_is_away_is_said_and_found_again() -> None:
    with servers.redis_server() as redis, closing(RedisStore(redis.url, 60)) as store:
        assert store.commit(b"x", change(0))
        redis.stop()
        for _ in range(2):
            with pytest.raises(Busy, match="store of sessions"):
                store.load(KEY)
        redis.start()
        assert store.commit(b"x", change(0)), "with scripts that this server does not know"


def test_machines_that_write_into_one_database_at_once_write_each_record_once(
    postgres: Postgres, redis: Redis, tmp_path: Path, store: RedisStore
) -> None:
    """By whichever comes first, and in order."""
    settings = Settings(data_dir=str(tmp_path), database=postgres.fresh(), sessions=redis.url)
    prepare(settings)
    with opening.database(settings) as (here, _), opening.database(settings) as (there, _):
        with here.write() as connection:
            client_id = streams.create(connection, "room").client_id
        for number in range(40):
            entry = outbox.told(Event(client_id, "", str(number), 1.0, {}))
            assert store.commit(outbox.packed([entry]))
            if number % 3 == 0:
                (here, there)[number % 2].drain()
        there.drain()
        assert not store.waits()
        with here.read() as connection:
            found = events.read(connection, None)
    assert [event.type for event in found] == [str(number) for number in range(40)]

"""PostgreSQL, as the gateway uses it, for several machines.

Writers follow each other here too: each holds one advisory lock until its transaction ends. So what was read before it
is written is still so, and the same code is right on both databases. And ids grow by commit: a sequence alone gives
numbers that may be committed in another order, and who reads on behind the newest would pass over one.

A machine that loses its power leaves connections that hold locks: the server asks after them within half a minute.
"""

from __future__ import annotations

import hashlib
import select
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

_WRITER, _MIGRATION = 0x617564696F01, 0x617564696F02  # chosen: numbers of advisory locks
BEGIN = f"BEGIN; SELECT pg_advisory_xact_lock({_WRITER})"
_LOCK_MS = 20_000  # as long as SQLite's writers wait
# When either end asks for a sign of life, how often, and when it gives the connection up.
_KEEPALIVES = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
_USER_TIMEOUT = {"tcp_user_timeout": 25_000}
_ALIVE = {
    **{f"tcp_{name}": value for name, value in _KEEPALIVES.items()},
    **_USER_TIMEOUT,
    "idle_in_transaction_session_timeout": 30_000,
}
_CONNECT_SECONDS = 5
_PREFIXES = ("postgresql://", "postgres://", "postgresql+psycopg://")
_HELD = sa.text(
    "SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1"
    " AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def is_url(url: str) -> bool:
    return url.startswith(_PREFIXES)


def with_driver(url: str) -> str:
    """The URL as SQLAlchemy wants it, whose default is another driver."""
    return _PREFIXES[2] + url.split("://", 1)[1]


def options(url: str) -> Mapping[str, Any]:
    """For an engine of SQLAlchemy. Transactions are begun by us; connections are tried before they are used."""
    return {
        "pool_size": 4,
        "max_overflow": 36,
        "pool_pre_ping": True,
        "isolation_level": "AUTOCOMMIT",
        "pool_reset_on_return": None,  # nothing is open in them
        "connect_args": _arguments(url, {**_ALIVE, "lock_timeout": _LOCK_MS, "statement_timeout": 3 * _LOCK_MS}),
    }


def _arguments(url: str, settings: Mapping[str, int]) -> dict[str, Any]:
    given = sa.make_url(url).query.get("options", "")
    own = " ".join(f"-c {name}={value}" for name, value in settings.items())
    return {"connect_timeout": _CONNECT_SECONDS, "options": f"{own} {given}".strip(), **_KEEPALIVES, **_USER_TIMEOUT}


def prepare(_connection: Any, _record: Any) -> None:
    """Nothing: a new connection has its settings with it."""


def is_dead(connection: Any) -> bool:
    """Whether the server has gone: a connection that rests has nothing to read but its end."""
    if connection is None or connection.closed:
        return True
    look = select.poll()
    look.register(connection.fileno(), select.POLLIN)
    return bool(look.poll(0))


@contextmanager
def alone(url: str) -> Iterator[None]:
    """Within it no other process on this database is."""
    with single(url).connect() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_lock(_MIGRATION)))
        yield  # the lock ends with its connection


class Locks:
    """What one thread holds by name in the whole database: the server releases it however the process ends."""

    def __init__(self, url: str) -> None:
        self._engine = single(url)
        self._connection = self._engine.connect()
        self._mine: set[str] = set()

    def hold(self, name: str) -> bool:
        """Take it; False where another has it."""
        taken = bool(self._connection.execute(sa.select(sa.func.pg_try_advisory_lock(_number(name)))).scalar())
        if taken:
            self._mine.add(name)
        return taken

    def release(self, name: str) -> None:
        """Leave it to others, if it is held."""
        if name in self._mine:
            self._connection.execute(sa.select(sa.func.pg_advisory_unlock(_number(name))))
            self._mine.discard(name)

    def held(self, names: Collection[str]) -> set[str]:
        """Those of the names that anybody holds."""
        numbers = set(self._connection.execute(_HELD).scalars())
        return {name for name in names if _number(name) in numbers}

    def renew(self) -> bool:
        """False where the connection was lost, and with it all that was held: it was taken again if it was free.

        Raises sa.exc.OperationalError where the server is not there.
        """
        try:
            self._connection.execute(sa.select(1))
            return True
        except sa.exc.SQLAlchemyError:
            self._connection.close()
            self._connection = self._engine.connect()
            before, self._mine = self._mine, set()
            for name in before:
                self.hold(name)
            return False

    def close(self) -> None:
        self._connection.close()
        self._engine.dispose()


def single(url: str) -> sa.Engine:
    """For one connection that is kept. It waits for locks as long as it takes."""
    return sa.create_engine(
        url,
        poolclass=NullPool,
        pool_reset_on_return=None,
        isolation_level="AUTOCOMMIT",
        connect_args=_arguments(url, _ALIVE),
    )


def _number(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)

"""The database: its connections, its migrations. Its tables: `tables.py`. Its kinds: `sqlite.py`, `postgresql.py`.

Writers follow each other, on either kind: what one has read before it writes is still so.

What chunks make comes here by way of an outbox, many in one transaction. Whoever reads or writes finds all of it: what
waits is written first.
"""

from __future__ import annotations

import errno
import fcntl
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa

from audio.stores import postgresql, sqlite

_PAGES = ("page_count", "freelist_count")
_FREE_BYTES = ("freelist_count", "page_size")
_FREE_PAGES, _VACUUMED = 1024, 20_000  # pages of 4 KiB: what may lie free; what is given back at once


@dataclass(frozen=True)
class Direct:
    """A connection for prepared statements alone, without what SQLAlchemy's own does besides."""

    connection: sa.PoolProxiedConnection
    dialect: sa.Dialect


class Prepared:
    """A statement for every request: compiled once, then handed to the driver as it is.

    SQLAlchemy's own way from a statement to the driver takes ten times as long as SQLite takes to answer.
    """

    def __init__(self, statement: sa.ClauseElement) -> None:
        self._statement = statement
        self._compiled: dict[str, tuple[str, Mapping[str, Any], list[str] | None]] = {}

    def run(self, connection: sa.Connection | Direct, values: Mapping[str, Any]) -> Any:
        """The driver's cursor. Values are given by the names of the bound parameters, and must be the driver's own."""
        text, constants, order = self._compiled.get(connection.dialect.name) or self._compile(connection.dialect)
        values = {**constants, **values}
        cursor = connection.connection.cursor()
        with _errors_of_sqlalchemy(connection.dialect):
            cursor.execute(text, values if order is None else [values[name] for name in order])
        return cursor

    def run_all(self, connection: sa.Connection | Direct, rows: Sequence[Mapping[str, Any]]) -> None:
        """`run`, for each of many rows at a quarter of the time."""
        text, constants, order = self._compiled.get(connection.dialect.name) or self._compile(connection.dialect)
        values = [{**constants, **row} for row in rows]
        with _errors_of_sqlalchemy(connection.dialect):
            cursor = connection.connection.cursor()
            cursor.executemany(text, values if order is None else [[one[name] for name in order] for one in values])

    def _compile(self, dialect: sa.Dialect) -> tuple[str, Mapping[str, Any], list[str] | None]:
        compiled = self._statement.compile(dialect=dialect)
        found = (str(compiled), dict(compiled.params), getattr(compiled, "positiontup", None))
        self._compiled[dialect.name] = found
        return found


class Pending(Protocol):
    """What is to be written before anything else is read or written."""

    def waits(self) -> bool: ...

    def write(self, connection: Direct) -> tuple[int, bool]:
        """Write all of it, within a transaction; what `done` is told once that is committed."""
        ...

    def done(self, last: int, any_events: bool) -> None: ...


class Database:
    """Connections to one database. Open it after a fork, never before.

    full: whether what waits in the outbox could not be written, as the disk is full.
    """

    def __init__(self, url: str, outbox: Pending | None = None) -> None:
        self._outbox = outbox
        self.full = False
        self._is_file = url.startswith("sqlite")
        self._kind = sqlite if self._is_file else postgresql
        options = self._kind.options(url)
        self._reader, self._writer = (sa.create_engine(url, **options) for _ in range(2))
        # As many as there are threads: each keeps one.
        self._direct = sa.create_engine(url, **{**options, "pool_size": 0, "max_overflow": 0})
        # The queue of writers in the database is not fair with SQLite, and takes a connection each with PostgreSQL: of
        # a process one waits in it.
        self._turn: AbstractContextManager[Any] = threading.Lock()
        # That of a thread which ends goes back to the pool.
        self._own = threading.local()
        for engine in (self._reader, self._writer, self._direct):
            sa.event.listen(engine, "connect", self._kind.prepare)
        sa.event.listen(self._writer, "begin", self._begin)

    def _begin(self, connection: sa.Connection) -> None:
        connection.exec_driver_sql(self._kind.BEGIN)

    @contextmanager
    def read(self, *, fresh: bool = True) -> Iterator[sa.Connection]:
        """A connection for single reads. fresh: of all that was made before, also of what is on its way here."""
        if fresh:
            self._drain_if_room()
        with self._reader.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[sa.Connection]:
        """`read`, all of one moment: for reads that would not fit together with a change between them."""
        with self.read() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN")  # ended as the connection goes back
                yield connection
            else:
                yield connection.execution_options(isolation_level="REPEATABLE READ")

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction: all of it or, where an exception leaves it, nothing."""
        with self._turn, self._alone(), self._writer.begin() as connection:
            written = self._write_waiting(Direct(connection.connection, connection.dialect))
            yield connection
        self._done(written)

    def read_prepared(self) -> Direct:
        """A connection for single reads by prepared statements alone, for those of every request: none is fresh."""
        return Direct(self._of_thread(), self._direct.dialect)

    @contextmanager
    def write_prepared(self) -> Iterator[Direct]:
        """`write` for prepared statements alone, at a third of the time. What waits after it is written with it."""
        with self._prepared() as direct:
            before = self._write_waiting(direct)
            yield direct
            after = self._write_waiting(direct)
        self._done(before, after)

    @contextmanager
    def _prepared(self) -> Iterator[Direct]:
        connection = self._of_thread()
        with self._turn, self._alone(), self._transaction(connection) as direct:
            yield direct

    def drain(self) -> None:
        """Write what waits in the outbox."""
        if not self._waits():
            self.full = False
            return
        try:
            with self._prepared() as direct:
                written = self._write_waiting(direct)
            self._done(written)
        except (OSError, sa.exc.OperationalError) as exc:
            self.full = no_space(exc)
            raise

    def _drain_if_room(self) -> None:
        """`drain`, unless the disk is full: what is there can be read."""
        try:
            self.drain()
        except (OSError, sa.exc.OperationalError) as exc:
            if not no_space(exc):
                raise

    def _waits(self) -> bool:
        # Within a transaction of its own a thread has written all.
        return self._outbox is not None and not getattr(self._own, "writing", False) and self._outbox.waits()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._own.writing = True
        try:
            yield
        finally:
            self._own.writing = False

    def _write_waiting(self, connection: Direct) -> tuple[int, bool] | None:
        return self._outbox.write(connection) if self._outbox is not None and self._outbox.waits() else None

    def _done(self, *written: tuple[int, bool] | None) -> None:
        self.full = False
        found = [one for one in written if one is not None]
        if found and self._outbox is not None:
            try:
                self._outbox.done(found[-1][0], any(any_events for _, any_events in found))
            except OSError as exc:  # it is written: to forget it in the outbox can wait
                if not no_space(exc):
                    raise

    @contextmanager
    def _transaction(self, connection: sa.PoolProxiedConnection) -> Iterator[Direct]:
        try:
            with _errors_of_sqlalchemy(self._direct.dialect):
                connection.cursor().execute(self._kind.BEGIN)
                yield Direct(connection, self._direct.dialect)
                connection.commit()
        except BaseException:
            with suppress(self._direct.dialect.loaded_dbapi.Error):  # the server is gone, and all of it with it
                connection.rollback()
            raise

    def _of_thread(self) -> sa.PoolProxiedConnection:
        """The connection that this thread keeps: to take one from a pool costs more than most statements."""
        connection: sa.PoolProxiedConnection | None = getattr(self._own, "connection", None)
        if connection is not None and self._kind.is_dead(connection.dbapi_connection):
            connection.invalidate()
            connection = self._own.connection = None
        if connection is None:
            with _errors_of_sqlalchemy(self._direct.dialect):
                connection = self._own.connection = self._direct.raw_connection()
        return connection

    def empty_log(self) -> None:
        """Move what SQLite has in its log into the file. Others read and write meanwhile."""
        if self._is_file:
            with self.read(fresh=False) as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")

    def give_back(self) -> None:
        """Give what was deleted back to the file system, a piece at a time, so that nobody waits for long."""
        if not self._is_file:
            return
        with self.read(fresh=False) as connection:
            pages, free = (connection.exec_driver_sql(f"PRAGMA {name}").scalar() or 0 for name in _PAGES)
        if free > _FREE_PAGES and free > pages // 10:
            # As a script: the driver takes one step of a statement that shows nothing, which frees one page.
            with self._turn, closing(self._direct.raw_connection()) as raw:
                raw.cursor().executescript(f"PRAGMA incremental_vacuum({_VACUUMED})")

    def reusable(self) -> int:
        """Bytes of the file that hold nothing: new rows are put there first. 0 for a server, which does not say."""
        if not self._is_file:
            return 0
        with self.read(fresh=False) as connection:
            free, size = (connection.exec_driver_sql(f"PRAGMA {name}").scalar() or 0 for name in _FREE_BYTES)
        return int(free) * int(size)

    def close(self) -> None:
        """Close the connections that rest. One that a thread uses is closed when that has done: SQLite crashes if it is
        closed amid a statement."""
        self._own = threading.local()
        for engine in (self._reader, self._writer, self._direct):
            engine.dispose()


def no_space(error: BaseException) -> bool:
    """Whether it failed because the disk is full."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    full = getattr(getattr(error, "orig", None), "sqlstate", "") == "53100" or "disk is full" in str(error)
    return isinstance(error, sa.exc.OperationalError) and full


@contextmanager
def _errors_of_sqlalchemy(dialect: sa.Dialect) -> Iterator[None]:
    """What the driver raises, as SQLAlchemy raises it: the only kind that the rest of the gateway knows."""
    failure = dialect.loaded_dbapi.Error
    try:
        yield
    except failure as exc:
        raise sa.exc.DBAPIError.instance(None, None, exc, failure, dialect=dialect) from exc


def is_gone(error: BaseException) -> bool:
    """Whether the server of the database is not there, or went."""
    if not isinstance(error, sa.exc.DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", "")
    return isinstance(error, sa.exc.OperationalError) and (state is None or state[:4] == "57P0" or state[:2] == "08")


def migrate(url: str, data_dir: Path) -> None:
    """Bring the database to this version's tables. Several processes may start at once: one of them does it."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    with postgresql.alone(url) if postgresql.is_url(url) else _alone(data_dir):
        command.upgrade(config, "head")


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    with (data_dir / "migrate.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

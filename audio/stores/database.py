"""The database: its tables, its connections, its migrations.

SQLite in WAL mode serves several processes at once. Writers begin with BEGIN IMMEDIATE, so that two of them queue up
instead of failing half-way; with synchronous=NORMAL a killed process loses nothing that was committed. What is written
goes into a log first, and into the file when housekeeping asks: that waits for the disk, and no request does.
"""

from __future__ import annotations

import fcntl
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

METADATA = sa.MetaData()
_BEGIN = "BEGIN IMMEDIATE"
# Pages of 4 KiB in the log from which on a writer empties it itself: housekeeping is late, or stands still.
_LONGEST_LOG = 32768
_LOG_BYTES = 16 * 2**20  # that the log keeps once it was emptied
_PAGES = ("page_count", "freelist_count")
_FREE_BYTES = ("freelist_count", "page_size")
_FREE_PAGES, _VACUUMED = 1024, 20_000  # pages of 4 KiB: what may lie free; what is given back at once

STREAMS = sa.Table(
    "streams",
    METADATA,
    sa.Column("client_id", sa.String(36), primary_key=True),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("token_hash", sa.String(64), nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("revoked_at", sa.Float),
    sa.Column("account_id", sa.String(36), index=True),  # whose it is; none before there is an account
    sa.Column("plan", sa.String(16), nullable=False, server_default="unlimited"),
    sa.Column("tz", sa.String(64), nullable=False, server_default=""),  # name of a zone; empty: the server's
    sa.Column("store", sa.Boolean),  # whether events are kept where a job does not say; none: as its service has it
    sa.Column("keep_days", sa.Integer, nullable=False, server_default="90"),
    sa.Column("generation", sa.Integer, nullable=False, server_default="0"),  # of what was issued for its token
)

JOBS = sa.Table(
    "jobs",
    METADATA,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(36), nullable=False, unique=True),
    sa.Column("client_id", sa.String(36), nullable=False),
    sa.Column("service", sa.String(64), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("phase", sa.String(8), nullable=False),  # queued, running, ended
    sa.Column("status", sa.Integer, nullable=False),  # the HTTP number that its body shows
    sa.Column("session_id", sa.String(128)),
    sa.Column("owner", sa.String(36)),  # the worker that computes it
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("ended_at", sa.Float),
    # Last, as they can be large: to read a column, SQLite goes through all that is stored before it.
    sa.Column("request", sa.LargeBinary),  # what to compute; gone when it has been
    sa.Column("result", sa.Text),  # JSON
    sa.Index("jobs_of_client", "client_id", "service", "version", "seq"),
    # Few of the jobs are open, and each index costs every request that ends one.
    sa.Index(
        "open_jobs",
        "session_id",
        "seq",
        sqlite_where=sa.text("phase != 'ended'"),
        postgresql_where=sa.text("phase != 'ended'"),
    ),
)

SESSIONS = sa.Table(
    "sessions",
    METADATA,
    sa.Column("client_id", sa.String(36), primary_key=True),
    sa.Column("service", sa.String(64), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("session_id", sa.String(128), primary_key=True),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("used_at", sa.Float, nullable=False),
    sa.Index("sessions_by_use", "used_at"),
)

BLOBS = sa.Table(
    "blobs",
    METADATA,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("client_id", sa.String(36), nullable=False),
    sa.Column("content_type", sa.String(100), nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Index("blobs_of_client", "client_id"),
    sa.Index("blobs_by_age", "created_at"),
)


EVENTS = sa.Table(
    "events",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("client_id", sa.String(36), nullable=False),
    sa.Column("service", sa.String(64), nullable=False),
    sa.Column("type", sa.String(32), nullable=False),
    sa.Column("at", sa.Float, nullable=False),  # when it happened, Unix time
    sa.Column("data", sa.Text, nullable=False),  # JSON
    sa.Index("events_of_client", "client_id", "id"),
    sqlite_autoincrement=True,  # an id is never given twice, also after the newest were erased
)

SUMS = sa.Table(
    "sums",
    METADATA,
    sa.Column("client_id", sa.String(36), primary_key=True),
    sa.Column("quarter", sa.Integer, primary_key=True),
    sa.Column("service", sa.String(64), primary_key=True),
    sa.Column("heard", sa.Float, nullable=False),
    sa.Column("voice", sa.Float, nullable=False),
    sa.Column("sounds", sa.Integer, nullable=False),
    sa.Column("levels", sa.LargeBinary, nullable=False),
    sa.Column("directions", sa.LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

PRESENCE = sa.Table(
    "presence",
    METADATA,
    sa.Column("client_id", sa.String(36), primary_key=True),
    sa.Column("online", sa.Boolean, nullable=False),
    sa.Column("last_seen", sa.Float, nullable=False),
    sa.Column("level", sa.Float),  # dBFS, of what it sent then
)

OPEN_SESSIONS = sa.Table(
    "open_sessions",
    METADATA,
    sa.Column("client_id", sa.String(36), primary_key=True),
    sa.Column("service", sa.String(64), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("session_id", sa.String(128), primary_key=True),
)


CURSORS = sa.Table(
    "cursors",
    METADATA,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("event_id", sa.Integer, nullable=False),
    sa.Column("notes", sa.Text, nullable=False),  # JSON
)

WEBHOOKS = sa.Table(
    "webhooks",
    METADATA,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("client_id", sa.String(36), nullable=False),
    sa.Column("url", sa.String(2000), nullable=False),
    sa.Column("types", sa.Text, nullable=False),  # JSON
    sa.Column("secrets", sa.Text, nullable=False),  # JSON, newest first
    sa.Column("after", sa.Integer, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("next_at", sa.Float, nullable=False),
    sa.Column("off", sa.String(200), nullable=False),
    sa.Index("webhooks_of_client", "client_id"),
)

DELIVERIES = sa.Table(
    "deliveries",
    METADATA,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("webhook_id", sa.String(36), nullable=False),
    sa.Column("event_id", sa.Integer, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("why", sa.String(200), nullable=False),
    sa.Index("deliveries_of_webhook", "webhook_id", "seq"),
)


SDK_STREAMS = sa.Table(
    "sdk_streams",
    METADATA,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("client_id", sa.String(36), nullable=False),
    sa.Column("service", sa.String(64), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("parameters", sa.Text, nullable=False),  # JSON
    sa.Column("used_at", sa.Float, nullable=False),
    sa.Column("ended", sa.Boolean, nullable=False),
    sa.Column("reader", sa.String(36), nullable=False, server_default=""),
    sa.Column("reader_at", sa.Float, nullable=False, server_default="0"),
)

SDK_RESULTS = sa.Table(
    "sdk_results",
    METADATA,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("stream_id", sa.String(36), nullable=False),
    sa.Column("body", sa.Text, nullable=False),  # JSON
    sa.Index("sdk_results_of_stream", "stream_id", "seq"),
    sqlite_autoincrement=True,
)


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

    def _compile(self, dialect: sa.Dialect) -> tuple[str, Mapping[str, Any], list[str] | None]:
        compiled = self._statement.compile(dialect=dialect)
        found = (str(compiled), dict(compiled.params), getattr(compiled, "positiontup", None))
        self._compiled[dialect.name] = found
        return found


class Database:
    """Connections to one database. Open it after a fork, never before."""

    def __init__(self, url: str) -> None:
        self._reader, self._writer = (sa.create_engine(url, pool_size=20, max_overflow=20) for _ in range(2))
        # As many as there are threads: each keeps one.
        self._direct = sa.create_engine(url, pool_size=0)
        # SQLite's own queue of writers is not fair, and those who wait in it sleep: of a process one waits in it.
        local = self._writer.dialect.name == "sqlite"
        self._turn: AbstractContextManager[Any] = threading.Lock() if local else nullcontext()
        # That of a thread which ends goes back to the pool.
        self._own = threading.local()
        if self._writer.dialect.name == "sqlite":
            for engine in (self._reader, self._writer, self._direct):
                sa.event.listen(engine, "connect", _prepare_sqlite)
            sa.event.listen(self._writer, "begin", _begin_immediate)

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection for single reads."""
        with self._reader.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction: all of it or, where an exception leaves it, nothing."""
        with self._turn, self._writer.begin() as connection:
            yield connection

    def read_prepared(self) -> Direct:
        """A connection for single reads by prepared statements alone, for those of every request."""
        return Direct(self._of_thread(), self._direct.dialect)

    @contextmanager
    def write_prepared(self) -> Iterator[Direct]:
        """`write`, for the transaction of every job: prepared statements alone, at a third of the time."""
        connection = self._of_thread()
        with self._turn:
            yield from self._transaction(connection)

    def _transaction(self, connection: sa.PoolProxiedConnection) -> Iterator[Direct]:
        try:
            with _errors_of_sqlalchemy(self._direct.dialect):
                if self._direct.dialect.name == "sqlite":
                    connection.cursor().execute(_BEGIN)
                yield Direct(connection, self._direct.dialect)
                connection.commit()
        except BaseException:
            connection.rollback()
            raise

    def _of_thread(self) -> sa.PoolProxiedConnection:
        """The connection that this thread keeps: to take one from a pool costs more than most statements."""
        connection: sa.PoolProxiedConnection | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = self._direct.raw_connection()
        return connection

    def empty_log(self) -> None:
        """Move what SQLite has in its log into the file. Others read and write meanwhile."""
        if self._writer.dialect.name == "sqlite":
            with self.read() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")

    def give_back(self) -> None:
        """Give what was deleted back to the file system, a piece at a time, so that nobody waits for long."""
        if self._writer.dialect.name != "sqlite":
            return
        with self.read() as connection:
            pages, free = (connection.exec_driver_sql(f"PRAGMA {name}").scalar() or 0 for name in _PAGES)
        if free > _FREE_PAGES and free > pages // 10:
            # As a script: the driver takes one step of a statement that shows nothing, which frees one page.
            with self._turn, closing(self._direct.raw_connection()) as raw:
                raw.cursor().executescript(f"PRAGMA incremental_vacuum({_VACUUMED})")

    def reusable(self) -> int:
        """Bytes of the file that hold nothing: new rows are put there first. 0 for a server, which does not say."""
        if self._writer.dialect.name != "sqlite":
            return 0
        with self.read() as connection:
            free, size = (connection.exec_driver_sql(f"PRAGMA {name}").scalar() or 0 for name in _FREE_BYTES)
        return int(free) * int(size)

    def close(self) -> None:
        """Close the connections that rest. One that a thread uses is closed when that has done: SQLite crashes if it is
        closed amid a statement."""
        self._own = threading.local()
        for engine in (self._reader, self._writer, self._direct):
            engine.dispose()


@contextmanager
def _errors_of_sqlalchemy(dialect: sa.Dialect) -> Iterator[None]:
    """What the driver raises, as SQLAlchemy raises it: the only kind that the rest of the gateway knows."""
    failure = dialect.loaded_dbapi.Error
    try:
        yield
    except failure as exc:
        raise sa.exc.DBAPIError.instance(None, None, exc, failure, dialect=dialect) from exc


def migrate(url: str, data_dir: Path) -> None:
    """Bring the database to this version's tables. Several processes may start at once: one of them does it."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    with (data_dir / "migrate.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        command.upgrade(config, "head")


def copy(source: Path, target: Path) -> None:
    """A copy of an SQLite database as it is at one moment, while others use it."""
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as kept:
        live.backup(kept)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions are begun by us, not by the driver
    pragmas = {
        "journal_mode": "WAL",
        "synchronous": "NORMAL",
        "busy_timeout": 20000,
        "foreign_keys": "ON",
        "journal_size_limit": _LOG_BYTES,
        "wal_autocheckpoint": _LONGEST_LOG,
    }
    for name, value in pragmas.items():
        connection.execute(f"PRAGMA {name}={value}")


def _begin_immediate(connection: sa.Connection) -> None:
    connection.exec_driver_sql(_BEGIN)

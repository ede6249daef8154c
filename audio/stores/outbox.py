"""The outbox: what chunks made besides their sessions, and how it comes into the database.

A record is what one chunk made, as entries: the name of a kind, then plain values. Records are written in their order,
many in one transaction, where also the number of the last one is kept: each is written once, however a process ends.
What adds up is added up first. A record that cannot be written is said in the log and passed over: it holds up nothing.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import sqlalchemy as sa

from audio.audience.visit import Row
from audio.stores import codec, events, jobs, presence, sdk_streams, streams, sums, usage, visits
from audio.stores.database import Direct, Prepared
from audio.stores.events import Event
from audio.stores.jobs import Job
from audio.stores.plans import Period
from audio.stores.session_store import SessionStore
from audio.stores.sums import Sum
from audio.stores.tables import METADATA

log = logging.getLogger(__name__)

Entry = tuple[Any, ...]
_AT_ONCE = 500  # records in memory
# Where in an entry the stream stands; None: what is there is changed, and nothing where that was deleted.
_WHOSE = {"ended": 2, "computed": None, "part": None, "used": 1, "seen": 1, "told": 1, "heard": 1, "visit": 1}

OUTBOXES = sa.Table(
    "outboxes",
    METADATA,
    sa.Column("source", sa.String(64), primary_key=True),
    sa.Column("last", sa.BigInteger, nullable=False),  # number of the newest record that is written
)
_OF_SOURCE = OUTBOXES.c.source == sa.bindparam("k_source")
# An update, which others wait for until this transaction has ended, where a database lets several write at once.
_CLAIM = Prepared(OUTBOXES.update().where(_OF_SOURCE).values(source=sa.bindparam("k_source")))
_LAST = Prepared(sa.select(OUTBOXES.c.last).where(_OF_SOURCE))
_BEGIN = Prepared(OUTBOXES.insert().values({name: sa.bindparam(name) for name in ("source", "last")}))
_GO_ON = Prepared(OUTBOXES.update().where(_OF_SOURCE).values(last=sa.bindparam("last")))


def ended(id: str, client_id: str, service: str, version: int, result: str) -> Entry:
    """A synchronous job, which has its result."""
    return ("ended", id, client_id, service, version, result, time.time())


def computed(job_id: str, owner: str, result: str) -> Entry:
    """The result of a job that an owner was running."""
    return ("computed", job_id, owner, result, time.time())


def part(stream_id: str, body: str) -> Entry:
    """A result of a stream of the SDK."""
    return ("part", stream_id, body, time.time())


def used(client_id: str, service: str, seconds: float, at: float, period: Period | None) -> Entry:
    """Seconds of stream. period: that of its plan, where that has a limit."""
    return ("used", client_id, service, seconds, at, period and [period.since, period.until, period.resets_at])


def seen(client_id: str, at: float, level: float | None) -> Entry:
    """A stream sends."""
    return ("seen", client_id, at, level)


def told(event: Event) -> Entry:
    return ("told", event.client_id, event.service, event.type, event.at, dict(event.data))


def heard(client_id: str, service: str, one: Sum) -> Entry:
    """What adds to a sum."""
    return ("heard", client_id, service, [getattr(one, name) for name in Sum.__dataclass_fields__])


def visit(client_id: str, identity: str, row: Row) -> Entry:
    """A visit as it is now."""
    return ("visit", client_id, identity, [getattr(row, name) for name in Row.__dataclass_fields__])


def packed(entries: Sequence[Entry]) -> bytes:
    """A record."""
    return codec.encode(entries)


class Outbox:
    """The way from one store of sessions into the database. `announce` is called when new events are committed."""

    def __init__(self, store: SessionStore) -> None:
        self.store = store
        self.announce: Callable[[], None] = lambda: None

    def waits(self) -> bool:
        return self.store.waits()

    def write(self, connection: Direct) -> tuple[int, bool]:
        """Write all that waits, in this transaction; what `done` is to be told once it is committed."""
        source = self.store.source
        _CLAIM.run(connection, {"k_source": source})
        row = _LAST.run(connection, {"k_source": source}).fetchone()
        if row is None:
            _BEGIN.run(connection, {"source": source, "last": 0})
        last, any_events = 0 if row is None else int(row[0]), False
        while records := self.store.records(last, _AT_ONCE):
            any_events |= _write(connection, [packed for _, packed in records])
            last = records[-1][0]
        _GO_ON.run(connection, {"k_source": source, "last": last})
        return last, any_events

    def job(self, job_id: str) -> Job | None:
        """A synchronous job that waits here; None where there is none: for who cannot wait until it is written."""
        last = 0
        while records := self.store.records(last, _AT_ONCE):
            last = records[-1][0]
            for kind, *values in (entry for _, record in records for entry in codec.decode(record)):
                if kind == "ended" and values[0] == job_id:
                    client_id, service, version, result, _ = values[1:]
                    return Job(0, job_id, client_id, service, version, jobs.ENDED, jobs.CREATED, None, 1, result)
        return None

    def done(self, last: int, any_events: bool) -> None:
        """What was written is committed."""
        self.store.forget(last)
        if any_events:
            self.announce()


def _write(connection: Direct, records: list[bytes]) -> bool:
    """Write these records; whether there is an event among them."""
    try:
        with _savepoint(connection):
            return write_entries(connection, _of_streams(connection, (codec.decode(record) for record in records)))
    except sa.exc.OperationalError:
        raise
    except Exception:
        if len(records) == 1:
            log.exception("what a chunk made cannot be written, and is lost")
            return False
    return sum(_write(connection, [record]) for record in records) > 0


def _of_streams(connection: Direct, records: Iterable[list[Entry]]) -> Iterator[Entry]:
    """What records hold, without that of streams which were deleted meanwhile: nobody would ever delete it."""
    is_there: dict[str, bool] = {}
    for entry in (entry for record in records for entry in record):
        place = _WHOSE[entry[0]]
        client_id = None if place is None else entry[place]
        if client_id is not None and client_id not in is_there:
            is_there[client_id] = streams.exists(connection, client_id)
        if client_id is None or is_there[client_id]:
            yield entry


@contextmanager
def _savepoint(connection: Direct) -> Iterator[None]:
    cursor = connection.connection.cursor()
    cursor.execute("SAVEPOINT record")
    try:
        yield
    except BaseException:
        with suppress(connection.dialect.loaded_dbapi.Error):  # a full disk may have ended the whole transaction
            cursor.execute("ROLLBACK TO record")
            cursor.execute("RELEASE record")
        raise
    cursor.execute("RELEASE record")


def write_entries(connection: Direct, entries: Iterable[Entry]) -> bool:
    """Write what chunks made; whether there is an event among it."""
    happened: list[Event] = []
    by_kind: dict[str, list[Entry]] = {}
    for kind, *values in entries:
        if kind == "told":
            happened.append(Event(*values))
        elif kind == "seen":
            client_id, at, _ = values
            if presence.seen(connection, *values):
                happened.append(Event(client_id, "", "stream_online", round(at, 3), {}))
        else:
            by_kind.setdefault(kind, []).append(tuple(values))
    events.add(connection, happened)
    for kind, many in by_kind.items():
        _WRITERS[kind](connection, many)
    return bool(happened)


def _ended(connection: Direct, many: list[Entry]) -> None:
    names = ("id", "client_id", "service", "version", "result", "ended_at")
    jobs.add_all_ended(connection, [dict(zip(names, values, strict=True)) for values in many])


def _computed(connection: Direct, many: list[Entry]) -> None:
    for job_id, owner, result, at in many:
        jobs.end(connection, job_id, owner, jobs.CREATED, result, at)


def _parts(connection: Direct, many: list[Entry]) -> None:
    for values in many:
        sdk_streams.add_result(connection, *values)


def _used(connection: Direct, many: list[Entry]) -> None:
    quarters: dict[tuple[str, str, int], tuple[float, float]] = {}
    periods: dict[tuple[str, str, Period], float] = {}
    for client_id, service, seconds, at, span in many:
        quarter = (client_id, service, int(at // usage.QUARTER))
        before, last_at = quarters.get(quarter, (0.0, at))
        quarters[quarter] = (before + seconds, max(at, last_at))
        if span is not None:
            period = (client_id, service, Period(*span))
            periods[period] = periods.get(period, 0.0) + seconds
    # The total of a period begins with what its quarters hold: they come after it.
    for (client_id, service, whole), seconds in periods.items():
        usage.add_to_period(connection, client_id, service, seconds, whole)
    for (client_id, service, _), (seconds, last_at) in quarters.items():
        usage.add(connection, client_id, service, seconds, last_at)


def _heard(connection: Direct, many: list[Entry]) -> None:
    sums.add_all(connection, ((client_id, service, Sum(*values)) for client_id, service, values in many))


def _visits(connection: Direct, many: list[Entry]) -> None:
    newest = {identity: (client_id, values) for client_id, identity, values in many}
    for identity, (client_id, values) in newest.items():
        visits.put(connection, client_id, identity, Row(*values))


_WRITERS: dict[str, Callable[[Direct, list[Entry]], None]] = {
    "ended": _ended,
    "computed": _computed,
    "part": _parts,
    "used": _used,
    "heard": _heard,
    "visit": _visits,
}

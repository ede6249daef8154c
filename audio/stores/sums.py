"""Sums by quarter hour: what a service heard of a stream, so that a month is read without reading its events.

A quarter is the number of quarter hours of Unix time: days are then right in every zone, and on days of 23 and 25
hours. Levels are a histogram by whole dBFS of tenths of a second, directions one of events by 10 degrees.

Of today (UTC) each quarter has a row, which is quick to add to; those of a day that has ended are packed into one row,
which is quick to read. What comes late for such a day is added to its packed row.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from audio.stores import packed_sums
from audio.stores.database import Direct, Prepared
from audio.stores.packed_sums import BINS, DIRECTIONS, HIGHEST, LEVELS, LOWEST, NUMBERS, Columns, Counts, Packed, Sum
from audio.stores.tables import STREAMS, SUM_DAYS, SUMS

__all__ = ["BINS", "DIRECTIONS", "HIGHEST", "LEVELS", "LOWEST", "QUARTER", "Counts", "Sum"]

QUARTER = 900  # seconds
_QUARTERS = 96  # of a day
_BYTES = 4  # a bin of a histogram that has a row for its quarter
_LATE = 3600  # seconds after its end from which a day is packed (chosen): by then no writer takes it for today

Piece = tuple[str, str, Sum]  # what a chunk adds: client_id, service, sum


def folded(pieces: Iterable[Piece]) -> list[Piece]:
    """The same with one sum a stream, service and quarter, in the order in which they first came."""
    found: dict[tuple[str, str, int], Sum] = {}
    for client_id, service, new in pieces:
        key = (client_id, service, new.quarter)
        before = found.get(key)
        found[key] = new if before is None else before.plus(new)
    return [(client_id, service, whole) for (client_id, service, _), whole in found.items()]


_KEY = ("client_id", "service", "quarter")
_VALUES = ("heard", "voice", "sounds", "levels", "directions")
_WHERE = sa.and_(*(SUMS.c[name] == sa.bindparam(f"k_{name}") for name in _KEY))
_READ = Prepared(sa.select(SUMS.c.levels, SUMS.c.directions).where(_WHERE))
_PLUS = {name: SUMS.c[name] + sa.bindparam(name) for name in ("heard", "voice", "sounds")}
_BLOBS: dict[str, Any] = {name: sa.bindparam(name) for name in ("levels", "directions")}
_UPDATE = Prepared(SUMS.update().where(_WHERE).values({**_PLUS, **_BLOBS}))
_INSERT = Prepared(SUMS.insert().values({name: sa.bindparam(name) for name in (*_KEY, *_VALUES)}))


def add(connection: Direct, client_id: str, service: str, new: Sum) -> None:
    """`add_all` of one."""
    add_all(connection, [(client_id, service, new)])


def add_all(connection: Direct, pieces: Iterable[Piece]) -> None:
    """Add to the sums, within a transaction whose writer nobody else writes beside: two statements a stream, service
    and quarter, however many pieces there are."""
    first = int(time.time() // QUARTER) // _QUARTERS * _QUARTERS
    late = dict[tuple[str, str, int], list[Sum]]()
    for client_id, service, new in folded(pieces):
        if new.quarter < first:
            late.setdefault((client_id, service, new.quarter // _QUARTERS), []).append(new)
        else:
            _add(connection, client_id, service, new)
    for key, sums in late.items():
        _add_to_day(connection, key, packed_sums.of_sums(sums))


def _add(connection: Direct, client_id: str, service: str, new: Sum) -> None:
    key = {"client_id": client_id, "service": service, "quarter": new.quarter}
    bound = {f"k_{name}": value for name, value in key.items()}
    row = _READ.run(connection, bound).fetchone()
    levels, directions = row or (bytes(_BYTES * LEVELS), bytes(_BYTES * DIRECTIONS))
    values = {
        "heard": new.heard,
        "voice": new.voice,
        "sounds": new.sounds,
        "levels": _added(levels, new.levels),
        "directions": _added(directions, new.directions),
    }
    if row is None:
        _INSERT.run(connection, {**key, **values})
    else:
        _UPDATE.run(connection, {**bound, **values})


def _added(stored: bytes, new: Counts) -> bytes:
    """A stored histogram with these counts added."""
    if not new:
        return stored
    counts = np.frombuffer(stored, np.uint32).copy()
    for place, count in new.items():
        counts[place] += count
    return counts.tobytes()


_DAY_KEY = ("client_id", "service", "day")
_COLUMNS = ("numbers", "level_bins", "level_counts", "direction_bins", "direction_counts")
_DAY_WHERE = sa.and_(*(SUM_DAYS.c[name] == sa.bindparam(f"k_{name}") for name in _DAY_KEY))
_READ_DAY = Prepared(sa.select(*(SUM_DAYS.c[name] for name in _COLUMNS)).where(_DAY_WHERE))
_UPDATE_DAY = Prepared(SUM_DAYS.update().where(_DAY_WHERE).values({name: sa.bindparam(name) for name in _COLUMNS}))
_INSERT_DAY = Prepared(SUM_DAYS.insert().values({name: sa.bindparam(name) for name in (*_DAY_KEY, *_COLUMNS)}))


def _add_to_day(connection: Direct | sa.Connection, key: tuple[str, str, int], new: Packed) -> None:
    """Put behind what the row of a day holds; where that is more than twice its quarters, it is added up."""
    named = dict(zip(_DAY_KEY, key, strict=True))
    bound = {f"k_{name}": value for name, value in named.items()}
    row: Columns | None = _READ_DAY.run(connection, bound).fetchone()
    columns = new.columns() if row is None else tuple(a + b for a, b in zip(row, new.columns(), strict=True))
    if len(columns[0]) > 2 * _QUARTERS * NUMBERS.itemsize:
        columns = packed_sums.of_sums(packed_sums.of_columns([columns]).sums()).columns()
    values = dict(zip(_COLUMNS, columns, strict=True))
    if row is None:
        _INSERT_DAY.run(connection, {**named, **values})
    else:
        _UPDATE_DAY.run(connection, {**bound, **values})


def ended(connection: sa.Connection) -> list[tuple[str, int]]:
    """(client_id, day) of the streams that have rows by quarter of days that have ended: of each its oldest day."""
    before = int((time.time() - _LATE) // QUARTER) // _QUARTERS
    oldest = sa.select(sa.func.min(SUMS.c.quarter)).where(SUMS.c.client_id == STREAMS.c.client_id).scalar_subquery()
    rows = connection.execute(sa.select(STREAMS.c.client_id, oldest)).all()
    days = ((one, quarter // _QUARTERS) for one, quarter in rows if quarter is not None)
    return [(one, day) for one, day in days if day < before]


def pack(connection: sa.Connection, client_id: str, day: int) -> None:
    """Pack the rows by quarter of a day that has ended."""
    bounds = {"client_id": client_id, "first": day * _QUARTERS, "end": (day + 1) * _QUARTERS}
    by_service: dict[str, list[Sequence[Any]]] = {}
    for service, *rest in _QUARTER_ROWS.run(connection, bounds).fetchall():
        by_service.setdefault(service, []).append(rest)
    for service, rows in by_service.items():
        _add_to_day(connection, (client_id, service, day), _dense(rows).packed())
    where = (SUMS.c.client_id == client_id, SUMS.c.quarter >= bounds["first"], SUMS.c.quarter < bounds["end"])
    connection.execute(SUMS.delete().where(*where))


def erase(connection: sa.Connection, client_id: str) -> None:
    """Delete all sums of a stream."""
    for table in (SUMS, SUM_DAYS):
        connection.execute(table.delete().where(table.c.client_id == client_id))


def forget_old(connection: sa.Connection, before: int) -> None:
    """Delete the sums of quarters before that one, of packed days once all of their quarters are."""
    connection.execute(SUMS.delete().where(SUMS.c.quarter < before))
    connection.execute(SUM_DAYS.delete().where(SUM_DAYS.c.day < before // _QUARTERS))


@dataclass(frozen=True)
class Table:
    """Sums of many quarters: names of services, and of each row of numbers (n,) the index of its service (n,)."""

    names: Sequence[str]
    services: NDArray[np.int64]
    numbers: NDArray[Any]


def _within(table: sa.Table, column: str, names: Sequence[str], *, of_service: bool) -> Prepared:
    where = [
        table.c.client_id == sa.bindparam("client_id"),
        table.c[column] >= sa.bindparam("first"),
        table.c[column] < sa.bindparam("end"),
    ]
    if of_service:
        where.append(table.c.service == sa.bindparam("service"))
    return Prepared(sa.select(*(table.c[name] for name in names)).where(*where))


_ROW = ("quarter", *_VALUES)
_QUARTER_ROWS = _within(SUMS, "quarter", ("service", *_ROW), of_service=False)
_QUARTERS_OF = _within(SUMS, "quarter", _ROW, of_service=True)
_DAY_NUMBERS = _within(SUM_DAYS, "day", ("service", "numbers"), of_service=False)
_DAYS_OF = _within(SUM_DAYS, "day", _COLUMNS, of_service=True)


def table(connection: sa.Connection, client_id: str, first: int, end: int) -> Table:
    """The numbers of a stream from quarter `first` to before `end`, and those of the packed days that these lie in."""
    days, quarters = _spans(client_id, first, end)
    packed = _DAY_NUMBERS.run(connection, days).fetchall()
    rows = _QUARTER_ROWS.run(connection, quarters).fetchall()
    names = sorted({row[0] for row in packed} | {row[0] for row in rows})
    index = {name: i for i, name in enumerate(names)}
    blobs = [blob for _, blob in packed]
    if rows:
        blobs.append(_dense([rest for _, *rest in rows]).numbers().tobytes())
    sizes = [*(len(blob) // NUMBERS.itemsize for _, blob in packed), *(1 for _ in rows)]
    services = np.repeat(np.array([index[row[0]] for row in (*packed, *rows)], np.int64), sizes)
    return Table(names, services, np.frombuffer(b"".join(blobs), NUMBERS))


def of_service(connection: sa.Connection, client_id: str, service: str, first: int, end: int) -> Packed:
    """`table` of one service, with its histograms."""
    days, quarters = _spans(client_id, first, end)
    columns: list[Columns] = _DAYS_OF.run(connection, {**days, "service": service}).fetchall()
    rows = _QUARTERS_OF.run(connection, {**quarters, "service": service}).fetchall()
    return packed_sums.of_columns([*columns, _dense(rows).packed().columns()] if rows else columns)


def _spans(client_id: str, first: int, end: int) -> tuple[dict[str, Any], dict[str, Any]]:
    days = {"client_id": client_id, "first": first // _QUARTERS, "end": -(-end // _QUARTERS)}
    return days, {"client_id": client_id, "first": first, "end": end}


def _dense(rows: Sequence[Sequence[Any]]) -> packed_sums.Dense:
    quarters, heard, voice, sounds, levels, directions = zip(*rows, strict=True)
    bins = ((levels, LEVELS), (directions, DIRECTIONS))
    counts = (np.frombuffer(b"".join(blobs), np.uint32).reshape(-1, width) for blobs, width in bins)
    return packed_sums.Dense(quarters, heard, voice, sounds, *counts)

"""Sums by quarter hour: what a service heard of a stream, so that a month is read without reading its events.

A quarter is the number of quarter hours of Unix time: days are then right in every zone, and on days of 23 and 25
hours. Levels are a histogram by whole dBFS of tenths of a second, directions one of events by 10 degrees.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from audio.stores.database import Direct, Prepared
from audio.stores.tables import SUMS

QUARTER = 900  # seconds
LOWEST, HIGHEST = -120, 0  # dBFS, of the histogram's first and last bin
LEVELS = HIGHEST - LOWEST + 1
DIRECTIONS = 18  # bins of 10 degrees, from -90 up; left is positive
_BYTES = 4  # a bin of a stored histogram

Counts = Mapping[int, int]  # of a histogram: bins that hold something, and how much


@dataclass(frozen=True)
class Sum:
    """Of one service in one quarter. heard, voice: seconds. sounds: how many began."""

    quarter: int
    heard: float = 0.0
    voice: float = 0.0
    sounds: int = 0
    levels: Counts = field(default_factory=dict)
    directions: Counts = field(default_factory=dict)

    def plus(self, other: Sum) -> Sum:
        """Of both; the quarter is this one's."""
        levels, directions = dict(self.levels), dict(self.directions)
        _count(levels, other.levels)
        _count(directions, other.directions)
        heard, voice = self.heard + other.heard, self.voice + other.voice
        return Sum(self.quarter, heard, voice, self.sounds + other.sounds, levels, directions)


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
    for client_id, service, new in folded(pieces):
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


def _count(into: dict[int, int], new: Counts) -> None:
    for place, count in new.items():
        into[place] = into.get(place, 0) + count


def _added(stored: bytes, new: Counts) -> bytes:
    """A stored histogram with these counts added."""
    if not new:
        return stored
    counts = np.frombuffer(stored, np.uint32).copy()
    for place, count in new.items():
        counts[place] += count
    return counts.tobytes()


def _counts(stored: bytes) -> Counts:
    counts = np.frombuffer(stored, np.uint32)
    return {int(place): int(counts[place]) for place in counts.nonzero()[0]}


def read(connection: sa.Connection, client_id: str, first: int, end: int) -> Iterator[tuple[str, Sum]]:
    """(service, sum) of a stream from quarter `first` to before `end`, in order."""
    columns = [SUMS.c[name] for name in ("service", "quarter", *_VALUES)]
    where = (SUMS.c.client_id == client_id, SUMS.c.quarter >= first, SUMS.c.quarter < end)
    for service, quarter, *rest in connection.execute(sa.select(*columns).where(*where).order_by(SUMS.c.quarter)):
        heard, voice, sounds, levels, directions = rest
        yield service, Sum(quarter, heard, voice, sounds, _counts(levels), _counts(directions))


def erase(connection: sa.Connection, client_id: str) -> int:
    """Delete all sums of a stream; their number."""
    return connection.execute(SUMS.delete().where(SUMS.c.client_id == client_id)).rowcount


def forget_old(connection: sa.Connection, before: int) -> int:
    """Delete the sums of quarters before that one; their number."""
    return connection.execute(SUMS.delete().where(SUMS.c.quarter < before)).rowcount


@dataclass(frozen=True)
class Table:
    """Sums of many quarters as arrays, a row for each service and quarter that has any: quarters of n integers, heard,
    voice, sounds of n numbers, levels of (n, LEVELS), directions of (n, DIRECTIONS) counts."""

    services: Sequence[str]
    quarters: NDArray[np.int64]
    heard: NDArray[np.float64]
    voice: NDArray[np.float64]
    sounds: NDArray[np.int64]
    levels: NDArray[np.uint32]
    directions: NDArray[np.uint32]


_TABLE = Prepared(
    sa.select(*(SUMS.c[name] for name in ("service", "quarter", *_VALUES))).where(
        SUMS.c.client_id == sa.bindparam("client_id"),
        SUMS.c.quarter >= sa.bindparam("first"),
        SUMS.c.quarter < sa.bindparam("end"),
    )
)


def table(connection: sa.Connection, client_id: str, first: int, end: int) -> Table:
    """`read`, for many quarters at once: a month of three services in some milliseconds."""
    rows = _TABLE.run(connection, {"client_id": client_id, "first": first, "end": end}).fetchall()
    services, quarters, heard, voice, sounds, levels, directions = zip(*rows, strict=True) if rows else ((),) * 7
    return Table(
        services,
        np.array(quarters, np.int64),
        np.array(heard, np.float64),
        np.array(voice, np.float64),
        np.array(sounds, np.int64),
        np.frombuffer(b"".join(levels), np.uint32).reshape(-1, LEVELS),
        np.frombuffer(b"".join(directions), np.uint32).reshape(-1, DIRECTIONS),
    )

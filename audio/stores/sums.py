"""Sums by quarter hour: what a service heard of a stream, so that a month is read without reading its events.

A quarter is the number of quarter hours of Unix time: days are then right in every zone, and on days of 23 and 25
hours. Levels are a histogram by whole dBFS of tenths of a second, directions one of events by 10 degrees.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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

Counts = NDArray[np.uint32]


@dataclass(frozen=True)
class Sum:
    """Of one service in one quarter. heard, voice: seconds. sounds: how many began."""

    quarter: int
    heard: float = 0.0
    voice: float = 0.0
    sounds: int = 0
    levels: Counts = field(default_factory=lambda: np.zeros(LEVELS, np.uint32))
    directions: Counts = field(default_factory=lambda: np.zeros(DIRECTIONS, np.uint32))

    def plus(self, other: Sum) -> Sum:
        return Sum(
            self.quarter,
            self.heard + other.heard,
            self.voice + other.voice,
            self.sounds + other.sounds,
            self.levels + other.levels,
            self.directions + other.directions,
        )


_KEY = ("client_id", "service", "quarter")
_VALUES = ("heard", "voice", "sounds", "levels", "directions")
_WHERE = sa.and_(*(SUMS.c[name] == sa.bindparam(f"k_{name}") for name in _KEY))
_READ = Prepared(sa.select(*(SUMS.c[name] for name in _VALUES)).where(_WHERE))
_UPDATE = Prepared(SUMS.update().where(_WHERE).values({name: sa.bindparam(name) for name in _VALUES}))
_INSERT = Prepared(SUMS.insert().values({name: sa.bindparam(name) for name in (*_KEY, *_VALUES)}))


def add(connection: Direct, client_id: str, service: str, new: Sum) -> None:
    """Add to a sum, within a transaction whose writer nobody else writes beside."""
    key = {"client_id": client_id, "service": service, "quarter": new.quarter}
    bound = {f"k_{name}": value for name, value in key.items()}
    row = _READ.run(connection, bound).fetchone()
    whole = new if row is None else _sum(new.quarter, row).plus(new)
    values = {
        "heard": whole.heard,
        "voice": whole.voice,
        "sounds": whole.sounds,
        "levels": whole.levels.tobytes(),
        "directions": whole.directions.tobytes(),
    }
    if row is None:
        _INSERT.run(connection, {**key, **values})
    else:
        _UPDATE.run(connection, {**bound, **values})


def read(connection: sa.Connection, client_id: str, first: int, end: int) -> Iterator[tuple[str, Sum]]:
    """(service, sum) of a stream from quarter `first` to before `end`, in order."""
    columns = [SUMS.c[name] for name in ("service", "quarter", *_VALUES)]
    where = (SUMS.c.client_id == client_id, SUMS.c.quarter >= first, SUMS.c.quarter < end)
    for service, quarter, *rest in connection.execute(sa.select(*columns).where(*where).order_by(SUMS.c.quarter)):
        yield service, _sum(quarter, rest)


def erase(connection: sa.Connection, client_id: str) -> int:
    """Delete all sums of a stream; their number."""
    return connection.execute(SUMS.delete().where(SUMS.c.client_id == client_id)).rowcount


def forget_old(connection: sa.Connection, before: int) -> int:
    """Delete the sums of quarters before that one; their number."""
    return connection.execute(SUMS.delete().where(SUMS.c.quarter < before)).rowcount


def _sum(quarter: int, row: Sequence[Any]) -> Sum:
    heard, voice, sounds, levels, directions = row
    return Sum(quarter, heard, voice, sounds, np.frombuffer(levels, np.uint32), np.frombuffer(directions, np.uint32))


@dataclass(frozen=True)
class Table:
    """Sums of many quarters as arrays, a row for each service and quarter that has any: quarters of n integers, heard,
    voice, sounds of n numbers, levels of (n, LEVELS), directions of (n, DIRECTIONS) counts."""

    services: Sequence[str]
    quarters: NDArray[np.int64]
    heard: NDArray[np.float64]
    voice: NDArray[np.float64]
    sounds: NDArray[np.int64]
    levels: Counts
    directions: Counts


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

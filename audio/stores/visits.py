"""Visits: a row for each person before a camera, from appearance to disappearance, with nothing that tells who it was.

The id is random and made for the row. A visit that goes on is written again under its id.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from audio.audience.metrics import EPSILON, LOOK, PASSING, SENIOR, STOP, Sums
from audio.audience.visit import Row
from audio.stores.database import Direct, Prepared
from audio.stores.tables import METADATA

VISITS = sa.Table(
    "visits",
    METADATA,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("client_id", sa.String(36), nullable=False),
    sa.Column("first", sa.Float, nullable=False),
    sa.Column("last", sa.Float, nullable=False),
    sa.Column("seen", sa.Float, nullable=False),
    sa.Column("stop", sa.Float, nullable=False),
    sa.Column("still_total", sa.Float, nullable=False),
    sa.Column("look", sa.Float, nullable=False),
    sa.Column("age", sa.Float),
    sa.Column("gender", sa.String(8)),
    sa.Column("happiness", sa.Float),
    sa.Index("visits_of_client", "client_id", "first"),
)

_FIELDS = tuple(Row.__dataclass_fields__)
_UPDATE = Prepared(
    VISITS.update().where(VISITS.c.id == sa.bindparam("k_id")).values({name: sa.bindparam(name) for name in _FIELDS})
)
_INSERT = Prepared(VISITS.insert().values({name: sa.bindparam(name) for name in ("id", "client_id", *_FIELDS)}))


_QUARTER = sa.cast(sa.func.floor(VISITS.c.first / 900), sa.Integer).label("quarter")
_PASSED = VISITS.c.seen >= PASSING - EPSILON
_INTERESTED = sa.and_(_PASSED, VISITS.c.stop >= STOP - EPSILON, VISITS.c.look > LOOK + EPSILON)


def _sum(condition: sa.ColumnElement[bool], value: Any = 1) -> sa.ColumnElement[Any]:
    return sa.func.sum(sa.case((condition, value), else_=0))


def _group(old: bool, gender: str) -> sa.ColumnElement[Any]:
    age = VISITS.c.age >= SENIOR if old else VISITS.c.age < SENIOR
    return _sum(sa.and_(_INTERESTED, VISITS.c.gender == gender, age))


# In the order of the fields of Sums: as `Sums.of` has it of one visit.
_SUMMED = (
    _sum(_PASSED),
    _sum(_INTERESTED),
    _sum(_INTERESTED, VISITS.c.still_total),
    _sum(_INTERESTED, VISITS.c.look),
    _sum(sa.and_(_INTERESTED, VISITS.c.gender.is_(None))),
    _sum(sa.and_(_INTERESTED, VISITS.c.gender == "female")),
    _sum(sa.and_(_INTERESTED, VISITS.c.gender == "male")),
    _group(True, "female"),
    _group(True, "male"),
    _group(False, "female"),
    _group(False, "male"),
    _sum(sa.and_(_INTERESTED, VISITS.c.happiness.is_not(None)), VISITS.c.happiness),
    _sum(sa.and_(_INTERESTED, VISITS.c.happiness.is_not(None))),
)


def put(connection: Direct, client_id: str, visit_id: str, row: Row) -> None:
    """Write a visit, or what became of it since, in the transaction of the job that told it."""
    values = {name: getattr(row, name) for name in _FIELDS}
    if _UPDATE.run(connection, {"k_id": visit_id, **values}).rowcount == 0:
        _INSERT.run(connection, {"id": visit_id, "client_id": client_id, **values})


def read(connection: sa.Connection, client_id: str, begin: float, end: float) -> Iterator[Row]:
    """The visits of a stream that began from `begin` to before `end` (UTC, s), in order."""
    columns = [VISITS.c[name] for name in _FIELDS]
    where = (VISITS.c.client_id == client_id, VISITS.c.first >= begin, VISITS.c.first < end)
    for row in connection.execute(sa.select(*columns).where(*where).order_by(VISITS.c.first)):
        yield Row(*row)


def sums(connection: sa.Connection, client_id: str, begin: float, end: float) -> list[tuple[int, Sums]]:
    """What the visits of a span add up to, by the quarter of an hour (of Unix time / 900) in which they began."""
    query = sa.select(_QUARTER, *_SUMMED).where(
        VISITS.c.client_id == client_id, VISITS.c.first >= begin, VISITS.c.first < end
    )
    return [(int(row[0]), Sums(*row[1:])) for row in connection.execute(query.group_by(_QUARTER).order_by(_QUARTER))]


def erase(connection: sa.Connection, client_id: str, begin: float = -math.inf, end: float = math.inf) -> int:
    """Delete the visits of a stream that began from `begin` to before `end` (UTC, s); their number."""
    where = (VISITS.c.client_id == client_id, VISITS.c.first >= begin, VISITS.c.first < end)
    return connection.execute(VISITS.delete().where(*where)).rowcount


def forget_old(connection: sa.Connection, seconds: float) -> int:
    """Delete the visits that began more than `seconds` ago; their number."""
    return connection.execute(VISITS.delete().where(VISITS.c.first < time.time() - seconds)).rowcount

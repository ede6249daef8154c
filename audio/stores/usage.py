"""Usage: seconds of stream by service and quarter of an hour, and of the running period of a stream with a limit.

Each service counts for itself, and the usage of a period is that of the service with the most: three services on one
microphone are one stream. Quarters make days and months of any zone, and a change of zone gives no day twice. Kept for
two years.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from audio.stores import plans, zones
from audio.stores.database import Direct, Prepared
from audio.stores.plans import PLANS, Period, Plan
from audio.stores.streams import Stream
from audio.stores.tables import METADATA, Number

QUARTER = 900
_LONGEST_PERIOD = 32 * 86400
KEPT_SECONDS = 2 * 366 * 86400

USAGE = sa.Table(
    "usage",
    METADATA,
    sa.Column("client_id", sa.String(36), primary_key=True),
    sa.Column("quarter", Number, primary_key=True, autoincrement=False),  # seconds of UTC at its start / 900
    sa.Column("service", sa.String(64), primary_key=True),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("last_at", sa.Float, nullable=False),
)
# Of the period that began at `since`: what a job with a limit reads and writes, in place of hundreds of quarters.
PLAN_USAGE = sa.Table(
    "plan_usage",
    METADATA,
    sa.Column("client_id", sa.String(36), primary_key=True),
    sa.Column("service", sa.String(64), primary_key=True),
    sa.Column("since", sa.Float, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
)


def _bound(*names: str) -> dict[str, Any]:
    return {name: sa.bindparam(name) for name in names}


_ADD = Prepared(
    USAGE.update()
    .where(*(USAGE.c[name] == sa.bindparam(f"k_{name}") for name in ("client_id", "quarter", "service")))
    .values(seconds=USAGE.c.seconds + sa.bindparam("seconds"), last_at=sa.bindparam("last_at"))
)
_FIRST = Prepared(USAGE.insert().values(_bound("client_id", "quarter", "service", "seconds", "last_at")))
_OF_PERIOD = Prepared(
    sa.select(PLAN_USAGE.c.service, PLAN_USAGE.c.seconds).where(
        PLAN_USAGE.c.client_id == sa.bindparam("client_id"), PLAN_USAGE.c.since == sa.bindparam("since")
    )
)
_ADD_TO_PERIOD = Prepared(
    PLAN_USAGE.update()
    .where(*(PLAN_USAGE.c[name] == sa.bindparam(f"k_{name}") for name in ("client_id", "service")))
    .values(seconds=sa.bindparam("seconds"), since=sa.bindparam("since"))
)
_FIRST_OF_PERIOD = Prepared(PLAN_USAGE.insert().values(_bound("client_id", "service", "since", "seconds")))
_SUMS = Prepared(
    sa.select(USAGE.c.service, sa.func.sum(USAGE.c.seconds))
    .where(
        USAGE.c.client_id == sa.bindparam("client_id"),
        USAGE.c.quarter >= sa.bindparam("first"),
        USAGE.c.quarter < sa.bindparam("end"),
    )
    .group_by(USAGE.c.service)
)


@dataclass(frozen=True)
class Used:
    """The usage of a stream's plan in the present period."""

    plan: Plan
    period: Period
    seconds: float

    @property
    def limit(self) -> int | None:
        return self.plan.limit

    @property
    def share(self) -> float:
        """0 to 1; 0 without a limit."""
        return min(1.0, self.seconds / self.limit) if self.limit else 0.0

    @property
    def is_up(self) -> bool:
        return self.limit is not None and self.seconds >= self.limit


def add(connection: Direct, client_id: str, service: str, seconds: float, now: float) -> None:
    """Count seconds of stream into the quarter of that time."""
    _put(connection, {"client_id": client_id, "quarter": int(now // QUARTER), "service": service}, seconds, now)


def _put(connection: Direct | sa.Connection, key: dict[str, Any], seconds: float, last_at: float) -> None:
    values = {"seconds": seconds, "last_at": last_at}
    if _ADD.run(connection, {**{f"k_{name}": value for name, value in key.items()}, **values}).rowcount == 0:
        _FIRST.run(connection, {**key, **values})


def of_period(connection: Direct | sa.Connection, client_id: str, period: Period) -> dict[str, float]:
    """Seconds by service since the period began."""
    rows = _OF_PERIOD.run(connection, {"client_id": client_id, "since": period.since}).fetchall()
    return {str(service): float(seconds) for service, seconds in rows} if rows else sums(connection, client_id, period)


def add_to_period(connection: Direct, client_id: str, service: str, seconds: float, period: Period) -> None:
    """Count into the running total of a plan's period, before it is counted into its quarter."""
    before = of_period(connection, client_id, period)
    for name, sum_ in {**before, service: before.get(service, 0.0) + seconds}.items():
        values = {"seconds": sum_, "since": period.since}
        if _ADD_TO_PERIOD.run(connection, {"k_client_id": client_id, "k_service": name, **values}).rowcount == 0:
            _FIRST_OF_PERIOD.run(connection, {"client_id": client_id, "service": name, **values})


def sums(connection: Direct | sa.Connection, client_id: str, period: Period) -> dict[str, float]:
    """Seconds by service in a span, from the quarters that begin in it."""
    span = {"first": _quarter(period.since), "end": _quarter(period.until)}
    rows = _SUMS.run(connection, {"client_id": client_id, **span}).fetchall()
    return {str(service): float(seconds) for service, seconds in rows}


def of_stream(connection: sa.Connection, stream: Stream, now: float | None = None) -> Used:
    """How much of its plan a stream has used in the present period."""
    plan = PLANS[stream.plan]
    period = plans.period(plan, stream.tz, now)
    used = of_period(connection, stream.client_id, period) if plan.limit else sums(connection, stream.client_id, period)
    return Used(plan, period, max(used.values(), default=0.0))


def by_day(
    connection: sa.Connection, client_id: str, tz: str, since: float, until: float
) -> dict[str, dict[str, float]]:
    """Seconds by day (2026-11-28, in the zone) and service, of the days that have any."""
    wanted = (USAGE.c.client_id == client_id, USAGE.c.quarter >= _quarter(since), USAGE.c.quarter < _quarter(until))
    zone, found = zones.of(tz), dict[str, dict[str, float]]()
    columns = (USAGE.c.quarter, USAGE.c.service, USAGE.c.seconds)
    for quarter, service, seconds in connection.execute(sa.select(*columns).where(*wanted).order_by(USAGE.c.quarter)):
        day = found.setdefault(datetime.fromtimestamp(quarter * QUARTER, zone).date().isoformat(), {})
        day[service] = day.get(service, 0.0) + seconds
    return found


def newest(connection: sa.Connection, client_ids: Sequence[str]) -> dict[str, dict[str, float]]:
    """When each service last heard a stream (UTC, s), by client_id and service, of the last day."""
    recent = (USAGE.c.client_id.in_(client_ids), USAGE.c.quarter >= _quarter(time.time() - 86400))
    query = sa.select(USAGE.c.client_id, USAGE.c.service, sa.func.max(USAGE.c.last_at)).where(*recent)
    found: dict[str, dict[str, float]] = {}
    for client_id, service, last_at in connection.execute(query.group_by(USAGE.c.client_id, USAGE.c.service)):
        found.setdefault(client_id, {})[service] = last_at
    return found


def services(connection: sa.Connection, client_id: str) -> set[str]:
    """The services that a stream was ever heard or seen by, of what is kept."""
    query = sa.select(USAGE.c.service).where(USAGE.c.client_id == client_id).distinct()
    return set(connection.scalars(query))


def hand_over(connection: sa.Connection, giver: str, taker: str) -> None:
    """What was used of late goes over, so that a stream that is deleted and made anew has not a plan anew."""
    recent = (USAGE.c.client_id == giver, USAGE.c.quarter >= _quarter(time.time() - _LONGEST_PERIOD))
    columns = (USAGE.c.quarter, USAGE.c.service, USAGE.c.seconds, USAGE.c.last_at)
    for quarter, service, seconds, last_at in connection.execute(sa.select(*columns).where(*recent)).all():
        _put(connection, {"client_id": taker, "quarter": quarter, "service": service}, seconds, last_at)
    forget(connection, giver)
    # The running total is made anew of the quarters.
    connection.execute(PLAN_USAGE.delete().where(PLAN_USAGE.c.client_id == taker))


def forget(connection: sa.Connection, client_id: str) -> None:
    for table in (USAGE, PLAN_USAGE):
        connection.execute(table.delete().where(table.c.client_id == client_id))


def forget_old(connection: sa.Connection) -> int:
    return connection.execute(USAGE.delete().where(USAGE.c.quarter < _quarter(time.time() - KEPT_SECONDS))).rowcount


def _quarter(at: float) -> int:
    """The first quarter that begins at or after."""
    return int(-(-at // QUARTER))

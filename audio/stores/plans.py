"""Plans: how many seconds of stream a day or a month may have. Day and month are those of the stream's zone."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from audio.errors import AudioError
from audio.stores import zones
from audio.stores.tables import STREAMS

MONTH, DAY = "month", "day"


@dataclass(frozen=True)
class Plan:
    """limit: seconds in a period; None: none. about: what a person reads. single: one stream of an account has it."""

    name: str
    title: str
    about: str
    limit: int | None = None
    period: str = ""
    single: bool = False


PLANS = {
    plan.name: plan
    for plan in (
        Plan("developer", "Developer", "3 hours a month", 3 * 3600, MONTH, single=True),
        Plan("enterprise", "Enterprise", "12 hours a day", 12 * 3600, DAY),
        Plan("unlimited", "Unlimited", "no limit"),
    )
}


class PlanTaken(AudioError):
    """An account has a stream of this plan already, and may have one."""

    code = "plan_taken"


@dataclass(frozen=True)
class Period:
    """since, until: the seconds of UTC between which usage counts together. resets_at: until, as ISO 8601."""

    since: float
    until: float
    resets_at: str


def period(plan: Plan, tz: str, now: float | None = None) -> Period:
    """The present day or month in a zone; of a plan without a limit, the day."""
    at = datetime.fromtimestamp(time.time() if now is None else now, zones.of(tz))
    begin = zones.month_start if plan.period == MONTH else zones.day_start
    since, until = begin(at), begin(at, 1)
    return Period(since.timestamp(), until.timestamp(), until.isoformat())


def check_free(connection: sa.Connection, plan: Plan, account_id: str | None, but: str = "") -> None:
    """Raises PlanTaken where the account has a stream of a plan that is for one. but: a stream that may have it."""
    if not plan.single or account_id is None:
        return
    other = (STREAMS.c.account_id == account_id, STREAMS.c.plan == plan.name, STREAMS.c.client_id != but)
    name = connection.execute(sa.select(STREAMS.c.name).where(*other).limit(1)).scalar()
    if name is not None:
        raise PlanTaken(
            f"'{name}' has the {plan.name} plan already, which is for one stream of an account.", field="plan"
        )

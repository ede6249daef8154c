"""Counts what a stream is heard, with each job, and refuses where its plan is used up.

A plan without a limit costs a job nothing here. One with a limit is looked at before anything is computed and again in
a transaction, where no other writer is, and the job is committed within it: so the job that crosses the limit is
answered, and none after it, whatever number of workers there are, and however they end.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from audio.errors import AudioError
from audio.services.base import Service
from audio.services.inputs.picture import Picture
from audio.stores import outbox, plans, streams, usage
from audio.stores.database import Database, Direct
from audio.stores.events import Event
from audio.stores.outbox import Entry
from audio.stores.plans import PLANS, Period, Plan

# How long a process goes by what a stream's plan was.
_TERMS_SECONDS = 1.0
_MOST = 10_000
WARN_SHARE = 0.8
# Seconds of stream that one picture is at most, and alone.
PICTURE_SECONDS = 1.0


class PlanUsedUp(AudioError):
    """The plan of a stream is used up until `resets_at`."""

    code = "plan_used_up"

    def __init__(self, plan: Plan, period: Period, used: float) -> None:
        super().__init__(
            f"The {plan.name} plan of this stream is used up: {plan.about}. It goes on at {period.resets_at}."
        )
        self.retry_after = max(1, math.ceil(period.until - time.time()))
        self.fields: dict[str, Any] = {
            "plan": plan.name,
            "period": plan.period,
            "used": round(used, 1),
            "limit": plan.limit,
            "resets_at": period.resets_at,
        }


@dataclass
class _Terms:
    """What a process knows of a stream's plan, and until when it goes by that. left: seconds, after its last job."""

    plan: Plan
    period: Period
    until: float
    left: float | None = None


class Meter:
    """The plans of the streams that one process serves."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock
        self._known: dict[str, _Terms] = {}

    def check(self, client_id: str, service: Service) -> None:
        """Raises PlanUsedUp where a job of this service would count and the plan is used up."""
        if not counts(service):
            return
        terms = self._terms(client_id)
        if terms.plan.limit is not None:
            self._refuse_over(terms, usage.of_period(self._database.read_prepared(), client_id, terms.period))

    def limits(self, client_id: str) -> bool:
        """Whether a stream has a plan with a limit: its jobs are counted one after another."""
        return self._terms(client_id).plan.limit is not None

    def count(self, connection: Direct | None, client_id: str, service: Service, seconds: float) -> list[Entry]:
        """What a job that was computed adds to the usage, to be written with it.

        connection: a transaction until that is done, where the plan has a limit. Raises PlanUsedUp.
        """
        if seconds <= 0:
            return []
        terms, now = self._terms(client_id), self._clock()
        if terms.plan.limit is None or connection is None:
            return [outbox.used(client_id, service.name, seconds, now, None)]
        before = usage.of_period(connection, client_id, terms.period)
        most = self._refuse_over(terms, before)
        after = max(most, before.get(service.name, 0.0) + seconds)
        terms.left = max(0.0, terms.plan.limit - after)
        counted = outbox.used(client_id, service.name, seconds, now, terms.period)
        return [*(outbox.told(event) for event in _crossed(client_id, terms, most, after, now)), counted]

    def header(self, client_id: str, service: Service) -> str:
        """The RateLimit header of an answer that was counted; empty where the plan has no limit."""
        terms = self._known.get(client_id)
        if terms is None or terms.left is None or not counts(service):
            return ""
        return f'"plan";r={int(terms.left)};t={max(0, math.ceil(terms.period.until - self._clock()))}'

    def _refuse_over(self, terms: _Terms, used: dict[str, float]) -> float:
        """The usage of the period, which is that of the service with the most."""
        most = max(used.values(), default=0.0)
        if terms.plan.limit is not None and most >= terms.plan.limit:
            raise PlanUsedUp(terms.plan, terms.period, most)
        return most

    def _terms(self, client_id: str) -> _Terms:
        now = self._clock()
        terms = self._known.get(client_id)
        if terms is not None and now < terms.until and terms.period.since <= now < terms.period.until:
            return terms
        name, tz = streams.plan_of(self._database.read_prepared(), client_id)
        period = plans.period(PLANS[name], tz, now)
        if len(self._known) >= _MOST:
            self._known.clear()
        terms = self._known[client_id] = _Terms(PLANS[name], period, now + _TERMS_SECONDS)
        return terms


def counts(service: Service) -> bool:
    """Whether the jobs of a service are usage: those that hear or see. Speech and echoes are not."""
    return service.timed is not None or sees(service)


def seconds_of(service: Service, inputs: Any, since: float | None = None, now: float = 0.0) -> float:
    """Seconds of stream in a job: of a sound its length, of a picture the time since the one before in its session.

    since, now: when that one and this one came (UTC, s); since None: there was none.
    """
    timed = service.timed
    if timed is not None:
        value = getattr(inputs, timed.name)
        return timed.clock.seconds(timed.clock.length(value), timed.clock.identity(value))
    if not sees(service):
        return 0.0
    return PICTURE_SECONDS if since is None else min(PICTURE_SECONDS, max(0.0, now - since))


def sees(service: Service) -> bool:
    """Whether a service takes pictures."""
    return any(isinstance(file, Picture) for file in service.files.values())


def _crossed(client_id: str, terms: _Terms, before: float, after: float, now: float) -> list[Event]:
    """What is told of a plan, once in a period: that most of it is used, and that all of it is."""
    limit = terms.plan.limit or 0
    data = {"used": round(after, 1), "limit": limit, "resets_at": terms.period.resets_at}
    marks = (("plan_warning", WARN_SHARE * limit), ("plan_used_up", float(limit)))
    return [Event(client_id, "", name, round(now, 3), data) for name, mark in marks if before < mark <= after]

"""Dates as they come in a query, and the hours or days between them.

A bucket is an hour or a day of a zone. Its bounds are whole quarters of an hour, of which sums are kept, so days are
right in every zone, and on days of 23 and 25 hours.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timezone
from zoneinfo import ZoneInfo

from audio.errors import BadInput
from audio.stores import zones

BY_HOUR, BY_DAY, GLOBAL = "by_hour", "by_day", "global"
TIMES = (BY_HOUR, BY_DAY, GLOBAL)
_UNENCODED = re.compile(r" (\d\d:?\d\d)$")
_BLANK = re.compile(r"^(\d{4}-\d\d-\d\d) (\d)")


def parse(text: str, name: str) -> datetime:
    """A date and time with its offset; UTC without one. A blank is a + that was not encoded. Raises BadInput."""
    try:
        found = zones.moment(_BLANK.sub(r"\1T\2", _UNENCODED.sub(r"+\1", text.strip())))
        if not 1970 <= found.astimezone(timezone.utc).year < 9999:
            raise ValueError
    except (ValueError, OverflowError) as exc:
        raise BadInput(
            f"'{name}' must be a date and time such as 2026-11-28T16:20:41+01:00; '{text[:40]}' came.", field=name
        ) from exc
    return found


def show(at: datetime) -> str:
    """In the offset that it came with, whole seconds: 2017-09-03T05:45:00+02:00."""
    return at.replace(microsecond=0).isoformat()


@dataclass(frozen=True)
class Span:
    """From `begin` to before `end` (UTC, s), in hours or days of a zone, or as one."""

    begin: float
    end: float
    time: str
    zone: ZoneInfo

    @property
    def count(self) -> int:
        """How many buckets it touches."""
        if self.time == GLOBAL:
            return 1
        if self.time == BY_HOUR:
            return math.ceil((self.end - self._first_hour) / 3600)
        return (self._day(self.end - 1e-6) - self._day(self.begin)).days + 1

    def starts(self, first: int, count: int) -> list[datetime]:
        """When the buckets from number `first` on begin, at most `count` of them, in the zone."""
        numbers = range(first, min(first + count, self.count))
        if self.time == GLOBAL:
            return [datetime.fromtimestamp(self.begin, self.zone) for _ in numbers]
        if self.time == BY_HOUR:
            return [datetime.fromtimestamp(self._first_hour + 3600 * i, self.zone) for i in numbers]
        at = datetime.fromtimestamp(self.begin, self.zone)
        return [zones.day_start(at, i) for i in numbers]

    def bounds(self, starts: Sequence[datetime]) -> list[float]:
        """Where the buckets that begin so begin and end, cut to the span: one number more than there are buckets."""
        if not starts:
            return [self.begin]
        if self.time == GLOBAL:
            end = self.end
        elif self.time == BY_HOUR:
            end = starts[-1].timestamp() + 3600
        else:
            end = zones.day_start(starts[-1], 1).timestamp()
        edges = [*(start.timestamp() for start in starts), end]
        return [min(max(edge, self.begin), self.end) for edge in edges]

    @property
    def _first_hour(self) -> float:
        at = datetime.fromtimestamp(self.begin, self.zone)
        return at.timestamp() - at.minute * 60 - at.second - at.microsecond / 1e6

    def _day(self, at: float) -> date:
        return datetime.fromtimestamp(at, self.zone).date()

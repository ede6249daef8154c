"""What of a stream a dashboard looks at: a period in hours or days of its zone."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import request

from audio.console.dates import BY_DAY, BY_HOUR, Span
from audio.stores import zones
from audio.stores.streams import Stream

PERIODS = {"24h": ("the last 24 hours", BY_HOUR), "7d": ("7 days", BY_DAY), "30d": ("30 days", BY_DAY)}
_DAYS = {"7d": 6, "30d": 29}


@dataclass(frozen=True)
class View:
    """What of a stream is looked at. starts: of its hours or days."""

    stream: Stream
    period: str
    time: str
    span: Span
    starts: list[datetime]

    @property
    def zone(self) -> ZoneInfo:
        return self.span.zone

    @property
    def unit(self) -> str:
        return "hour" if self.time == BY_HOUR else "day"

    def label(self, at: datetime) -> str:
        """Below a bar."""
        if self.time == BY_DAY:
            return f"{at.day} {at:%b}"
        return f"{at:%H}" if self.period == "24h" else f"{at.day} {at:%b}" if at.hour == 0 else ""

    def about(self, at: datetime) -> str:
        """Of a bar, in full."""
        return f"{at:%a} {at.day} {at:%b}" + (f", {at:%H:%M}" if self.time == BY_HOUR else "")


def view_of(stream: Stream) -> View:
    """What the query asks for; what it asks wrongly is taken for what is usual."""
    period = request.args.get("period", "24h")
    period = period if period in PERIODS else "24h"
    kind = request.args.get("time", "")
    kind = kind if kind in (BY_HOUR, BY_DAY) else PERIODS[period][1]
    zone = zones.of(stream.tz)
    now = datetime.fromtimestamp(time.time(), zone)
    if period == "24h":
        hour = now.timestamp() - now.minute * 60 - now.second - now.microsecond / 1e6
        begin = hour - 23 * 3600
    else:
        begin = zones.day_start(now, -_DAYS[period]).timestamp()
    span = Span(begin, now.timestamp(), kind, zone)
    return View(stream, period, kind, span, span.starts(0, span.count))

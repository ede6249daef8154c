"""Time zones: the server's own, and those that a stream may have. A day of a zone can have 23 or 25 hours."""

from __future__ import annotations

import functools
from datetime import datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo, available_timezones

import tzlocal
from dateutil.parser import isoparse

from audio.errors import BadInput


@functools.cache
def of_server() -> str:
    """The name of this machine's zone; UTC where it has none that is known."""
    try:
        name = tzlocal.get_localzone_name() or "UTC"
    except Exception:  # noqa: BLE001 - it raises what the odd files of a machine make it raise
        name = "UTC"
    return name if name in names() else "UTC"


@functools.cache
def names() -> frozenset[str]:
    return frozenset(n for n in available_timezones() if "/" in n or n == "UTC")


def of(name: str) -> ZoneInfo:
    """The zone of this name; empty: the server's."""
    return ZoneInfo(name or of_server())


def check(name: str) -> str:
    """A zone's name as it is kept, empty for the server's. Raises BadInput for none."""
    if name and name not in names():
        raise BadInput(f"'{name[:60]}' is no time zone: it is like Europe/Paris, or UTC.", field="tz")
    return name


def moment(text: str) -> datetime:
    """A date, or a date and time, in ISO 8601, with its offset; UTC where it has none. Raises ValueError."""
    found = isoparse(text)
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


def day_start(at: datetime, days: int = 0) -> datetime:
    """When the day of `at` begins in its zone, or another one so many days later."""
    return _begin(at, at.date() + timedelta(days=days))


def month_start(at: datetime, months: int = 0) -> datetime:
    """When the month of `at` begins in its zone, or another one so many months later."""
    count = at.year * 12 + at.month - 1 + months
    return _begin(at, at.date().replace(year=count // 12, month=count % 12 + 1, day=1))


def _begin(at: datetime, day: object) -> datetime:
    # By way of UTC: where the clock jumps over midnight, the day begins when it has jumped.
    local = datetime.combine(day, time(), at.tzinfo)  # type: ignore[arg-type]
    return local.astimezone(timezone.utc).astimezone(at.tzinfo)

"""Numbers and times as people read them, in the zone of whoever they are about."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo


def hours(seconds: float) -> str:
    """A duration: 45 s, 14 min, 2 h 14 min, 3 h."""
    if seconds < 60:
        return f"{int(seconds)} s"
    minutes = int(seconds // 60)
    h, m = divmod(minutes, 60)
    return " ".join(filter(None, [f"{h} h" if h else "", f"{m} min" if m else ""]))


def ago(then: float, now: float) -> str:
    """How long since: 4 s ago, 3 min ago, 2 h ago, 5 days ago."""
    seconds = max(0.0, now - then)
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= size * (2 if unit == "days" else 1):
            return f"{int(seconds // size)} {unit} ago"
    return f"{int(seconds)} s ago"


def moment(then: float, zone: ZoneInfo) -> str:
    """28 November 2026, 17:20."""
    at = datetime.fromtimestamp(then, zone)
    return f"{at.day} {at:%B %Y, %H:%M}"


def day(then: float, zone: ZoneInfo) -> str:
    """28 November."""
    at = datetime.fromtimestamp(then, zone)
    return f"{at.day} {at:%B}"


def clock(then: float, zone: ZoneInfo) -> str:
    """17:20."""
    return f"{datetime.fromtimestamp(then, zone):%H:%M}"


def number(value: float, digits: int = 0) -> str:
    """With a true minus, and thin spaces between thousands."""
    return f"{value:,.{digits}f}".replace(",", "\u202f").replace("-", "\u2212")


def direction(degrees: float) -> str:
    """31° left, 12° right, ahead."""
    whole = round(abs(degrees))
    return f"{whole}° {'left' if degrees > 0 else 'right'}" if whole else "ahead"


def browser(agent: str) -> str:
    """The browser and the system that a User-Agent names, or its beginning."""
    browsers = (
        ("Edg/", "Edge"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    )
    systems = (
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
    )
    name = next((title for mark, title in browsers if mark in agent), agent[:30] or "unknown")
    system = next((title for mark, title in (*systems, ("Linux", "Linux")) if mark in agent), "")
    return f"{name} on {system}" if system else name


def time(then: float, zone: ZoneInfo) -> str:
    """17:20:41."""
    return f"{datetime.fromtimestamp(then, zone):%H:%M:%S}"

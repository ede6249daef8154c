"""The dashboard of a stream: what the room heard and who was there, by hour and by day; the same as CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

import numpy as np
from flask import Response, request

from audio.audience.metrics import METRICS, Sums
from audio.console import charts, links, metrics, pages, visitors, words
from audio.console.charts import Bar
from audio.console.dates import BY_HOUR, Span
from audio.console.metrics import Heard
from audio.console.pages import blueprint
from audio.console.stream import mine
from audio.console.view import PERIODS, View, view_of
from audio.engine.meter import sees
from audio.services import registry
from audio.stores import events, presence, streams, usage, zones
from audio.stores.events import Event

_EVENTS = 8


@dataclass(frozen=True)
class Found:
    """What there is to show. week: sounds of the last seven days by hour: (day, 24 numbers). only_seen: whether it
    never sent anything but pictures."""

    heard: Heard
    seen: list[Sums]
    week: list[tuple[str, list[float]]]
    online: bool
    level_now: float | None
    newest: list[Event]
    only_seen: bool

    @property
    def people(self) -> Sums:
        return sum(self.seen, Sums())

    @property
    def camera_alone(self) -> bool:
        """Whether nothing was listened to and people were counted, or could have been: they come first then."""
        return not self.heard.heard.any() and (self.people.passing_by > 0 or self.only_seen)


@blueprint.get("/dashboard")
def dashboards() -> Response:
    """The first stream's; without a stream, how to make one."""
    with pages.engine().database.read() as connection:
        found = streams.of_account(connection, pages.me().id)
    return pages.to(".dashboard", client_id=found[0].client_id) if found else pages.render("no_dashboard.html")


@blueprint.get("/dashboard/of")
def dashboard_of() -> Response:
    """Where the choice of a stream leads: a form cannot put it into the path."""
    kept = {name: request.args[name] for name in ("period", "time") if name in request.args}
    return pages.to(".dashboard", client_id=request.args.get("stream", ""), **kept)


@blueprint.get("/dashboard/<client_id>")
def dashboard(client_id: str) -> Response:
    with pages.engine().database.read() as connection:
        view = view_of(mine(connection, client_id))
        others = streams.of_account(connection, pages.me().id)
    found = _find(view)
    query = {"period": view.period, "time": view.time}
    api = {
        "metrics": ",".join(metrics.NAMES),
        "from_date": view.starts[0].isoformat(),
        "time": view.time,
        "tz": str(view.zone),
        "stream": client_id,
    }
    return pages.render(
        "dashboard.html",
        view=view,
        found=found,
        others=others,
        periods=PERIODS,
        tiles=_tiles(view, found),
        drawings=_drawings(view, found),
        table=_table(view, found),
        people=visitors.shown(view, found.seen) if found.people.passing_by else None,
        camera_alone=found.camera_alone,
        event_words=event_words,
        csv=links.path(".dashboard_csv", client_id=client_id, **query),
        api=f"{links.root()}/api/1/entities?{urlencode(api)}",
    )


@blueprint.get("/dashboard/<client_id>.csv")
def dashboard_csv(client_id: str) -> Response:
    with pages.engine().database.read() as connection:
        view = view_of(mine(connection, client_id))
    found = _find(view)
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow([view.unit, *_COLUMNS, *(f"direction_{d}" for d in range(-90, 90, 10)), *_PEOPLE])
    for i, start in enumerate(view.starts):
        people = [_value(METRICS[name](found.seen[i])) for name in _PEOPLE]
        rows.writerow([start.isoformat(), *_numbers(found.heard, i), *map(int, found.heard.directions[i]), *people])
    name = f"{client_id}-{view.period}-{view.time}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text.getvalue(), headers=headers, content_type="text/csv; charset=utf-8")


_COLUMNS = ("sounds", "voice_s", "heard_s", "level_min_dbfs", "level_median_dbfs", "level_max_dbfs")
_PEOPLE = ("passing_by", "interested", "stop_time", "attention_time", "satisfaction")


def _value(answer: dict[str, float | None]) -> float | str:
    value = answer["value"]
    return "" if value is None else value


def _numbers(heard: Heard, i: int) -> list[float | str]:
    levels: tuple[float | str, ...] = heard.level_range[i] or ("", "", "")
    return [int(heard.sounds[i]), round(float(heard.voice[i]), 1), round(float(heard.heard[i]), 1), *levels]


def _find(view: View) -> Found:
    client_id = view.stream.client_id
    bounds = view.span.bounds(view.starts)
    week_starts = [zones.day_start(datetime.fromtimestamp(view.span.end, view.zone), -i) for i in range(6, -1, -1)]
    with pages.engine().database.snapshot() as connection:
        heard = metrics.heard(connection, client_id, bounds)
        seen = metrics.seen(connection, client_id, bounds)
        hours = Span(week_starts[0].timestamp(), view.span.end, BY_HOUR, view.zone)
        hour_starts = hours.starts(0, hours.count)
        by_hour = metrics.heard(connection, client_id, hours.bounds(hour_starts), histograms=False).sounds
        online, level = presence.state(connection, client_id)
        newest = events.last(connection, client_id, _EVENTS)
        used = usage.services(connection, client_id)
    only_seen = bool(used) and used <= {service.name for service in registry.services().values() if sees(service)}
    week = {start.date(): [0.0] * 24 for start in week_starts}
    for start, count in zip(hour_starts, by_hour, strict=True):
        week[start.date()][start.hour] += count  # the hour that comes twice on a day of 25 is added up
    rows = [(f"{day:%a} {day.day}", row) for day, row in week.items()]
    return Found(heard, seen, rows, online, level, newest, only_seen)


def _tiles(view: View, found: Found) -> list[tuple[str, str, str]]:
    """Title, number and what else there is to say, of what was heard."""
    heard = found.heard
    whole = heard.total()
    most = int(heard.sounds.argmax())
    busiest = f"{words.number(heard.sounds[most])} in the busiest {view.unit}, {view.about(view.starts[most])}"
    direction = _usual(whole.directions[0])
    level = whole.level_range[0]
    now = found.level_now if found.online else None
    quiet = f"{words.number(level[1])} dBFS the median" if level else "nothing heard yet"
    return [
        ("Sounds", words.number(whole.sounds[0]), busiest if whole.sounds[0] else f"in {PERIODS[view.period][0]}"),
        ("Voice", words.hours(whole.voice[0]), f"of {words.hours(whole.heard[0])} heard"),
        ("Usual direction", *direction),
        ("Level now", "–" if now is None else f"{words.number(now)} dBFS", quiet),
    ]


def _usual(counts: metrics.Numbers) -> tuple[str, str]:
    """The median direction, and how far to its sides half of all are."""
    total = counts.sum()
    if not total:
        return "–", "no direction yet"
    shares = counts.cumsum() / total
    low, middle, high = (-90 + 10 * (float(np.searchsorted(shares, q)) + 0.5) for q in (0.25, 0.5, 0.75))
    return words.direction(middle), f"half within ±{max(5, round((high - low) / 2))}°"


def _drawings(view: View, found: Found) -> dict[str, object]:
    heard, labels = found.heard, [view.label(at) for at in view.starts]

    def bars(values: metrics.Numbers, unit: str, label: str, colour: str) -> object:
        named = [
            Bar(text, f"{view.about(at)}: {words.number(value)} {unit}", [float(value)])
            for text, at, value in zip(labels, view.starts, values, strict=True)
        ]
        return charts.bars(named, label, [colour])

    most = view.about(view.starts[int(heard.sounds.argmax())]) if heard.sounds.any() else "none"
    directions = heard.total().directions[0]
    return {
        "sounds": bars(heard.sounds, "sounds", f"Sounds by {view.unit}; most: {most}", "a"),
        "voice": bars(heard.voice / 60, "min", f"Minutes of voice by {view.unit}", "b"),
        "directions": charts.fan(
            list(directions), f"Directions of {words.number(directions.sum())} sounds; usual: {_usual(directions)[0]}"
        ),
        "level": charts.band(
            heard.level_range,
            labels,
            f"Level by {view.unit} in dBFS: least, median and most",
        ),
        "week": charts.heat(found.week, "Sounds of the last seven days by hour"),
    }


def _table(view: View, found: Found) -> list[tuple[str, list[str]]]:
    """What was heard, row by row; of hours only those in which anything was."""
    rows = []
    for i, start in enumerate(view.starts):
        if view.time == BY_HOUR and not found.heard.heard[i]:
            continue
        sounds, voice, _, least, median, most = _numbers(found.heard, i)
        levels = [words.number(x) if isinstance(x, float) else "–" for x in (least, median, most)]
        rows.append((view.about(start), [words.number(float(sounds)), words.hours(float(voice)), *levels]))
    return rows


def event_words(event: Event) -> tuple[str, str]:
    """An event as a person reads it: what, and what of it."""
    data = event.data
    what = event.type.replace("_", " ")
    if event.type == "direction":
        return what, words.direction(float(np.degrees(data.get("yaw", 0.0))))
    if "duration" in data:
        return what, f"after {words.number(float(data['duration']), 1)} s"
    if "level" in data:
        return what, f"{words.number(float(data['level']))} dBFS"
    return what, ""

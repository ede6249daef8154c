"""Charts as SVG: text that a page holds, with a label for those who cannot see it.

Colours are classes of the style sheet. All take plain numbers and give Markup. What has nothing to
show is drawn empty, with its axes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from audio.console import words
from audio.stores.plans import Period

# The drawing area of a chart over time: x from LEFT to RIGHT, y from TOP to BOTTOM.
MANY = 120  # bars, from which on they are too thin to be pointed at
Levels = tuple[float, float, float]
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 560, 130, 38, 554, 8, 110


@dataclass(frozen=True)
class Bar:
    """label: below it, where there is room. about: what the bar tells when it is pointed at. parts: from below."""

    label: str
    about: str
    parts: Sequence[float]

    @property
    def total(self) -> float:
        return sum(self.parts)


def bars(found: Sequence[Bar], label: str, colours: Sequence[str] = ("a",)) -> Markup:
    """Bars side by side; colours: a letter for each part."""
    top = nice(max((bar.total for bar in found), default=0.0))
    step = (RIGHT - LEFT) / max(1, len(found))
    gap = min(2.0, step / 4)
    drawn = [_axis(top)]
    if len(found) > MANY:
        return _svg([*drawn, *_thin(found, top, step, colours), _labels([bar.label for bar in found], step)], label)
    for i, bar in enumerate(found):
        x, y = LEFT + i * step + gap / 2, float(BOTTOM)
        shapes = []
        for part, colour in zip(bar.parts, colours, strict=True):
            height = part / top * (BOTTOM - TOP)
            y -= height
            if height > 0:
                shapes.append(
                    f'<rect class="f{colour}" x="{x:.1f}" y="{y:.1f}" width="{step - gap:.1f}" '
                    f'height="{height:.1f}" rx="1.5"/>'
                )
        drawn.append(
            f'<g><title>{escape(bar.about)}</title><rect class="none" x="{x:.1f}" y="{TOP}" width="{step - gap:.1f}" '
            f'height="{BOTTOM - TOP}"/>{"".join(shapes)}</g>'
        )
    return _svg([*drawn, _labels([bar.label for bar in found], step)], label)


def _thin(found: Sequence[Bar], top: float, step: float, colours: Sequence[str]) -> list[str]:
    """Bars too many to be pointed at: one shape for each colour."""
    paths: list[list[str]] = [[] for _ in colours]
    for i, bar in enumerate(found):
        y = float(BOTTOM)
        for part, path in zip(bar.parts, paths, strict=True):
            height = part / top * (BOTTOM - TOP)
            if height > 0:
                path.append(f"M{LEFT + i * step:.1f} {y:.1f}v{-height:.1f}h{step:.2f}v{height:.1f}z")
            y -= height
    return [f'<path class="f{c}" d="{"".join(path)}"/>' for c, path in zip(colours, paths, strict=True) if path]


def band(rows: Sequence[Levels | None], labels: Sequence[str], label: str) -> Markup:
    """A line with a band around it, from -80 to 0: (least, middle, most) of a bucket, None: not known."""
    step = (RIGHT - LEFT) / max(1, len(rows))
    drawn = [_axis(0.0, ("0", "\u221240", "\u221280"))]
    for start, run in _runs(rows):
        xs = [LEFT + (start + i + 0.5) * step for i in range(len(run))]
        if len(run) == 1:  # a bucket alone is as wide as a bucket
            xs, run = [xs[0] - step / 2, xs[0] + step / 2], [run[0], run[0]]
        upper = [f"{x:.1f} {_level(row[2]):.1f}" for x, row in zip(xs, run, strict=True)]
        lower = [f"{x:.1f} {_level(row[0]):.1f}" for x, row in zip(xs, run, strict=True)]
        middle = [f"{x:.1f} {_level(row[1]):.1f}" for x, row in zip(xs, run, strict=True)]
        drawn.append(f'<path class="fa faint" d="M {" L ".join(upper + lower[::-1])} Z"/>')
        drawn.append(f'<path class="sa" d="M {" L ".join(middle)}"/>')
    return _svg([*drawn, _labels(labels, step)], label)


def fan(counts: Sequence[float], label: str) -> Markup:
    """Directions from 90 degrees right to 90 left in equal steps, drawn as seen from above: left is left."""
    x0, y0, reach = 150.0, 138.0, 118.0
    most = max(counts, default=0.0) or 1.0
    width = 180 / len(counts)
    drawn = [f'<path class="axis open" d="{_arc(x0, y0, reach * part, -90, 90)}"/>' for part in (0.5, 1.0)]
    for i, count in enumerate(counts):
        begin = -90 + i * width
        radius = reach * math.sqrt(count / most)  # the area tells the count
        if count:
            about = f"{words.direction(begin + width / 2)}: {words.number(count)}"
            d = f"M {x0:.0f} {y0:.0f} L {_arc(x0, y0, radius, begin + 0.6, begin + width - 0.6)[2:]} Z"
            drawn.append(f'<path class="fd" d="{d}"><title>{escape(about)}</title></path>')
    marks = ((150, 12, "middle", "ahead"), (60, 52, "end", "45°"), (240, 52, "start", "45°"))
    ends = ((32, 154, "middle", "90° left"), (268, 154, "middle", "90° right"))
    text = "".join(f'<text x="{x}" y="{y}" text-anchor="{a}">{t}</text>' for x, y, a, t in (*marks, *ends))
    return _svg([*drawn, text], label, "-30 0 360 160", "fan")


def heat(rows: Sequence[tuple[str, Sequence[float]]], label: str) -> Markup:
    """A row of 24 hours for each day: the more, the darker; every cell says its number."""
    most = max((value for _, row in rows for value in row), default=0.0) or 1.0
    step, height, drawn = (RIGHT - LEFT) / 24, 16, list[str]()
    for r, (name, row) in enumerate(rows):
        y = r * height
        drawn.append(f'<text x="{LEFT - 5}" y="{y + 12}" text-anchor="end">{escape(name)}</text>')
        for hour, value in enumerate(row):
            about = f"{name} {hour:02d}:00: {words.number(value)}"
            shade = f"h{math.ceil(5 * value / most)}"
            drawn.append(
                f'<rect class="{shade}" x="{LEFT + hour * step + 1:.1f}" y="{y + 1}" width="{step - 2:.1f}" '
                f'height="{height - 2}" rx="2"><title>{escape(about)}</title></rect>'
            )
    bottom = len(rows) * height + 14
    drawn += [
        f'<text x="{LEFT + (hour + 0.5) * step:.1f}" y="{bottom}" text-anchor="middle">{hour:02d}</text>'
        for hour in range(0, 24, 3)
    ]
    return _svg(drawn, label, f"0 0 {WIDTH} {bottom + 4}", "chart heat")


def shares(parts: Sequence[tuple[str, float, str]], label: str) -> Markup:
    """One bar of several parts: (name, number, colour)."""
    total = sum(number for _, number, _ in parts) or 1.0
    x, drawn = 0.0, list[str]()
    for name, number, colour in parts:
        width = 560 * number / total
        about = f"{name}: {words.number(number)}"
        drawn.append(
            f'<rect class="f{colour}" x="{x:.1f}" y="0" width="{max(0.0, width - 2):.1f}" height="22" rx="3">'
            f"<title>{escape(about)}</title></rect>"
        )
        x += width
    return _svg(drawn, label, "0 0 560 22")


def meter(share: float, label: str, colour: str = "act") -> Markup:
    """How much of something is used, 0 to 1."""
    percent = round(100 * share)
    return Markup(
        f'<svg class="meter" viewBox="0 0 100 10" preserveAspectRatio="none" role="meter" aria-valuenow="{percent}" '
        f'aria-valuemin="0" aria-valuemax="100" aria-label="{escape(label)}">'
        '<rect class="track" width="100" height="10"/>'
        f'<rect class="f-{colour}" width="{100 * share:.2f}" height="10"/></svg>'
    )


def nice(most: float) -> float:
    """The top of an axis: 1, 2, 4, 5, 6, 8 or 10 times a power of ten, and never 0."""
    if most <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(most))
    return next(step * power for step in (1, 2, 4, 5, 6, 8, 10) if step * power >= most * (1 - 1e-9))


def days_of_month(found: dict[str, dict[str, float]], month: Period, zone: ZoneInfo) -> list[tuple[date, float]]:
    """The days of a month until today, each with the seconds of the service that had the most."""
    first = datetime.fromtimestamp(month.since, zone).date()
    count = (datetime.now(zone).date() - first).days + 1
    days = [date.fromordinal(first.toordinal() + i) for i in range(count)]
    return [(day, max(found.get(day.isoformat(), {}).values(), default=0.0)) for day in days]


def month(days: Sequence[tuple[date, float]]) -> Markup:
    """Hours a day."""
    found = [Bar(str(day.day), f"{day.isoformat()}: {words.hours(seconds)}", [seconds / 3600]) for day, seconds in days]
    return bars(found, f"Hours of stream a day in {days[0][0]:%B %Y}")


def _svg(drawn: Sequence[str], label: str, box: str = f"0 0 {WIDTH} {HEIGHT}", kind: str = "chart") -> Markup:
    head = f'<svg class="{kind}" viewBox="{box}" role="img" aria-label="{escape(label)}">'
    return Markup(head + "".join(drawn) + "</svg>")


def _axis(top: float, marks: Sequence[str] = ()) -> str:
    half = top / 2
    digits = 0 if half == int(half) else 1 if half * 10 == int(half * 10) else 2
    texts = marks or (words.number(top, digits if top != int(top) else 0), words.number(half, digits), "0")
    lines = []
    for text, y in zip(texts, (TOP, (TOP + BOTTOM) / 2, BOTTOM), strict=True):
        lines.append(f'<line class="axis" x1="{LEFT}" x2="{RIGHT}" y1="{y:g}" y2="{y:g}"/>')
        lines.append(f'<text x="{LEFT - 5}" y="{y + 4:g}" text-anchor="end">{text}</text>')
    return "".join(lines)


def _labels(labels: Sequence[str], step: float) -> str:
    """As many of the labels as do not touch."""
    widest = max((len(text) for text in labels), default=1)
    every = max(1, math.ceil((widest * 7 + 12) / step))
    every = next((n for n in (1, 2, 3, 4, 6, 8, 12, 24) if n >= every), every)
    return "".join(
        f'<text x="{LEFT + (i + 0.5) * step:.1f}" y="{BOTTOM + 15}" text-anchor="middle">{escape(text)}</text>'
        for i, text in enumerate(labels)
        if i % every == 0 and text
    )


def _level(value: float) -> float:
    return TOP + min(80.0, max(0.0, -value)) / 80 * (BOTTOM - TOP)


def _runs(
    rows: Sequence[Levels | None],
) -> list[tuple[int, list[Levels]]]:
    """The stretches of buckets that are known, each with where it starts."""
    runs: list[tuple[int, list[Levels]]] = []
    for i, row in enumerate(rows):
        if row is None:
            continue
        if runs and runs[-1][0] + len(runs[-1][1]) == i:
            runs[-1][1].append(row)
        else:
            runs.append((i, [row]))
    return runs


def _arc(x0: float, y0: float, radius: float, begin: float, end: float) -> str:
    """A path from one direction to another; degrees, 0 is up, positive is to the left."""
    ends = [
        f"{x0 - radius * math.sin(math.radians(angle)):.1f} {y0 - radius * math.cos(math.radians(angle)):.1f}"
        for angle in (begin, end)
    ]
    return f"M {ends[0]} A {radius:.1f} {radius:.1f} 0 0 0 {ends[1]}"

"""Who was there, as a dashboard shows it: from what the visits of each hour or day add up to."""

from __future__ import annotations

from collections.abc import Sequence

from audio.audience.metrics import METRICS, Sums
from audio.console import charts, words
from audio.console.charts import Bar
from audio.console.dates import BY_DAY
from audio.console.view import View


def shown(view: View, seen: Sequence[Sums]) -> dict[str, object]:
    """Tiles and drawings of who was there."""
    whole = sum(seen, Sums())
    means = {name: METRICS[name](whole)["value"] for name in ("stop_time", "attention_time", "satisfaction")}

    def seconds(name: str) -> str:
        return "–" if means[name] is None else f"{words.number(means[name], 1)} s"

    named = [
        Bar(
            view.label(at),
            f"{view.about(at)}: {s.passing_by} passing by, {s.interested} interested",
            [s.interested, s.passing_by - s.interested],
        )
        for at, s in zip(view.starts, seen, strict=True)
    ]
    young, senior = whole.young_female + whole.young_male, whole.senior_female + whole.senior_male
    ages = [("young", young, "a"), ("senior", senior, "c"), ("not known", whole.interested - young - senior, "g")]
    genders = [("female", whole.female, "d"), ("male", whole.male, "b"), ("?", whole.unknown, "g")]
    return {
        "tiles": [
            ("People passing by", words.number(whole.passing_by), "seen for 1 s or more"),
            ("People interested", words.number(whole.interested), "stopped 3 s, looked 1 s"),
            ("Average stopping time", seconds("stop_time"), "of the interested"),
            ("Average attention time", seconds("attention_time"), "of the interested"),
        ],
        "chart": charts.bars(named, f"People by {view.unit}: interested, and others passing by", ["c", "b"]),
        "rows": [
            (view.about(at), s) for at, s in zip(view.starts, seen, strict=True) if s.passing_by or view.time == BY_DAY
        ],
        "shares": [
            ("Age of the interested", charts.shares(ages, "Age of the interested"), _legend(ages)),
            ("Gender", charts.shares(genders, "Gender of the interested"), _legend(genders)),
        ],
        "satisfaction": means["satisfaction"],
    }


def _legend(parts: list[tuple[str, int, str]]) -> list[tuple[str, str]]:
    total = sum(count for _, count, _ in parts) or 1
    return [(f"{name} {round(100 * count / total)} %", colour) for name, count, colour in parts]

"""The audience's metrics, over any number of visits.

`Sums` are what is kept of a span of time: those of two spans add up to those of both, so a quarter of an hour, a day in
any zone and a year are all made of the same rows. `answer` makes the metrics of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from audio.audience.visit import Row

# A person counts from `PASSING` s in view; is interested with a stop of `STOP` s and more than `LOOK` s of looking.
PASSING = 1.0
STOP = 3.0
LOOK = 1.0
# From this age on a person is senior.
SENIOR = 50.0
EPSILON = 1e-6
_SURE_DIGITS = 9  # of a mean, however it was added up


def passing_by(row: Row) -> bool:
    """Whether a visit counts at all."""
    return row.seen >= PASSING - EPSILON


def interested(row: Row) -> bool:
    """Whether the person stopped and looked, at the same moment or not."""
    return passing_by(row) and row.stop >= STOP - EPSILON and row.look > LOOK + EPSILON


@dataclass(frozen=True)
class Sums:
    """Sums over visits. All but `passing_by` are over the interested.

    still, look: s. unknown, female, male: how many of a gender. *_female, *_male: of known age and gender. happiness:
    the sum over the `happy` people of whom it is known.
    """

    passing_by: int = 0
    interested: int = 0
    still: float = 0.0
    look: float = 0.0
    unknown: int = 0
    female: int = 0
    male: int = 0
    senior_female: int = 0
    senior_male: int = 0
    young_female: int = 0
    young_male: int = 0
    happiness: float = 0.0
    happy: int = 0

    @staticmethod
    def of(row: Row) -> Sums:
        """Those of one visit."""
        if not interested(row):
            return Sums(passing_by=int(passing_by(row)))
        counts = {row.gender or "unknown": 1}
        if row.gender and row.age is not None:
            counts[f"{'senior' if row.age >= SENIOR else 'young'}_{row.gender}"] = 1
        happy = row.happiness is not None
        return Sums(1, 1, row.still_total, row.look, happiness=row.happiness or 0.0, happy=int(happy), **counts)

    def __add__(self, other: Sums) -> Sums:
        return Sums(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Sums)))


def answer(sums: Sums, metrics: Sequence[str]) -> dict[str, Any]:
    """The metrics of these names, as the data API answers them. Raises KeyError for a name not in METRICS."""
    return {name: METRICS[name](sums) for name in metrics}


def _mean(sum_: float, count: int, digits: int) -> dict[str, float | None]:
    """A mean of some digits. Sums are off in their last bits, each by its own order: they must not settle a half."""
    return {"value": round(round(sum_ / count, _SURE_DIGITS), digits) if count else None}


# Counts are 0 where nobody was, means null.
METRICS: dict[str, Callable[[Sums], dict[str, Any]]] = {
    "passing_by": lambda s: {"value": s.passing_by},
    "interested": lambda s: {"value": s.interested},
    "stop_time": lambda s: _mean(s.still, s.interested, 1),
    "attention_time": lambda s: _mean(s.look, s.interested, 1),
    "category": lambda s: {
        "senior_female": s.senior_female,
        "senior_male": s.senior_male,
        "young_female": s.young_female,
        "young_male": s.young_male,
    },
    "gender": lambda s: {"?": s.unknown, "female": s.female, "male": s.male},
    "satisfaction": lambda s: _mean(s.happiness, s.happy, 2),
}

"""Who was in a shop that never was, and what the audience's figures of them are by their definitions alone.

Visitors come by a Poisson process whose rate follows the hours of a day, given how many there are, past a few cameras.
Each walks, stops now and then, looks at the camera now and then, and leaves. All times are frames, `FPS` a second: what
the definitions make of a visitor is exact, and many are made to lie on a threshold. Nothing here knows `audio`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

FPS = 2
OPEN_HOURS = 12
# How many come in each hour, beside the others: few in the morning, most at noon and after work.
_RATES = np.array([2, 3, 4, 7, 9, 6, 5, 5, 7, 10, 8, 3], float)
# Most pass; some stop; some look; some do both. What is on a threshold of a definition is drawn as often as the rest.
_KINDS = ("passes", "stops", "looks", "both")
_SHARES = (0.6, 0.1, 0.1, 0.2)

Span = tuple[int, int]


@dataclass(frozen=True)
class Visitor:
    """first, last: frames, from the opening. stops, looks: from a frame to a frame.

    age, gender, happiness: what models would make of the face; None: of one too small to be read; of neither gender.
    """

    camera: int
    first: int
    last: int
    stops: tuple[Span, ...]
    looks: tuple[Span, ...]
    age: int | None
    gender: str | None
    happiness: float | None

    @property
    def seen(self) -> float:
        return (self.last - self.first) / FPS

    @property
    def stop(self) -> float:
        return max((b - a for a, b in self.stops if b - a >= FPS), default=0) / FPS

    @property
    def still_total(self) -> float:
        return sum(b - a for a, b in self.stops if b - a >= FPS) / FPS

    @property
    def look(self) -> float:
        return sum(b - a for a, b in self.looks) / FPS

    @property
    def passes(self) -> bool:
        return self.seen >= 1

    @property
    def interested(self) -> bool:
        return self.passes and self.stop >= 3 and self.look > 1

    def walked(self, frame: int) -> float:
        """Seconds of walking up to a frame."""
        return (frame - self.first - sum(max(0, min(b, frame) - a) for a, b in self.stops)) / FPS

    def looking(self, frame: int) -> bool:
        return any(a <= frame < b for a, b in self.looks)

    @property
    def row(self) -> tuple[object, ...]:
        """What is to be stored of the visit, without its times; happiness is known of who looked for a second."""
        known = self.look > 0
        happiness = self.happiness if self.look >= 1 else None
        gender = self.gender if self.look * FPS > 1 else None  # of two looks at least
        age = self.age if known else None
        return self.seen, self.stop, self.still_total, self.look, age, gender, happiness


def draw(count: int, cameras: int, seed: int) -> list[Visitor]:
    """So many visitors, in the order in which they come."""
    chance = np.random.default_rng(seed)
    hours = chance.choice(OPEN_HOURS, count, p=_RATES / _RATES.sum())
    arrivals = np.sort(hours * 3600 * FPS + chance.integers(0, 3600 * FPS, count))
    return [_one(chance, int(at), int(chance.integers(cameras))) for at in arrivals]


def _one(chance: np.random.Generator, at: int, camera: int) -> Visitor:
    kind = _KINDS[int(chance.choice(len(_KINDS), p=_SHARES))]
    stops = _spans(chance, at + 2, 2, (1, 2, 5, 6, 6, 12)) if kind in ("stops", "both") else ()
    looks = _spans(chance, at + 1, 2, (1, 2, 2, 3, 8)) if kind in ("looks", "both") else ()
    end = max([at, *(b for _, b in (*stops, *looks))])
    last = end + int(chance.choice([0, 1, 2, 3, 6, 10])) if end == at else end + int(chance.integers(1, 6))
    small, neither = chance.random() < 0.15, chance.random() < 0.1
    age, female = int(np.clip(chance.normal(42, 18), 6, 90)), chance.random() < 0.55
    happiness = round(float(chance.beta(2, 3)), 4)
    gender = None if neither else "female" if female else "male"
    face = (None, None, None) if small else (age, gender, happiness)
    return Visitor(camera, at, last, stops, looks, *face)


def _spans(chance: np.random.Generator, begin: int, most: int, lengths: Sequence[int]) -> tuple[Span, ...]:
    """Up to `most` of them, with at least two seconds between."""
    spans = []
    for _ in range(int(chance.integers(1, most + 1))):
        begin += int(chance.integers(0, 6))
        end = begin + int(chance.choice(lengths))
        spans.append((begin, end))
        begin = end + 2 * FPS
    return tuple(spans)


def by_frame(visitors: Sequence[Visitor]) -> Iterator[tuple[int, list[int]]]:
    """The frames in which anybody is there, and who, by number."""
    present: dict[int, list[int]] = {}
    for number, one in enumerate(visitors):
        for frame in range(one.first, one.last + 1):
            present.setdefault(frame, []).append(number)
    yield from sorted(present.items())


def metrics(visitors: Sequence[Visitor], senior: int = 50) -> dict[str, object]:
    """The figures of those who came in one span of time."""
    them = [one for one in visitors if one.interested]
    genders = [one.row[5] for one in them]
    known = [(one.row[4], one.row[5]) for one in them if one.row[4] is not None and one.row[5] is not None]
    happy = [one.row[6] for one in them if one.row[6] is not None]

    def mean(values: Sequence[object], digits: int) -> dict[str, float | None]:
        return {"value": round(math.fsum(values) / len(values), digits) if values else None}  # type: ignore[arg-type]

    return {
        "passing_by": {"value": sum(one.passes for one in visitors)},
        "interested": {"value": len(them)},
        "stop_time": mean([one.still_total for one in them], 1),
        "attention_time": mean([one.look for one in them], 1),
        "gender": {"?": genders.count(None), "female": genders.count("female"), "male": genders.count("male")},
        "category": {
            f"{age}_{gender}": sum(g == gender and (a >= senior) == (age == "senior") for a, g in known)  # type: ignore[operator]
            for age in ("senior", "young")
            for gender in ("female", "male")
        },
        "satisfaction": mean(happy, 2),
    }

"""The figures of one visit as their definitions have it, written once more: all frames at hand, exact, slow.

Times are whole ticks of a tenth of a second, so that what lies on a threshold lies on it exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

TICK = 10  # a second


@dataclass(frozen=True)
class Glimpse:
    """A frame in which somebody was seen. tick: when. x: centre, height: of the body, face: its size, in px."""

    tick: int
    x: int
    height: int
    face: int
    looking: bool


def seen(them: Sequence[Glimpse]) -> Fraction:
    return Fraction(them[-1].tick - them[0].tick, TICK)


def look(them: Sequence[Glimpse]) -> Fraction:
    """Between two frames as in the first of them, for a second at most."""
    return sum((_step(a, b) for a, b in pairwise(them) if a.looking), Fraction(0))


def spells(them: Sequence[Glimpse]) -> list[Fraction]:
    """The lengths of the spells of standing still.

    One begins with the window in which the person was found still first; it goes on with each still frame, through
    breaks under half a second: what lies between two of its frames counts from the one before, for a second at most.
    """
    found: list[Fraction] = []
    goes_on, broken = False, 0
    for k, now in enumerate(them):
        window = [one for one in them[: k + 1] if now.tick - one.tick <= TICK]
        if _still(window):
            if goes_on:
                found[-1] += _step(them[k - 1], now)
            else:
                found.append(Fraction(now.tick - window[0].tick, TICK))
            goes_on, broken = True, -1
        elif goes_on:
            broken = now.tick if broken < 0 else broken
            goes_on = now.tick - broken < TICK / 2
    return found


def stop(them: Sequence[Glimpse]) -> Fraction:
    return max(spells(them), default=Fraction(0))


def still_total(them: Sequence[Glimpse]) -> Fraction:
    return sum((spell for spell in spells(them) if spell >= 1), Fraction(0))


def interested(them: Sequence[Glimpse]) -> bool:
    return seen(them) >= 1 and stop(them) >= 3 and look(them) > 1


def _step(before: Glimpse, after: Glimpse) -> Fraction:
    return min(Fraction(after.tick - before.tick, TICK), Fraction(1))


def _still(window: Sequence[Glimpse]) -> bool:
    """At most half a face size a second, and 15 % of the height, over a second; frames come up to 0.15 s early."""
    first, last = window[0], window[-1]
    span = Fraction(last.tick - first.tick, TICK)
    moved, grown = abs(last.x - first.x), abs(Fraction(last.height, first.height) - 1)
    return span >= Fraction(85, 100) and moved <= span * last.face / 2 and grown <= Fraction(15, 100)

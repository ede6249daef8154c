"""How long a person stood still.

A person is still who moved at most half a face size a second over the last second, and whose height changed by at most
15 % meanwhile: it tells a walk towards the camera. A walk is 6 to 8 face sizes a second. A break under half a second
ends no spell. The positions must be smooth, or a trembling box never stands still.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from audio.audience.observation import Observation

# All chosen, but what the documentation sets: a stop, in metrics.py, is 3 s.
SPEED = 0.5  # face sizes a second
GROWTH = 0.15
WINDOW = 1.0  # s
BREAK = 0.5  # s
SPELL = 1.0  # s, the shortest spell that is told of in the sum
GAP = 1.0  # s, the most that counts between two frames
# Frames come when they come: a window that is this much shorter is one.
_JITTER = 0.15
_EPSILON = 1e-6

Place = tuple[float, float, float, float]  # time, x, y, height


@dataclass(frozen=True)
class Stillness:
    """places: of the last second. spell: s of the spell that goes on, 0: none. broken: since when it is interrupted.

    longest, total: s, of the spells so far: the longest, and the sum of those of at least SPELL that have ended.
    """

    places: tuple[Place, ...] = ()
    spell: float = 0.0
    broken: float | None = None
    longest: float = 0.0
    ended: float = 0.0

    @property
    def total(self) -> float:
        """The sum of all spells of at least SPELL, the one that goes on included, in s."""
        return self.ended + (self.spell if self.spell >= SPELL - _EPSILON else 0.0)

    def add(self, seen: Observation) -> Stillness:
        """One more frame, in the order of time."""
        step = seen.time - self.places[-1][0] if self.places else 0.0
        places = (*self.places, (seen.time, seen.x, seen.y, seen.height))
        places = tuple(place for place in places if seen.time - place[0] <= WINDOW + _EPSILON)
        after = replace(self, places=places)
        if _still(places, seen.face):
            spell = self.spell + min(step, GAP) if self.spell else seen.time - places[0][0]
            return replace(after, spell=spell, broken=None, longest=max(self.longest, spell))
        return after._interrupted(seen.time) if self.spell else after

    def _interrupted(self, time: float) -> Stillness:
        broken = time if self.broken is None else self.broken
        if time - broken < BREAK:
            return replace(self, broken=broken)
        return replace(self, spell=0.0, broken=None, ended=self.total)


def _still(places: tuple[Place, ...], face: float) -> bool:
    (start, x0, y0, h0), (end, x1, y1, h1) = places[0], places[-1]
    span = end - start
    if span < WINDOW - _JITTER:
        return False
    near = math.hypot(x1 - x0, y1 - y0) <= SPEED * max(face, 1.0) * span
    return near and abs(h1 / max(h0, 1.0) - 1) <= GROWTH

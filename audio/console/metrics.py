"""The metrics of a stream over buckets of time: of sound from the sums, of people from the visits.

Several services on one microphone heard the same: what counts of a bucket is the service that has the most of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from audio.audience import metrics as people
from audio.audience.metrics import Sums
from audio.stores import sums, visits
from audio.stores.sums import BINS, DIRECTIONS, LEVELS, LOWEST, QUARTER

Numbers = NDArray[np.float64]


_WIDTHS = {"levels": LEVELS, "directions": DIRECTIONS}
_NONE = -1
Levels = tuple[float, float, float]  # dBFS: least, median, most


@dataclass(frozen=True)
class Heard:
    """Of n buckets. heard, voice: s. sounds: how many. levels: counts (n, LEVELS), directions: (n, DIRECTIONS)."""

    heard: Numbers
    voice: Numbers
    sounds: Numbers
    levels: Numbers
    directions: Numbers

    @cached_property
    def level_range(self) -> list[Levels | None]:
        """Of each bucket; None of one without levels."""
        there, running = self.levels > 0, self.levels.cumsum(axis=1)
        median = (running >= running[:, -1:] / 2).argmax(axis=1)
        places = (there.argmax(axis=1), median, LEVELS - 1 - there[:, ::-1].argmax(axis=1))
        rows = zip(*((each + float(LOWEST)).tolist() for each in places), strict=True)
        empty = (running[:, -1] == 0).tolist()
        return [None if none else row for row, none in zip(rows, empty, strict=True)]

    def total(self) -> Heard:
        """All buckets as one."""
        return Heard(*(getattr(self, name).sum(axis=0, keepdims=True) for name in self.__dataclass_fields__))


def heard(connection: sa.Connection, client_id: str, bounds: Sequence[float], *, histograms: bool = True) -> Heard:
    """The sums of the buckets between these bounds (UTC, s, ascending), a quarter of an hour where it begins.

    The quarter in which the first bucket begins is the bucket's: what was heard a moment ago is never missing.
    Without histograms, levels and directions are all 0, and a month takes a fifth of the time.
    """
    edges = np.array([math.ceil(b / QUARTER) for b in bounds], np.int64)
    edges[0] = int(bounds[0] // QUARTER)
    first, end, count = int(edges[0]), int(edges[-1]), len(bounds) - 1
    found = sums.table(connection, client_id, first, end)
    cells, services = found.services * (count + 1) + _places(edges, found.numbers), len(found.names) or 1

    def by_service(name: str) -> Numbers:
        return _added(cells, found.numbers[name], services * (count + 1)).reshape(services, -1)[:, :count]

    whole = {name: np.zeros((count + 1) * width) for name, width in _WIDTHS.items()}
    if histograms:
        best = {name: _best(by_service(name)) for name in _WIDTHS}
        for index in set[int]().union(*(each.tolist() for each in best.values())) - {_NONE}:
            packed = sums.of_service(connection, client_id, found.names[index], first, end)
            place = _places(edges, packed.numbers)
            for name, width in _WIDTHS.items():
                mine = np.append(best[name] == index, False)[place]
                bins = np.repeat(np.where(mine, place, count) * width, packed.numbers[BINS[name]])
                bins += getattr(packed, name).bins
                whole[name] += _added(bins, getattr(packed, name).counts, len(whole[name]))
    return Heard(
        by_service("heard").max(axis=0),
        by_service("voice").max(axis=0),
        by_service("sounds").max(axis=0),
        *(whole[name].reshape(count + 1, width)[:count] for name, width in _WIDTHS.items()),
    )


def _places(edges: NDArray[np.int64], numbers: NDArray[Any]) -> NDArray[np.int64]:
    """The bucket of each row; behind the last one those of the packed days that lie outside of all."""
    count = len(edges) - 1
    place = np.searchsorted(edges, numbers["quarter"], side="right") - 1
    place[place < 0] = count
    return place


def _best(whole: Numbers) -> NDArray[np.int64]:
    """Which row has the most of each column (n,); _NONE where none has any."""
    return np.where(whole.any(axis=0), whole.argmax(axis=0), _NONE)


def _added(places: NDArray[np.int64], values: NDArray[Any], size: int) -> Numbers:
    return np.asarray(np.bincount(places, values, size), np.float64)


def seen(connection: sa.Connection, client_id: str, bounds: Sequence[float]) -> list[Sums]:
    """What the visits of each bucket add up to."""
    whole = [Sums() for _ in bounds[1:]]
    edges = np.array(bounds)
    for quarter, added in visits.sums(connection, client_id, bounds[0], bounds[-1]):
        place = int(np.searchsorted(edges, max(quarter * QUARTER, bounds[0]), side="right")) - 1
        whole[place] += added
    return whole


def _level(h: Heard, i: int) -> dict[str, Any]:
    return dict(zip(("min", "median", "max"), h.level_range[i] or (None,) * 3, strict=True))


def _directions(h: Heard, i: int) -> dict[str, Any]:
    return {str(-90 + 10 * place): int(count) for place, count in enumerate(h.directions[i])}


_OF_SOUND: Mapping[str, Callable[[Heard, int], dict[str, Any]]] = {
    "sounds": lambda h, i: {"value": int(h.sounds[i])},
    "voice_time": lambda h, i: {"value": round(float(h.voice[i]), 1)},
    "heard_time": lambda h, i: {"value": round(float(h.heard[i]), 1)},
    "level": _level,
    "directions": _directions,
}
_HISTOGRAMS = ("level", "directions")
NAMES = (*people.METRICS, *_OF_SOUND)


def answer(
    connection: sa.Connection, client_id: str, names: Sequence[str], bounds: Sequence[float]
) -> list[dict[str, Any]]:
    """The metrics of each bucket, by name, as the data API answers them."""
    of_sound = [name for name in names if name in _OF_SOUND]
    of_people = [name for name in names if name not in _OF_SOUND]
    histograms = any(name in _HISTOGRAMS for name in of_sound)
    sound = heard(connection, client_id, bounds, histograms=histograms) if of_sound else None
    crowd = seen(connection, client_id, bounds) if of_people else []
    found = []
    for i in range(len(bounds) - 1):
        values = people.answer(crowd[i], of_people) if of_people else {}
        if sound is not None:
            values |= {name: _OF_SOUND[name](sound, i) for name in of_sound}
        found.append({name: values[name] for name in names})
    return found

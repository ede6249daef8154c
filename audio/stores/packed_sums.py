"""Sums of many quarters as arrays, and as columns of one row: a month is then read as thirty rows, not as thousands.

Of a histogram only the bins that hold something are kept, those of one quarter behind those of the one before. What is
packed twice for one quarter adds up, so packed sums are put together by putting one behind the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

LOWEST, HIGHEST = -120, 0  # dBFS, of the histogram's first and last bin
LEVELS = HIGHEST - LOWEST + 1
DIRECTIONS = 18  # bins of 10 degrees, from -90 up; left is positive

# Of one quarter. levels, directions: how much its histogram holds; level_bins, direction_bins: in how many bins.
NUMBERS = np.dtype(
    [
        ("quarter", "<i4"),
        ("sounds", "<u4"),
        ("heard", "<f8"),
        ("voice", "<f8"),
        ("levels", "<u4"),
        ("directions", "<u4"),
        ("level_bins", "<u4"),
        ("direction_bins", "<u4"),
    ]
)
BINS = {"levels": "level_bins", "directions": "direction_bins"}  # of a histogram, how many bins it has of each quarter
_BIN, _COUNT = np.dtype("u1"), np.dtype("<u4")

Counts = Mapping[int, int]  # of a histogram: bins that hold something, and how much
Columns = tuple[bytes, ...]  # numbers, bins and counts of levels, bins and counts of directions


@dataclass(frozen=True)
class Sum:
    """Of one service in one quarter. heard, voice: seconds. sounds: how many began."""

    quarter: int
    heard: float = 0.0
    voice: float = 0.0
    sounds: int = 0
    levels: Counts = field(default_factory=dict)
    directions: Counts = field(default_factory=dict)

    def plus(self, other: Sum) -> Sum:
        """Of both; the quarter is this one's."""
        levels, directions = dict(self.levels), dict(self.directions)
        _count(levels, other.levels)
        _count(directions, other.directions)
        heard, voice = self.heard + other.heard, self.voice + other.voice
        return Sum(self.quarter, heard, voice, self.sounds + other.sounds, levels, directions)


def _count(into: dict[int, int], new: Counts) -> None:
    for place, count in new.items():
        into[place] = into.get(place, 0) + count


@dataclass(frozen=True)
class Histograms:
    """Of n quarters, one behind the other: bins of (m,), counts of (m,)."""

    bins: NDArray[np.uint8]
    counts: NDArray[np.uint32]


@dataclass(frozen=True)
class Packed:
    """numbers: of (n,) `NUMBERS`, a row for each sum; quarters may come in any order, and more than once."""

    numbers: NDArray[Any]
    levels: Histograms
    directions: Histograms

    def columns(self) -> Columns:
        """As they are stored."""
        arrays = (a for h in (self.levels, self.directions) for a in (h.bins, h.counts))
        return (self.numbers.tobytes(), *(a.tobytes() for a in arrays))

    def sums(self) -> list[Sum]:
        """One for each quarter, in order."""
        whole: dict[int, Sum] = {}
        at = [0, 0]
        for row in self.numbers:
            found: list[Counts] = []
            for i, (size, h) in enumerate(((row["level_bins"], self.levels), (row["direction_bins"], self.directions))):
                part = slice(at[i], at[i] + int(size))
                found.append(dict(zip(h.bins[part].tolist(), h.counts[part].tolist(), strict=True)))
                at[i] += int(size)
            quarter = int(row["quarter"])
            one = Sum(quarter, float(row["heard"]), float(row["voice"]), int(row["sounds"]), *found)
            whole[quarter] = whole[quarter].plus(one) if quarter in whole else one
        return [whole[quarter] for quarter in sorted(whole)]


def of_sums(sums: Sequence[Sum]) -> Packed:
    def numbers(one: Sum) -> tuple[Any, ...]:
        counts = (sum(one.levels.values()), sum(one.directions.values()), len(one.levels), len(one.directions))
        return (one.quarter, one.sounds, one.heard, one.voice, *counts)

    def histograms(each: Iterable[Counts]) -> Histograms:
        pairs = [(place, counts[place]) for counts in each for place in sorted(counts)]
        bins, counts = zip(*pairs, strict=True) if pairs else ((), ())
        return Histograms(np.array(bins, _BIN), np.array(counts, _COUNT))

    rows = np.array([numbers(one) for one in sums], NUMBERS)
    return Packed(rows, histograms(one.levels for one in sums), histograms(one.directions for one in sums))


def of_columns(rows: Iterable[Sequence[bytes]]) -> Packed:
    """What stored rows hold, those of one row behind those of the one before."""
    columns = [b"".join(column) for column in zip(*rows, strict=True)] or [b""] * 5
    numbers, level_bins, level_counts, bins, counts = columns
    return Packed(
        np.frombuffer(numbers, NUMBERS),
        Histograms(np.frombuffer(level_bins, _BIN), np.frombuffer(level_counts, _COUNT)),
        Histograms(np.frombuffer(bins, _BIN), np.frombuffer(counts, _COUNT)),
    )


@dataclass(frozen=True)
class Dense:
    """Sums of n quarters with all bins: levels of (n, LEVELS), directions of (n, DIRECTIONS)."""

    quarter: Sequence[int]
    heard: Sequence[float]
    voice: Sequence[float]
    sounds: Sequence[int]
    levels: NDArray[np.uint32]
    directions: NDArray[np.uint32]

    def numbers(self) -> NDArray[Any]:
        """Of (n,) `NUMBERS`."""
        numbers = np.zeros(len(self.quarter), NUMBERS)
        for name in ("quarter", "heard", "voice", "sounds"):
            numbers[name] = getattr(self, name)
        for name, counts in (("levels", self.levels), ("directions", self.directions)):
            numbers[name], numbers[BINS[name]] = counts.sum(axis=1), np.count_nonzero(counts, axis=1)
        return numbers

    def packed(self) -> Packed:
        return Packed(self.numbers(), _histograms(self.levels), _histograms(self.directions))


def _histograms(counts: NDArray[np.uint32]) -> Histograms:
    rows, places = counts.nonzero()
    return Histograms(places.astype(_BIN), counts[rows, places].astype(_COUNT))

"""The power of a sound in several bands, in short windows.

Goal: what a sound adds is seen where the background is weak. Conventions: mono int16 at any rate from 8 kHz. A block is
a power of two of frames, 3.5 to 7 ms; a window is as many blocks as come nearest to 20 ms, and the next one starts a
block later. Powers are re full scale. LOOKS, in order: all of it, less the converter's offset; less the mean of the
window (over about 25 Hz); then the BANDS, which add up to that: over 32nds of a block (at 16 kHz over 4 kHz), an octave
each below, and what is below a block. Sums over ever longer parts are a filter without memory: each band is the energy
of a Haar transform at one scale. All sums are of whole numbers, so that they do not depend on how a stream was cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import log2

import numpy as np
from numpy.typing import NDArray

from audio.dsp import level

BANDS = 7
WHOLE = 2
LOOKS = WHOLE + BANDS
SUMS = 2 + BANDS
_PARTS = 2 ** (BANDS - 2)
_BLOCKS_PER_SECOND = 200
_WINDOW = 0.02
# Below the square of a converter's last bit.
_LEAST = 1e-12

Floats = NDArray[np.float64]
Samples = NDArray[np.int16]


@dataclass(frozen=True)
class Grid:
    """block: frames in one. width: blocks in a window. step: seconds from a window to the next."""

    block: int
    width: int
    step: float

    def time(self, instant: float) -> float:
        """The middle of the window at an instant, in seconds. The middle of window 0 is where the stream begins."""
        return (instant + self.width % 2 / 2) * self.step


@lru_cache
def grid(rate: int) -> Grid:
    block = 2 ** max(BANDS - 2, round(log2(rate / _BLOCKS_PER_SECOND)))
    return Grid(block, round(_WINDOW * rate / block), block / rate)


def blocks(samples: Samples, block: int) -> Floats:
    """For each whole block: 1, its sum, its sum of squares, the squared sums of its 32nds, 16ths and so on, and of all
    of it; a row each, shape (SUMS, n)."""
    count, part = len(samples) // block, block // _PARTS
    x = samples[: count * block].astype(np.float64).reshape(count, block)
    sums = np.empty((SUMS, count))
    sums[0] = 1
    sums[2] = np.einsum("ij,ij->i", x, x)
    parts = x if part == 1 else (x.reshape(-1, part) @ np.ones(part)).reshape(count, _PARTS)
    for row in range(3, SUMS):
        sums[row] = np.einsum("ij,ij->i", parts, parts)
        if row < SUMS - 1:
            parts = parts[:, 0::2] + parts[:, 1::2]
    sums[1] = parts[:, 0]
    return sums


def windows(sums: Floats, count: int, grid: Grid) -> tuple[Floats, Floats]:
    """The means, shape (count,), and the looks, shape (LOOKS, count), of the last `count` windows of these blocks. The
    first look still holds the offset: see `powers`."""
    missing = count + grid.width - 1 - sums.shape[1]
    if missing > 0:
        sums = np.concatenate((np.zeros((SUMS, missing)), sums), axis=1)
    first = sums.shape[1] - count - grid.width + 1
    total = sums[:, first : first + count].copy()
    for shift in range(1, grid.width):
        total += sums[:, first + shift : first + shift + count]
    total /= np.maximum(total[0], 1) * grid.block
    means = total[1] / level.FULL_SCALE
    total[2:] *= _scales(grid.block)
    looks = np.empty((LOOKS, count))
    looks[0] = total[2]
    looks[1] = total[2] - means**2
    looks[WHOLE:-1] = total[2:-1] - total[3:]
    looks[-1] = total[-1] - means**2
    return means, looks


@lru_cache
def _scales(block: int) -> Floats:
    """What makes powers re full scale of the sums of squares and the squared sums, a row each: shape (BANDS, 1)."""
    lengths = np.concatenate(([1], block / _PARTS * 2 ** np.arange(BANDS - 1)))
    return (1 / (lengths * level.FULL_SCALE**2))[:, None]


def powers(means: Floats, looks: Floats, offset: float) -> Floats:
    """The looks, shape (LOOKS, n), of sound to which the converter adds `offset`. re full scale."""
    out = np.maximum(looks, _LEAST)
    out[0] = np.maximum(looks[0] - offset * (2 * means - offset), _LEAST)
    return out

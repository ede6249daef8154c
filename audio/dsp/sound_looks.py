"""The power of a sound in several bands, in short windows.

Goal: what a sound adds is seen where the background is weak. Conventions: mono int16 at any rate from 8 kHz. A block is
a power of two of frames, 3.5 to 7 ms; a window is as many blocks as come nearest to 20 ms, and the next one starts a
block later. Powers are re full scale. LOOKS, in order: all of it, less the converter's offset; less the mean of the
window (over about 25 Hz); then the bands that begin at EDGES, under a Hann window; the last has no upper end. At 8 kHz
the last bands are empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import log2

import numpy as np
from numpy.typing import NDArray

from audio.dsp import level

# Where each band begins, in Hz.
EDGES = (75, 150, 250, 400, 600, 850, 1200, 1700, 2400, 3400, 4800, 6500)
WHOLE = 2
LOOKS = WHOLE + len(EDGES)
_BLOCKS_PER_SECOND = 200
_WINDOW = 0.02
# So many frames are transformed at once.
_AT_ONCE = 30_000
# Below the square of a converter's last bit.
_LEAST = 1e-12

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Samples = NDArray[np.int16]


@dataclass(frozen=True)
class Grid:
    """block: frames in one. width: blocks in a window. step: seconds from a window to the next."""

    block: int
    width: int
    step: float

    @property
    def window(self) -> int:
        """Frames in a window."""
        return self.block * self.width

    def time(self, instant: float) -> float:
        """The middle of the window at an instant, in seconds. The middle of window 0 is where the stream begins."""
        return (instant + self.width % 2 / 2) * self.step

    @property
    def before(self) -> int:
        """Frames that the window of instant 0 begins before the stream."""
        return self.width // 2 * self.block


@lru_cache
def grid(rate: int) -> Grid:
    block: int = 2 ** round(log2(rate / _BLOCKS_PER_SECOND))
    return Grid(block, round(_WINDOW * rate / block), block / rate)


@lru_cache
def _bank(rate: int) -> tuple[Singles, Singles]:
    """The Hann window; and what makes the power of each band of the real and imaginary parts of a spectrum, squared:
    shape (window + 2, bands)."""
    size = grid(rate).window
    hann = np.hanning(size + 1)[:size]
    frequencies = np.arange(size // 2 + 1) * rate / size
    ends = np.array([*EDGES[1:], np.inf])
    inside = (frequencies[:, None] >= EDGES) & (frequencies[:, None] < ends)
    weights = np.repeat(inside, 2, axis=0) * (2 / (size * (hann**2).sum() * level.FULL_SCALE**2))
    return hann.astype(np.float32), weights.astype(np.float32)


def windows(held: Samples, rate: int) -> tuple[Floats, Floats]:
    """The means, shape (n,), and the looks, shape (LOOKS, n), of the windows that lie in `held`, one a block. The first
    look still holds the offset: see `powers`."""
    size, block, width = grid(rate).window, grid(rate).block, grid(rate).width
    hann, weights = _bank(rate)
    frames = np.lib.stride_tricks.sliding_window_view(held, size)[::block]
    looks = np.empty((LOOKS, len(frames)))
    # Few at a time: what stays in the cache is not asked of the system each time.
    some = max(1, _AT_ONCE // size)
    for start in range(0, len(frames), some):
        spectra = np.fft.rfft(frames[start : start + some] * hann, axis=1).astype(np.complex64, copy=False)
        parts = spectra.view(np.float32)
        looks[WHOLE:, start : start + some] = (np.square(parts, out=parts) @ weights).T
    x = held[: (len(frames) + width - 1) * block].reshape(-1, block).astype(np.float64)
    # Whole numbers: their sums are exact.
    sums = np.zeros((2, len(x) + 1))
    np.cumsum(x @ np.ones(block), out=sums[0, 1:])
    np.cumsum(np.einsum("ij,ij->i", x, x), out=sums[1, 1:])
    mean, square = (sums[:, width:] - sums[:, :-width]) / size
    means = mean / level.FULL_SCALE
    looks[0] = square / level.FULL_SCALE**2
    looks[1] = looks[0] - means**2
    return means, looks


def powers(means: Floats, looks: Floats, offset: float) -> Floats:
    """The looks, shape (LOOKS, n), of sound to which the converter adds `offset`. re full scale."""
    out = np.maximum(looks, _LEAST)
    out[0] = np.maximum(looks[0] - offset * (2 * means - offset), _LEAST)
    return out

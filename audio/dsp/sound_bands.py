"""The power of a sound in several bands, in short windows.

Goal: what a sound adds is seen where the background is weak. Conventions: mono int16 at any rate from 8 kHz. A block
is a power of two of frames, 3.5 to 7 ms; a window is as many blocks as come nearest to 20 ms, and the next one starts
a block later. Powers are re full scale. BANDS, in order: the whole spectrum, less the converter's offset; the same
less the mean of the window (over about 25 Hz); then the bands that begin at EDGES, under a Hann window; the last has
no upper end. At 8 kHz the last bands are empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import log2

import numpy as np
from numpy.typing import NDArray

from audio.dsp import fourier, level

# Where each band begins, in Hz. Chosen: nearly thirds of the scale of hearing (H. Traunmüller's Bark), wider below.
EDGES = (75, 150, 250, 400, 600, 850, 1200, 1700, 2400, 3400, 4800, 6500)
WHOLE = 2
BANDS = WHOLE + len(EDGES)
# Chosen: a window as short as resolves 75 Hz, and four or five starts within it for onsets that are right to 5 ms.
_BLOCKS_PER_SECOND = 200
_WINDOW = 0.02
# So many frames are transformed at once. Measured: with a quarter of it 4 % longer; with four times of it as fast.
_AT_ONCE = 30_000
# Below the square of a converter's last bit.
_LEAST = np.float32(1e-12)
_DECIBELS = np.float32(10 / np.log(10))

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Samples = NDArray[np.int16]


@dataclass(frozen=True)
class Grid:
    """Where the windows of a stream lie.

    Attributes
    ----------
    block : frames in one. width: blocks in a window. step: seconds from a window to the next.
    """

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

    def left(self, instant: int) -> int:
        """The first frame of the block around that middle."""
        return instant * self.block - (0 if self.width % 2 else self.block // 2)

    @property
    def before(self) -> int:
        """Frames that the window of instant 0 begins before the stream."""
        return self.width // 2 * self.block


@lru_cache
def grid(rate: int) -> Grid:
    """Where the windows lie.

    Parameters
    ----------
    rate : in Hz, from 8 kHz.
    """
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
    return fourier.window(hann), weights.astype(np.float32)


@dataclass(frozen=True, eq=False)
class Windows:
    """What there is in windows, one a block.

    Attributes
    ----------
    mean, square : the mean of the samples and of their squares, re full scale, shape (n,).
    bands : band powers, re full scale, shape (BANDS, n); but for the first, see `powers`.
    """

    mean: Floats
    square: Floats
    bands: Singles

    def __getitem__(self, some: slice) -> Windows:
        return Windows(self.mean[some], self.square[some], self.bands[:, some])


def windows(blocks: Samples, rate: int) -> Windows:
    """Look at the windows that begin with each block.

    Parameters
    ----------
    blocks : samples, shape (n + width - 1, block), see `grid`.
    rate : in Hz.
    """
    width, size = grid(rate).width, grid(rate).window
    # Whole numbers: their sums are exact.
    x = blocks.astype(np.float64)
    sums = np.stack((x.sum(axis=1), np.einsum("ij,ij->i", x, x)))
    count = len(x) - width + 1
    whole = sums[:, :count].copy()
    for k in range(1, width):
        whole += sums[:, k : k + count]
    mean, square = whole / [[size * level.FULL_SCALE], [size * level.FULL_SCALE**2]]
    bands = np.empty((BANDS, count), np.float32)
    bands[0] = 0
    bands[1] = square - mean**2
    _transform(blocks.astype(np.float32), width, _bank(rate), bands[WHOLE:])
    np.maximum(bands, _LEAST, out=bands)
    return Windows(mean, square, bands)


def _transform(x: Singles, width: int, bank: tuple[Singles, Singles], out: Singles) -> None:
    """The powers of the bands from 75 Hz up."""
    hann, weights = bank
    block = x.shape[1]
    count = len(x) - width + 1
    frames = np.lib.stride_tricks.as_strided(x, (count, width * block), (x.strides[0], x.itemsize), writeable=False)
    some = max(1, _AT_ONCE // len(hann))
    for start in range(0, len(frames), some):
        parts = fourier.spectra(frames[start : start + some], hann).view(np.float32)
        out[:, start : start + some] = (np.square(parts, out=parts) @ weights).T


def powers(windows: Windows, offset: float | Floats) -> Singles:
    """The band powers of sound, less what the converter adds.

    Parameters
    ----------
    windows : n of them.
    offset : of the converter, re full scale.

    Returns
    -------
    Re full scale, above 0 also for silence; shape (BANDS, n).
    """
    out = windows.bands.copy()
    out[0] = whole(windows, offset)
    return out


def whole(windows: Windows, offset: float | Floats) -> Singles:
    """The first of them, shape (n,)."""
    return np.maximum(windows.square - offset * (2 * windows.mean - offset), _LEAST).astype(np.float32)


def levels(powers: Singles) -> Singles:
    """Powers of any shape, above zero, in dBFS."""
    out: Singles = np.log(powers)
    out *= _DECIBELS
    return out

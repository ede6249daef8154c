"""Resampling a stream to 16 kHz so that chunks do not matter.

Goal: 16 kHz copies of a session's sound for the detectors, the same however the sound was cut into chunks, with a
state that is plain data. Conventions: float32 in [-1, 1), mono, shape (n,). Output sample k stands for the moment
k / 16000 s of the input: no delay. `needed` says how much later it is known, a few ms.

Source: band-limited interpolation, J. O. Smith, "Digital Audio Resampling", CCRMA, sections on implementation and on
the Kaiser window. The output is made in blocks of 2.5 ms. The input of a block begins at one of at most 400 fractions
of a sample, so that each block is one row of input times one matrix of filter taps, and many blocks one product.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

# In Hz, that of the detectors. The blocks are chosen: see above.
RATE = 16_000
BLOCKS_PER_SECOND = 400
BLOCK = RATE // BLOCKS_PER_SECOND
# Zero crossings of the sinc on each side, at the lower of the two rates, the window's shape, and where the pass band
# ends. Chosen for 85 dB of stop band, which the tests measure.
_CROSSINGS = 20
_BETA = 8.5
_ROLLOFF = 0.91

Audio = NDArray[np.float32]


@dataclass(frozen=True)
class Position:
    """Where a stream's resampler stands.

    Attributes
    ----------
    block : the next block of output.
    start : the frame of the stream at which `held` begins.
    held : input from there on that blocks to come will need, shape (n,).
    """

    block: int
    start: int
    held: Audio

    @staticmethod
    def begin(rate: int) -> Position:
        """The start of a stream: nothing but silence lies before it."""
        reach = _reach(rate)
        return Position(0, -reach, np.zeros(reach, np.float32))


def resample(position: Position, chunk: Audio, rate: int) -> tuple[Audio, Position]:
    """The next samples at 16 kHz, as far as they are known.

    Parameters
    ----------
    position : what the last call returned; ``Position.begin(rate)`` at the beginning.
    chunk : the next frames, shape (n,). Silence stays silence.
    rate : of the chunk, in Hz, the same for the whole stream.

    Returns
    -------
    samples : at 16 kHz, shape (m,); all of the chunk where that is its rate.
    position : where the stream stands now.
    """
    if rate == RATE:
        return chunk, position
    held = np.concatenate((position.held, chunk))
    known = position.start + len(held)
    end = max(position.block, (known - _reach(rate) - 2) * BLOCKS_PER_SECOND // rate)
    out = _blocks(position, held, end, rate)
    start = end * rate // BLOCKS_PER_SECOND - _reach(rate)
    return out, Position(end, start, held[start - position.start :].copy())


def needed(counts: NDArray[np.int64], rate: int) -> NDArray[np.int64]:
    """How much input must have come.

    Parameters
    ----------
    counts : numbers of first samples at 16 kHz, of any shape.
    rate : of the input, in Hz.

    Returns
    -------
    Frames of input for so many to be known, of the same shape.
    """
    if rate == RATE:
        return counts
    blocks = -(-counts // BLOCK)
    return -(-blocks * rate // BLOCKS_PER_SECOND) + _reach(rate) + 2


def _blocks(position: Position, held: Audio, end: int, rate: int) -> Audio:
    count = end - position.block
    if count == 0:
        return np.zeros(0, np.float32)
    out = np.empty((count, BLOCK), np.float32)
    ticks = np.arange(position.block, end, dtype=np.int64) * rate
    rows = ticks // BLOCKS_PER_SECOND - _reach(rate) - position.start
    phases = ticks % BLOCKS_PER_SECOND
    size = len(_taps(rate, 0))
    windows = np.lib.stride_tricks.as_strided(held, (len(held) - size + 1, size), held.strides * 2, writeable=False)
    if _phases(rate) <= 4:
        for first in range(min(count, _phases(rate))):
            which = slice(first, None, _phases(rate))
            out[which] = windows[rows[which]] @ _taps(rate, int(phases[first]))
    else:
        for i in range(count):
            out[i] = windows[rows[i]] @ _taps(rate, int(phases[i]))
    return out.reshape(-1)


def _phases(rate: int) -> int:
    return BLOCKS_PER_SECOND // int(np.gcd(rate, BLOCKS_PER_SECOND))


def _reach(rate: int) -> int:
    """How many frames of input a filter reaches to each side."""
    return -(-_CROSSINGS * max(rate, RATE) // min(rate, RATE)) if rate > RATE else _CROSSINGS


# Those of the oddest rate there is, 60 MB.
@lru_cache(maxsize=BLOCKS_PER_SECOND)
def _taps(rate: int, phase: int) -> Audio:
    """The matrix that makes one block: shape (frames of input, BLOCK)."""
    reach = _reach(rate)
    rows = np.arange(-reach, rate // BLOCKS_PER_SECOND + reach + 2)[:, None]
    distance = phase / BLOCKS_PER_SECOND + np.arange(BLOCK)[None, :] * (rate / RATE) - rows
    window = np.i0(_BETA * np.sqrt(np.maximum(0, 1 - (distance / reach) ** 2))) / np.i0(_BETA)
    window[np.abs(distance) > reach] = 0
    cutoff = _ROLLOFF * min(1.0, RATE / rate)
    taps: Audio = (cutoff * np.sinc(cutoff * distance) * window).astype(np.float32)
    return taps

"""What nobody can hear is taken out of a stream: direct current, its steps and drift, wind and doors.

Goal: below 20 Hz nothing is left that could be taken for a sound, and above 80 Hz all is as it was. It is a
Butterworth high pass of fourth order (S. Butterworth, "On the theory of filter amplifiers", 1930), as what is left of
the sound once its complement is taken away: that low pass is a sum of two complex exponentials (partial fractions of
the analogue filter, impulse invariant). It is so slow that it is known at the ends of blocks and straight between
them, which costs two multiplications a block. Conventions: blocks of 3.5 to 7 ms, see `sound_bands.Grid`; samples are
whole numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

# In Hz. Chosen: a step has died away after 0.05 s. Measured, with what the straight lines add: 8 Hz is more than 40 dB
# down, 15 Hz 25, 40 Hz 4 to 7, 80 Hz less than 2.
CORNER = 40.0
_ORDER = 4

Singles = NDArray[np.float32]
# What the two exponentials hold, each the half of a complex pair.
State = NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class Design:
    """What filters blocks.

    Attributes
    ----------
    kernel : from a block to what it adds to the real and imaginary parts of the state, shape (block, 4).
    decay : of the state over a block, shape (2,). steady: the state at a direct current of one, shape (2,).
    line : what makes a straight line of its start and its rise, shape (2, block).
    """

    kernel: Singles
    decay: State
    steady: State
    line: Singles


@lru_cache
def design(rate: int, block: int) -> Design:
    angles = np.pi * (0.5 + (2 * np.arange(_ORDER) + 1) / (2 * _ORDER))
    poles = 2 * np.pi * CORNER * np.exp(1j * angles)
    upper = poles[:2]
    residues = np.array([p**_ORDER / np.prod(p - poles[poles != p]) for p in upper])
    steady = residues / upper
    decays = np.exp(upper / rate)
    kernel = steady * (1 - decays) * decays ** np.arange(block - 1, -1, -1)[:, None]
    line = np.stack((np.ones(block), np.arange(1, block + 1) / block))
    parts = kernel.view(np.float64).astype(np.float32)
    return Design(parts, decays**block, steady, line.astype(np.float32))


def begin(samples: NDArray[np.int16], rate: int, block: int) -> State:
    """The state of a stream that begins with these samples: as if their mean had always been there."""
    return np.asarray(design(rate, block).steady * samples.mean(dtype=np.float64), np.complex128)


def filtered(state: State, blocks: NDArray[np.int16], rate: int, keep: int) -> tuple[Singles, State]:
    """Take out what lies below hearing.

    Parameters
    ----------
    state : before the first block, shape (2,).
    blocks : whole numbers, shape (n, block), one after another.
    rate : in Hz.
    keep : up to which block the state is wanted.

    Returns
    -------
    The blocks without it, shape (n, block), and the state after the first `keep` of them, shape (2,).
    """
    made = design(rate, blocks.shape[1])
    x = blocks.astype(np.float32)
    added = (x @ made.kernel).astype(np.float64).view(np.complex128).tolist()
    (one, two), (first, second) = state.tolist(), made.decay.tolist()
    low, kept = [2 * (one + two).real], (one, two)
    for done, (a, b) in enumerate(added, start=1):
        one, two = first * one + a, second * two + b
        low.append(2 * (one + two).real)
        if done == keep:
            kept = (one, two)
    ends = np.array(low, np.float32)
    x -= np.stack((ends[:-1], np.diff(ends)), axis=1) @ made.line
    return x, np.array(kept, np.complex128)

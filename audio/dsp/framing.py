"""Cutting a stream into blocks on its own clock.

Goal: analysis that does not depend on where a stream was cut into chunks. Frame 0 is where the stream began. Block k of
a grid of `per_second` blocks covers the frames [edge(k), edge(k + 1)), whatever the rate, so that blocks need not hold
the same number of frames: 11.025 kHz in blocks of 10 ms gives 110 and 111 frames by turns.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def edge(block: int, rate: int, per_second: int) -> int:
    """The first frame of a block.

    Parameters
    ----------
    block : its number on the stream's clock.
    rate : in Hz.
    per_second : blocks a second.
    """
    return -(-block * rate // per_second)


def edges(first: int, count: int, rate: int, per_second: int) -> NDArray[np.int64]:
    """The first frames of some blocks in a row.

    Parameters
    ----------
    first, count : the number of the first block, and how many.
    rate : in Hz.
    per_second : blocks a second.

    Returns
    -------
    Frames of the stream, shape (count,).
    """
    blocks = np.arange(first, first + count, dtype=np.int64)
    return -(-blocks * rate // per_second)


def complete(frames: int, rate: int, per_second: int) -> int:
    """How many blocks lie wholly in the first `frames` frames."""
    return frames * per_second // rate


def cut(samples: NDArray[Any], size: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Cut samples into frames of equal size.

    Parameters
    ----------
    samples : shape (n, ...).
    size : samples in a frame, at least 1.

    Returns
    -------
    frames : shape (n // size, size, ...), a view. Of nothing: (0, size, ...).
    rest : what is left, shape (n % size, ...), a view.

    Raises
    ------
    ValueError
        If a frame held no sample.
    """
    if size < 1:
        raise ValueError(f"A frame holds at least one sample, not {size}")
    whole = len(samples) // size * size
    return samples[:whole].reshape(-1, size, *samples.shape[1:]), samples[whole:]


def runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The spans [start, end) in which a mask of shape (n,) is true, in order. None true: an empty list."""
    padded = np.concatenate(([False], mask, [False]))
    bounds = np.flatnonzero(padded[1:] != padded[:-1]).tolist()
    return list(zip(bounds[::2], bounds[1::2], strict=True))

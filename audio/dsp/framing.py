"""A stream cut into frames of one size, and a mask into spans."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


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

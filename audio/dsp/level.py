"""Level of a sound.

Goal: one definition of level for every service. dBFS is the RMS of the samples re full scale: a square wave that swings
over the whole range is 0 dBFS, a sine of full amplitude -3.01 dBFS (IEC 61606 adds 3 dB; we do not). Digital silence
has no logarithm; it is SILENCE_DBFS, a little below half the smallest step of 24 bit audio, and no level is lower.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# Chosen: see above.
SILENCE_DBFS = -120.0
# Of 16 bit.
FULL_SCALE = 32768.0
_SILENCE_POWER = 10 ** (SILENCE_DBFS / 10)


def to_float(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    """int16 samples as float32 in [-1, 1), of the same shape."""
    return samples.astype(np.float32) / np.float32(FULL_SCALE)


def power_to_dbfs(power: NDArray[Any]) -> NDArray[np.float64]:
    """Powers in dBFS.

    Parameters
    ----------
    power : mean squares re full scale, of any shape. Zero is SILENCE_DBFS.

    Returns
    -------
    Of the same shape.
    """
    return np.asarray(10 * np.log10(np.maximum(power, _SILENCE_POWER)), np.float64)


def level_dbfs(samples: NDArray[np.int16]) -> float:
    """The level of a sound.

    Parameters
    ----------
    samples : of any shape. None at all, or digital silence: SILENCE_DBFS.

    Returns
    -------
    In dBFS, SILENCE_DBFS to 0.
    """
    if samples.size == 0:
        return SILENCE_DBFS
    x = samples.reshape(-1).astype(np.float64)
    return float(power_to_dbfs(np.dot(x, x) / x.size / FULL_SCALE**2))

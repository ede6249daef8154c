"""What a network is shown of a sound over its background.

Goal: rows of numbers that mean the same at any level, rate and background. Conventions: an instant has CUES of them; a
row holds those of AT_ONCE instants. For each look: by how many spreads it is over its background's level; its level
over the whole background's; that spread; what the sound adds to the background, over the whole background. Then what it
adds in all looks that are well over theirs, as all of it shows it or as the bands do together, at several bars; and
which band is the most over its background, the second, the fourth, and all on average.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audio.dsp.sound_floor import Background
from audio.dsp.sound_looks import LOOKS, WHOLE

AT_ONCE = 2
# In spreads over the background.
BARS = (2.2, 3.0, 4.5, 6.5)
RANKS = (-1, -2, -4)
CUES = 4 * LOOKS + len(BARS) + len(RANKS) + 1
LEAST_SPREAD = 0.7
_BARS = np.array(BARS, np.float32)[:, None, None]

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]


def cues(powers: Floats, background: Background) -> Singles:
    """powers: shape (LOOKS, n). Returns shape (n, CUES)."""
    out = np.empty((CUES, powers.shape[1]), np.float32)
    each = out[: 4 * LOOKS].reshape(4, LOOKS, -1)
    centre, spread, power = _columns(background)
    levels = np.log10(powers).astype(np.float32)
    over = 10 * levels - centre
    np.divide(over, np.maximum(spread, LEAST_SPREAD), out=each[0])
    each[0].clip(-4, 14, out=each[0])
    np.subtract(levels, np.float32(np.log10(background.total)), out=each[1])
    each[1].clip(-5, 4, out=each[1])
    each[2] = spread
    added = (powers * (1 / background.total)).astype(np.float32)
    added -= power
    np.maximum(added, 0, out=added)
    np.log10(added + np.float32(0.01), out=each[3])
    well = out[4 * LOOKS :]
    shown = added * (over > _BARS * spread)
    np.maximum(shown[:, :WHOLE].max(axis=1), shown[:, WHOLE:].sum(axis=1), out=well[: len(BARS)])
    np.log10(well[: len(BARS)] + np.float32(0.02), out=well[: len(BARS)])
    ranked = np.sort(each[0, WHOLE:], axis=0)
    well[len(BARS) : -1] = ranked[list(RANKS)]
    ranked.mean(axis=0, out=well[-1])
    return out.T


def _columns(background: Background) -> Singles:
    """centre, spread, and power over that of all of it: shape (3, LOOKS, 1)."""
    power = background.power / background.total
    return np.array((background.centre, background.spread, power), np.float32)[:, :, None]


def rows(cues: Singles) -> Singles:
    """shape (n, CUES), n a multiple of AT_ONCE, to (n / AT_ONCE, AT_ONCE * CUES)."""
    return cues.reshape(-1, AT_ONCE * CUES)

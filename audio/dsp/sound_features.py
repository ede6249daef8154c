"""What a network is shown of a sound over its background.

Goal: rows of numbers that mean the same at any level, rate and background. Conventions: an instant has FEATURES of
them; a row holds those of PER_ROW instants. For each band: by how many spreads it is over its background's level; its
level over the whole background's; that spread; what the sound adds to the background, over the whole background. Then
what it adds in all bands that are well over theirs, as all of it shows it or as the bands do together, at several
bars; and which band is the most over its background, the second, the fourth, and all on average.
"""

from __future__ import annotations

import numpy as np

from audio.dsp.noise_floor import NoiseFloor
from audio.dsp.sound_bands import BANDS, WHOLE, Singles

# Chosen, as all below, before benchmarks/fit_sound.py fitted the network to it: a row each 7 to 14 ms.
PER_ROW = 2
# In spreads over the background. Chosen: from what noise reaches once a second to what it never does.
BARS = (2.2, 3.0, 4.5, 6.5)
# Which bands in order of how far they are over the background: the first, the second, the fourth.
RANKS = (-1, -2, -4)
FEATURES = 4 * BANDS + len(BARS) + len(RANKS) + 1
# In dB. Chosen: what steady noise has in windows of 20 ms.
LEAST_SPREAD = 0.7
_BARS = np.array(BARS, np.float32)[:, None, None]
_TENTHS = np.float32(1 / np.log(10))


def features(powers: Singles, levels: Singles, floor: NoiseFloor) -> Singles:
    """The features of some instants.

    Parameters
    ----------
    powers : band powers re full scale, shape (BANDS, n). levels: the same in dBFS.
    floor : the background, of all of them or of each.

    Returns
    -------
    Shape (n, FEATURES).
    """
    out = np.empty((FEATURES, powers.shape[1]), np.float32)
    each = out[: 4 * BANDS].reshape(4, BANDS, -1)
    centre, spread, least, power = _columns(floor)
    over = levels - centre
    np.divide(over, least, out=each[0])
    np.maximum(each[0], -4, out=each[0])
    np.minimum(each[0], 14, out=each[0])
    np.multiply(levels, np.float32(0.1), out=each[1])
    each[1] -= np.log10(floor.total).astype(np.float32)
    np.maximum(each[1], -5, out=each[1])
    np.minimum(each[1], 4, out=each[1])
    each[2] = spread
    added = powers * np.divide(1, floor.total, dtype=np.float64).astype(np.float32)
    added -= power
    np.maximum(added, 0, out=added)
    _log10(added + np.float32(0.01), each[3])
    well = out[4 * BANDS :]
    shown = added * (over > _BARS * spread)
    np.maximum(shown[:, :WHOLE].max(axis=1), shown[:, WHOLE:].sum(axis=1), out=well[: len(BARS)])
    _log10(well[: len(BARS)] + np.float32(0.02), well[: len(BARS)])
    ranked = np.sort(each[0, WHOLE:], axis=0)
    well[len(BARS) : -1] = ranked[list(RANKS)]
    ranked.mean(axis=0, out=well[-1])
    return out.T


def rows(features: Singles) -> Singles:
    """Features of instants, PER_ROW of them to a row.

    Parameters
    ----------
    features : shape (n, FEATURES), n a multiple of PER_ROW.

    Returns
    -------
    Shape (n / PER_ROW, PER_ROW * FEATURES).
    """
    return features.reshape(-1, PER_ROW * FEATURES)


def _log10(x: Singles, out: Singles) -> None:
    np.log(x, out=out)
    out *= _TENTHS


def _columns(floor: NoiseFloor) -> Singles:
    """Centre, spread, the least spread to divide by, and power over that of the whole: shape (4, BANDS, 1 or n)."""
    least = np.maximum(floor.spread, LEAST_SPREAD)
    return np.array((floor.centre, floor.spread, least, floor.power / floor.total), np.float32).reshape(4, BANDS, -1)

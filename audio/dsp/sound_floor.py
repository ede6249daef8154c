"""What lies under the sounds: the power of the background in each look, and how much its level varies.

Goal: a background that sounds do not raise, and that a fan raises within seconds. The levels of the last 9 s are taken
as normally distributed in dB. Two low percentiles tell where the distribution lies, whatever sounds came on top (a
quantile noise floor: V. Stahl, A. Fischer, R. Bippus, ICASSP 2000). A window that is loud in any look may hold a sound,
and so may those around it, where the sound rises and fades: they are left out in every look. The mean and the spread
are those of all other levels that such a background may have (sigma clipping), so that its own tail is counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.dsp.sound_looks import LOOKS

# Levels that are remembered, one a window, windows side by side.
MEMORY = 450
LOW, MIDDLE = 0.1, 0.4
LOW_SIGMA, MIDDLE_SIGMA = 1.282, 0.253
WIDEST = 4.0
# Levels up to so many sigmas over the centre may be background, where a sigma is at least this many dB; more of them
# where there is no sound nearby.
CLIP = 2.7
CLIP_ALONE = 3.5
LEAST_SPREAD = 0.7
# A window that is so many dB over that in any look may hold a sound, as may so many windows before and after it; but
# where hardly any are left, much of it is background.
MARGIN = 3.0
AROUND = 6
ENOUGH = 0.4
# A level that stayed within STEADY dB for this many windows is background, however loud it is.
STEADY_FOR = 140
STEADY = 3.5
# In its first half second a stream has told too little: a background above this is not believed yet. dBFS.
SETTLED = 25
START_CEILING = -38.0
# The spread that is expected of a background of which nothing is known, in dB; forgotten with this constant, in levels.
EXPECTED_SPREAD = 4.0
FORGETTING = 100.0
# No background is taken to be below this: the last bits of a converter are no sound. dBFS.
LOWEST = -84.0
_NEPERS = np.log(10) / 10

Floats = NDArray[np.float64]
Levels = NDArray[np.float32]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Background:
    """power: the mean in each look, re full scale. centre, spread: mean and sigma of the levels of each look, in dB.
    total: the power of all of it, re full scale. offset: the converter's, re full scale."""

    power: Floats
    centre: Floats
    spread: Floats
    total: float
    offset: float

    @staticmethod
    def unknown() -> Background:
        power = 10 ** (START_CEILING / 10)
        powers, centre, spread = (np.full(LOOKS, value) for value in (power, START_CEILING, EXPECTED_SPREAD))
        return Background(powers, centre, spread, power, 0.0)


def remember(heard: Levels, powers: Floats, means: Floats) -> Levels:
    """heard: a row of levels in dBFS for each look, and one of means, oldest first. In single precision: it is sorted
    fast."""
    new = np.empty((LOOKS + 1, len(means)), np.float32)
    new[:LOOKS] = 10 * np.log10(powers)
    new[LOOKS] = means
    return np.concatenate((heard[:, max(0, heard.shape[1] + len(means) - MEMORY) :], new), axis=1)


def learn(heard: Levels) -> Background:
    levels, count = heard[:LOOKS], heard.shape[1]
    ranked = np.sort(heard, axis=1)
    low, middle = (ranked[:LOOKS, round(share * (count - 1))] for share in (LOW, MIDDLE))
    spread = np.minimum((middle - low) / (LOW_SIGMA - MIDDLE_SIGMA), WIDEST)
    expected = EXPECTED_SPREAD * np.exp(-count / FORGETTING)
    sigma = np.maximum(spread, LEAST_SPREAD + expected)
    centre = low + LOW_SIGMA * spread
    limit = centre + CLIP * sigma
    quiet = _quiet((levels > (limit + MARGIN)[:, None]).any(axis=0))
    kept = levels <= limit[:, None]
    if np.count_nonzero(quiet) >= ENOUGH * count:
        alone = quiet & (levels <= (centre + CLIP_ALONE * sigma)[:, None])
        # A steady sound elsewhere may lower the background of a look as long as it lasts.
        kept = np.where(alone.sum(axis=1, keepdims=True) >= LOW * count, alone, kept)
    share = kept.sum(axis=1)
    over = levels - low[:, None]
    mean = np.einsum("ij,ij->i", over, kept) / share
    centre = low + mean
    spread = np.sqrt(np.maximum(np.einsum("ij,ij,ij->i", over, over, kept) / share - mean**2, 0))
    raw = np.exp(_NEPERS * levels)
    power = np.einsum("ij,ij->i", raw, kept) / share
    if count >= STEADY_FOR:
        recent = levels[0, -STEADY_FOR:]
        least, most = np.sort(recent)[[STEADY_FOR // 20, -STEADY_FOR // 20]]
        if most - least < STEADY:
            # A click may be among them.
            steady = np.flatnonzero(recent <= most) - STEADY_FOR
            power = np.maximum(power, raw[:, steady].mean(axis=1))
            centre = np.maximum(centre, levels[:, steady].mean(axis=1))
    if count < SETTLED:
        excess = max(0.0, 10 * np.log10(power[0]) - START_CEILING)
        power, centre = power * 10 ** (-excess / 10), centre - excess
    total = max(float(power[0]), 10 ** (LOWEST / 10))
    return Background(power, centre, np.maximum(spread, expected), total, float(ranked[LOOKS, round((count - 1) / 2)]))


def _quiet(loud: Bools) -> Bools:
    """Where no window is loud, nor any around it."""
    sums = np.cumsum(np.concatenate((np.zeros(AROUND + 1), loud, np.zeros(AROUND))))
    return np.asarray(sums[2 * AROUND + 1 :] == sums[: -2 * AROUND - 1])

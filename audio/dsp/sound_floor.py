"""What lies under the sounds: the power of the background in each look, and how much its level varies.

Goal: a background that sounds do not raise, and that a fan raises within seconds. The levels of the last 9 s are taken
as normally distributed in dB. Two low percentiles tell where the distribution lies, whatever sounds came on top (a
quantile noise floor: V. Stahl, A. Fischer, R. Bippus, ICASSP 2000); then the mean and the spread are those of all the
levels that such a background may have (sigma clipping), so that its own tail is counted and sounds are not.
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
# Levels up to so many sigmas over the centre may be background, where a sigma is at least this many dB.
CLIP = 2.7
LEAST_SPREAD = 0.7
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


def remember(heard: Floats, powers: Floats, means: Floats) -> Floats:
    """heard: a row of levels in dBFS for each look, and one of means, oldest first."""
    new = np.empty((LOOKS + 1, len(means)))
    new[:LOOKS] = 10 * np.log10(powers)
    new[LOOKS] = means
    return np.concatenate((heard[:, max(0, heard.shape[1] + len(means) - MEMORY) :], new), axis=1)


def learn(heard: Floats) -> Background:
    levels, count = heard[:LOOKS], heard.shape[1]
    at = [round(share * (count - 1)) for share in (LOW, MIDDLE, 0.5)]
    ranked = np.partition(heard, sorted(set(at)), axis=1)
    low, middle = ranked[:LOOKS, at[0]], ranked[:LOOKS, at[1]]
    spread = np.minimum((middle - low) / (LOW_SIGMA - MIDDLE_SIGMA), WIDEST)
    expected = EXPECTED_SPREAD * np.exp(-count / FORGETTING)
    limit = low + LOW_SIGMA * spread + CLIP * np.maximum(spread, LEAST_SPREAD + expected)
    kept = levels <= limit[:, None]
    share = kept.sum(axis=1)
    over = levels - low[:, None]
    mean = np.einsum("ij,ij->i", over, kept) / share
    centre = low + mean
    spread = np.sqrt(np.maximum(np.einsum("ij,ij,ij->i", over, over, kept) / share - mean**2, 0))
    raw = np.exp(_NEPERS * levels)
    power = np.einsum("ij,ij->i", raw, kept) / share
    if count >= STEADY_FOR:
        edge = STEADY_FOR // 20
        recent = np.partition(levels[0, -STEADY_FOR:], (edge, STEADY_FOR - edge))
        if recent[STEADY_FOR - edge] - recent[edge] < STEADY:
            power = np.maximum(power, raw[:, -STEADY_FOR:].mean(axis=1))
            centre = np.maximum(centre, levels[:, -STEADY_FOR:].mean(axis=1))
    if count < SETTLED:
        excess = max(0.0, 10 * np.log10(power[0]) - START_CEILING)
        power, centre = power * 10 ** (-excess / 10), centre - excess
    total = max(float(power[0]), 10 ** (LOWEST / 10))
    return Background(power, centre, np.maximum(spread, expected), total, float(ranked[LOOKS, at[2]]))

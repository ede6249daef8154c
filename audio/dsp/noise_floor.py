"""What lies under the sounds: the power of the background in each band, and how much its level varies.

Goal: a background that sounds do not raise, and that a fan raises within seconds. `estimate` takes the levels of the
last 9 s for a normal distribution in dB with sounds on top of it, and goes in four steps:

1. where the distribution lies, from two low percentiles, which sounds on top hardly move (a quantile noise floor:
   V. Stahl, A. Fischer, R. Bippus, ICASSP 2000);
2. which windows may hold a sound: those that are loud in any band, and those around them, where it rises and fades;
3. mean and spread of all levels that such a background may have in the others (sigma clipping), so that its own tail is
   counted;
4. two exceptions: what stayed steady for 3 s is background however loud it is, and what a stream begins with is not
   believed at once.

Source of the constants: chosen on the material of benchmarks/fit_sound.py, unless one says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.dsp.level import FULL_SCALE
from audio.dsp.sound_bands import BANDS, Singles, Windows

# Levels that are remembered, one a window, windows side by side: 9 s.
MEMORY = 450
# They are kept in steps of so many dB.
STEP = 0.01
# The two percentiles, and where they lie in a normal distribution, in sigmas below its mean.
LOW, MIDDLE = 0.1, 0.4
LOW_SIGMA, MIDDLE_SIGMA = 1.282, 0.253
# No background is taken to vary more than that, in dB (sigma).
WIDEST = 4.0
# Levels up to so many sigmas over the centre may be background, where a sigma is at least LEAST_SPREAD dB; more of them
# where there is no sound nearby.
CLIP = 2.7
CLIP_ALONE = 3.5
LEAST_SPREAD = 0.7
# A window that is so many dB over that in any band may hold a sound, as may so many windows before and after it; but
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
# When the background of so young a stream is estimated: with so many windows known. Chosen: a quarter more each time.
# Estimated with each window, the first chunk of a session would cost three times that of the next.
EARLY = (1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20, SETTLED)
# The spread that is expected of a background of which nothing is known, in dB; forgotten with this constant, in levels.
EXPECTED_SPREAD = 4.0
FORGETTING = 100.0
# No background is taken to be below this: the last bits of a converter are no sound. dBFS.
LOWEST = -84.0
_NEPERS = np.log(10) / 10

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
# Levels in steps of STEP dB, of each band, and in a last row the means of the samples as whole numbers; shape
# (BANDS + 1, n), oldest first.
Levels = NDArray[np.int16]


@dataclass(frozen=True)
class NoiseFloor:
    """The background in each band.

    Attributes
    ----------
    power : the mean power, re full scale. centre, spread: mean and sigma of the levels, in dB. All of shape (BANDS,).
    total : the power of the whole spectrum, re full scale.
    offset : what the converter adds to each sample, re full scale.

    Of several instants (`of_each`) they have a last axis more.
    """

    power: Floats
    centre: Floats
    spread: Floats
    total: float | Floats
    offset: float | Floats

    @staticmethod
    def unknown() -> NoiseFloor:
        """What is taken for it before anything was heard."""
        power = 10 ** (START_CEILING / 10)
        powers, centre, spread = (np.full(BANDS, value) for value in (power, START_CEILING, EXPECTED_SPREAD))
        return NoiseFloor(powers, centre, spread, power, 0.0)


def of_each(floors: list[NoiseFloor], lengths: list[int]) -> NoiseFloor:
    """The backgrounds of consecutive instants as one; each is that of so many. One alone is that of all."""
    if len(floors) == 1:
        return floors[0]
    bands = np.array([(floor.power, floor.centre, floor.spread) for floor in floors])
    alone = np.array([(floor.total, floor.offset) for floor in floors])
    return NoiseFloor(*np.repeat(bands.transpose(1, 2, 0), lengths, axis=2), *np.repeat(alone.T, lengths, axis=1))


def nothing() -> Levels:
    """The levels of a stream of which nothing was heard, shape (BANDS + 1, 0)."""
    return np.zeros((BANDS + 1, 0), np.int16)


def remember(known: Levels, levels: Singles, windows: Windows) -> Levels:
    """The levels of a stream with those of some more windows; the oldest are forgotten.

    Parameters
    ----------
    known : what the last call returned; ``nothing()`` at the beginning.
    levels : of the next windows, in dBFS, shape (BANDS, n).
    windows : the same n.

    Returns
    -------
    Shape (BANDS + 1, m), m at most MEMORY.
    """
    new = np.empty((BANDS + 1, len(windows.mean)), np.int16)
    np.rint(levels * np.float32(1 / STEP), out=new[:BANDS], casting="unsafe")
    np.rint(windows.mean * np.float32(FULL_SCALE), out=new[BANDS], casting="unsafe")
    return np.concatenate((known[:, max(0, known.shape[1] + new.shape[1] - MEMORY) :], new), axis=1)


def estimate(known: Levels) -> NoiseFloor:
    """The background of a stream from the levels of its last seconds.

    Parameters
    ----------
    known : of one window at least, see `remember`.

    Returns
    -------
    The noise floor. Of near silence it is LOWEST in total; of less than half a second at most START_CEILING.
    """
    levels = known[:BANDS] * np.float32(STEP)
    ranked = np.sort(known, axis=1, kind="stable")  # of 16 bits: by radix, three times as quick without AVX-512
    low, middle, sigma = _distribution(ranked[:BANDS])
    kept = _kept(levels, middle, sigma)
    power, centre, spread = _moments(levels, low, kept)
    if known.shape[1] >= STEADY_FOR:
        power, centre = _raised_where_steady(levels[:, -STEADY_FOR:], power, centre)
    if known.shape[1] < SETTLED:
        excess = max(0.0, 10 * np.log10(power[0]) - START_CEILING)
        power, centre = power * 10 ** (-excess / 10), centre - excess
    total = max(float(power[0]), 10 ** (LOWEST / 10))
    offset = float(ranked[BANDS, known.shape[1] // 2]) / FULL_SCALE
    spread = np.maximum(spread, _expected(known))
    return NoiseFloor(power, centre, spread, total, offset)


def _expected(known: Levels) -> float:
    """The spread that is expected of a background of which only this is known."""
    return float(EXPECTED_SPREAD * np.exp(-known.shape[1] / FORGETTING))


def _distribution(ranked: Levels) -> tuple[Singles, Singles, Singles]:
    """Step 1. The low percentile, and centre and sigma of the normal distribution that has both, in dB, of each row.
    Their distance is spread times (LOW_SIGMA - MIDDLE_SIGMA)."""
    places = [round(share * (ranked.shape[1] - 1)) for share in (LOW, MIDDLE)]
    low, middle = ranked[:, places].T * np.float32(STEP)
    spread = np.minimum((middle - low) / np.float32(LOW_SIGMA - MIDDLE_SIGMA), np.float32(WIDEST))
    sigma = np.maximum(spread, np.float32(LEAST_SPREAD + _expected(ranked)))
    return low, low + np.float32(LOW_SIGMA) * spread, sigma


def _kept(levels: Singles, centre: Singles, sigma: Singles) -> Bools:
    """Step 2. Which levels are the background's, shape (BANDS, n): up to CLIP_ALONE sigmas in windows that are far from
    any sound, in a band that has enough of them (a steady sound elsewhere may lower a band as long as it
    lasts); else up to CLIP in all."""
    limit = centre + CLIP * sigma
    far = _far_from(np.any(levels > (limit + MARGIN)[:, None], axis=0))
    kept = levels <= limit[:, None]
    if np.count_nonzero(far) < ENOUGH * levels.shape[1]:
        return kept
    alone = far & (levels <= (centre + CLIP_ALONE * sigma)[:, None])
    return np.where(alone.sum(axis=1, keepdims=True) >= LOW * levels.shape[1], alone, kept)


def _far_from(loud: Bools) -> Bools:
    """Where no window is loud, nor any of AROUND before and after it."""
    sums = np.cumsum(np.concatenate((np.zeros(AROUND + 1, np.int16), loud, np.zeros(AROUND, np.int16))))
    return np.asarray(sums[2 * AROUND + 1 :] == sums[: -2 * AROUND - 1])


def _moments(levels: Singles, low: Singles, kept: Bools) -> tuple[Floats, Floats, Floats]:
    """Step 3. Mean power, and mean and sigma of the levels, of those that are kept, of each row. Taken from `low` on,
    where single precision is fine."""
    weights = kept / kept.sum(axis=1, keepdims=True, dtype=np.float32)
    over = levels - low[:, None]
    weighed = weights * over
    mean = weighed.sum(axis=1)
    variance = np.einsum("ij,ij->i", weighed, over) - mean**2
    # A sound that is left out may be too loud for single precision once it is raised; it counts nothing.
    raised = np.exp(np.float32(_NEPERS) * np.minimum(over, np.float32(100)))
    power = np.einsum("ij,ij->i", weights, raised) * 10 ** (low.astype(np.float64) / 10)
    centre, spread = low + mean, np.sqrt(np.maximum(variance, 0))
    return power, centre.astype(np.float64), spread.astype(np.float64)


def _raised_where_steady(recent: Singles, power: Floats, centre: Floats) -> tuple[Floats, Floats]:
    """Step 4. If the whole spectrum stayed steady, its levels are the background; but for a click that may be among
    them."""
    ranked = np.sort(recent[0])
    least, most = ranked[STEADY_FOR // 20], ranked[-STEADY_FOR // 20]
    if most - least >= STEADY:
        return power, centre
    steady = recent[:, recent[0] <= most]
    raised = np.exp(_NEPERS * steady.astype(np.float64)).mean(axis=1)
    return np.maximum(power, raised), np.maximum(centre, steady.mean(axis=1))

"""What of a sound can be heard over its background: a check on the log odds of the network.

Goal: a step or drift of direct current, wind of 8 Hz or the pressure of a door is no sound, however much power it
has; and what stands far over its background is one, with its tail, however often it comes, though the network takes
what comes often for background. All other log odds stay as they are. Conventions: a grade for each instant, from the
powers that the network is shown.

A window of 20 ms shows what lies below some 16 Hz by its mean, and hardly anything else: at the peak of a wave of 12 Hz
the square of the mean is 21 dB over the variance, at 20 Hz 11, at 30 Hz 2, and below it for the thump of a footstep.
What ends, or begins, in such lows is a sound as long as enough of it was heard.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audio.dsp.noise_floor import NoiseFloor
from audio.dsp.sound_bands import WHOLE, Singles
from audio.dsp.sound_events import EDGE

# The bands from 150 Hz up.
CLEAN = WHOLE + 1


def _ratio(decibels: float) -> np.float32:
    return np.float32(10 ** (decibels / 10))


# Over the background of these bands. EVIDENT: a window that is too loud for background, which has at least these log
# odds, over every trigger. Chosen: with 21 dB waves of surf are told. CLEAR: a window that is heard, 6 dB.
EVIDENT = _ratio(23)
EVIDENT_ODDS = np.float32(6)
CLEAR = _ratio(6)
# A STRONG window, 14 dB, is part of the evident sound that was there at most TAIL instants before, 0.25 s: so what
# swells and sinks is told once and not at each of its peaks. It keeps a sound on and starts none. Fitted with the
# detector's errors on gusts and sounds: 12 to 14 dB and 0.2 to 0.3 s do nearly as well; to look ahead, too, puts onsets
# too early.
STRONG = _ratio(14)
TAIL = 62
# Through a Hann window some of the variance of a wave below 16 Hz leaks into the bands above. Less than this is not
# heard. Chosen over what was measured of any window at 8 to 48 kHz: -27 dB into the bands from 150 Hz up, -12 dB into
# those from 75 Hz up.
LEAK = _ratio(-18)
LEAK_BELOW = _ratio(-11)
# Lows: the square of the mean is 10 dB over the whole background, and 15 dB over what the variance has beyond twice
# the background's. Measured: from 8 dB on, tails of real sounds are cut off.
LOW = _ratio(10)
DOMINANT = _ratio(15)
USUAL = np.float32(2)
UNHEARD_ODDS = np.float32(-20)
# A window of lows tells of so many instants before and after it: half a wave of 8 Hz. They are part of a sound if
# ENOUGH windows were heard among these and the BEFORE last ones, 1 s and more. Chosen: a step is heard in five.
AROUND = 16
BEFORE = 250
ENOUGH = 7

# The grades, in order.
NOTHING, LOWS, HEARD, STRONGLY, EVIDENTLY = range(5)

Grades = NDArray[np.int8]


def grades(powers: Singles, mean: NDArray[np.float64], floor: NoiseFloor) -> Grades:
    """Grade some instants.

    Parameters
    ----------
    powers : their band powers, re full scale, shape (BANDS, n). mean: of the samples, re full scale, shape (n,).
    floor : the background, of all of them or of each.

    Returns
    -------
    EVIDENTLY, STRONGLY or just HEARD over the background, LOWS that dominate by far, or NOTHING of these, shape (n,).
    """
    varying = powers[1]
    clean = powers[CLEAN:].sum(axis=0)
    below = clean + powers[WHOLE]
    background = floor.power[CLEAN:].sum(axis=0).astype(np.float32)
    heard = (clean >= CLEAR * background) & (clean >= LEAK * varying)
    thump = below >= np.maximum(CLEAR * (background + floor.power[WHOLE].astype(np.float32)), LEAK_BELOW * varying)
    square = np.square(mean - floor.offset)
    beyond = varying - USUAL * floor.power[1].astype(np.float32)
    lows = (square > LOW * np.asarray(floor.total, np.float32)) & (square > DOMINANT * beyond)
    out: Grades = np.where(thump, HEARD, NOTHING).astype(np.int8)
    out[lows] = LOWS
    out[heard] = HEARD
    out[heard & (clean >= STRONG * background)] = STRONGLY
    out[heard & (clean >= EVIDENT * background)] = EVIDENTLY
    return out


def checked(odds: Singles, grades: Grades) -> Singles:
    """Correct log odds by what can be heard.

    Parameters
    ----------
    odds : shape (n,).
    grades : of these instants, BEFORE before and AROUND after them, shape (BEFORE + n + AROUND,).

    Returns
    -------
    The log odds, shape (n,).
    """
    now = grades[BEFORE : BEFORE + len(odds)]
    evident = grades[BEFORE - TAIL : BEFORE + len(odds)] == EVIDENTLY
    out = _raised(odds, now, evident) if evident.any() else odds
    lows = grades[BEFORE - AROUND :] == LOWS
    if not lows.any():
        return out
    near = _count(lows, 2 * AROUND + 1) > 0
    part = _count(grades >= HEARD, BEFORE + AROUND + 1) >= ENOUGH
    return np.where(near & ~part & (now < HEARD), UNHEARD_ODDS, out)


def _raised(odds: Singles, now: Grades, evident: NDArray[np.bool_]) -> Singles:
    """Those of evident windows, and of their tails. evident: of these instants and TAIL before them."""
    tail = (now == STRONGLY) & (_count(evident, TAIL + 1) > 0)
    out = np.where(tail, np.maximum(odds, np.float32(EDGE)), odds)
    return np.where(evident[TAIL:], np.maximum(out, EVIDENT_ODDS), out)


def _count(some: NDArray[np.bool_], length: int) -> NDArray[np.int64]:
    """How many there are in each run of this length."""
    sums = np.concatenate(([0], np.cumsum(some)))
    return np.asarray(sums[length:] - sums[:-length])

"""What of a sound can be heard over its background: a check on the log odds of the network.

Goal: a step or drift of direct current, wind of 8 Hz or the pressure of a door is no sound, however much power it
has; and what stands evidently over its background is one, however often it comes, though the network takes what comes
often for background. Conventions: a grade for each instant, from powers without what lies below hearing
(`high_pass`). Many sounds end, and some begin, in a thump that is too low to be heard. It belongs to them for SHARE
of the time that they were heard, and for AHEAD instants before.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audio.dsp import sound_bands
from audio.dsp.noise_floor import NoiseFloor
from audio.dsp.sound_bands import Singles, Windows

# In dB over what can be heard of the background. EVIDENT: a window that is too loud for background, which has at least
# these log odds. Chosen: half a dB under 20; over every trigger. CLEAR: a window that is heard. AUDIBLE: 0.1 s that are
# heard. Chosen: steady noise reaches neither.
EVIDENT = 19.5
EVIDENT_ODDS = 6.0
CLEAR = 6.0
AUDIBLE = 1.5
# What stands so many dB over the whole background and is not heard is too low for it. Chosen: with 4 more of the low
# thumps of real sounds are cut off, with 6 more wind comes through.
LOW_ONLY = 5.0
UNHEARD_ODDS = -20.0
# Measured on footsteps, whose thumps are the longest; a click of direct current stays under 0.25 s with it.
SHARE = 0.6
# In seconds.
LONGEST = 0.6
AHEAD = 10

NOTHING, UNHEARD, HEARD, EVIDENTLY = range(4)

Grades = NDArray[np.int8]


def grades(windows: Windows, levels: Singles, floor: NoiseFloor) -> Grades:
    """Grade some instants.

    Parameters
    ----------
    windows : theirs. levels: their band powers, in dBFS, shape (BANDS, n).
    floor : the background.

    Returns
    -------
    EVIDENTLY, HEARD, UNHEARD (too low) or NOTHING over the background, shape (n,).
    """
    audible = sound_bands.levels(windows.audible) - np.float32(floor.audible)
    heard = (audible >= CLEAR) | (sound_bands.levels(windows.lasting) >= floor.audible + AUDIBLE)
    low = levels[0] > 10 * np.log10(floor.total) + LOW_ONLY
    return np.where(audible >= EVIDENT, EVIDENTLY, np.where(heard, HEARD, np.where(low, UNHEARD, NOTHING))).astype(
        np.int8
    )


def checked(odds: Singles, grades: Grades, linger: float, step: float) -> tuple[Singles, float]:
    """Correct log odds by what can be heard.

    Parameters
    ----------
    odds : shape (n,).
    grades : of these instants and AHEAD more, shape (n + AHEAD or more,).
    linger : for how many seconds what is too low may still go on; as the last call returned it, 0 at the beginning.
    step : seconds from an instant to the next.

    Returns
    -------
    The log odds, shape (n,), and the new `linger`.
    """
    now = grades[: len(odds)]
    if not now.any():
        return odds, max(0.0, linger - len(odds) * step)
    heard = grades >= HEARD
    seen = np.concatenate(([0], np.cumsum(heard)))
    soon = (seen[AHEAD : AHEAD + len(odds)] > seen[: len(odds)]).tolist()
    out = np.where(now == EVIDENTLY, np.maximum(odds, EVIDENT_ODDS), odds)
    for i, grade in enumerate(now.tolist()):
        if grade >= HEARD:
            linger = min(LONGEST, linger + SHARE * step)
            continue
        linger = max(0.0, linger - step)
        if grade == UNHEARD and not linger and not soon[i]:
            out[i] = UNHEARD_ODDS
    return out, linger

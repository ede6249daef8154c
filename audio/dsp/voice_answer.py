"""From whether there is a voice at each frame of a chunk to what a voice detector answers.

Goal: the label of a chunk and its voiced spans. Conventions: spans are [start, end) in frames of the chunk.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from audio.dsp.framing import runs
from audio.dsp.gate import Limits

Label = Literal["SILENCE", "ON", "VOICE", "OFF"]
HOPS_PER_SECOND = 62.5
# The log odds of a voice that are asked for: 0 at sensitivity 0.5; this is how far it is from one end to the other.
RANGE = 3.0
HYSTERESIS = 0.75
# A chunk holds a voice if this share of it is voiced, or so many seconds of a long one.
SHARE = 0.2
ENOUGH = 0.08
# Ends are told so many seconds late: what is voiced at the start of a chunk, or in a short one's first fifth, belongs
# to the chunk before.
LATE = 0.032
# Where the chunk before held none, the log odds of the hops must have added up to this since the voice began: what only
# just passes for a voice for some hops is a knock as often as a word.
PROOF = 5.0


def limits(sensitivity: float, min_speech: float, min_silence: float) -> Limits:
    """The gate's limits. Times in seconds."""
    upper = RANGE * (0.5 - sensitivity)
    attack, release = (max(1, round(time * HOPS_PER_SECOND)) for time in (min_speech, min_silence))
    return Limits(upper, upper - HYSTERESIS, attack, release, PROOF)


def holds(voiced: NDArray[np.bool_], sure: NDArray[np.bool_], before: bool, rate: int) -> bool:
    """Whether a chunk holds a voice. voiced, sure: at each of its frames; before: whether the last one held one.

    More of voiced, of sure or of before never makes less of it. No frames: no.
    """
    late = min(round(LATE * rate), len(voiced) // 5)
    enough = np.count_nonzero(voiced[late:]) >= max(1, min(SHARE * len(voiced), ENOUGH * rate))
    return bool(enough and (before or sure.any()))


def label(before: bool | None, now: bool) -> Label:
    """By what the previous chunk and this one hold; None: there is no before."""
    if before is None:
        return "VOICE" if now else "SILENCE"
    if now:
        return "VOICE" if before else "ON"
    return "OFF" if before else "SILENCE"


def padded(voiced: NDArray[np.bool_], owed: int, frames: int) -> tuple[NDArray[np.bool_], int]:
    """Each span longer by `frames` at both ends, within this chunk; `owed`: what the last span of the chunk before is
    still to be lengthened by. Gives the spans and what is owed to the next chunk."""
    if frames == 0 and owed == 0:
        return voiced, 0
    out = voiced.copy()
    out[:owed] = True
    left = max(0, owed - len(voiced))
    for start, end in runs(voiced):
        out[max(0, start - frames) : end + frames] = True
        left = max(left, end + frames - len(voiced))
    return out, left

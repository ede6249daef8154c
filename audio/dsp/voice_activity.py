"""From whether there is a voice at each frame of a chunk to the chunk's label and its voiced spans.

Goal: labels that come in a legal order and agree with the spans. Conventions: spans are [start, end) in frames of the
chunk; more of a voice never gives less of an answer.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from audio.dsp.framing import runs
from audio.dsp.gate import Limits

Label = Literal["SILENCE", "ON", "VOICE", "OFF"]
# Those of `voice_features`.
HOPS_PER_SECOND = 62.5
# The log odds of a voice that are asked for: 0 at sensitivity 0.5; this is how far it is from one end to the other.
# Chosen.
RANGE = 3.0
# How far the odds must fall below those for a voice to end. Chosen.
HYSTERESIS = 0.75
# A chunk holds a voice if this share of it is voiced, or so many seconds of a long one. Chosen, with chunks of 0.17 and
# 0.512 s of benchmarks/voice_detectors.py.
SHARE = 0.2
ENOUGH = 0.08
# Ends are told so many seconds late, as measured by the same: what is voiced at the start of a chunk, or in the first
# fifth of a short one, belongs to the chunk before.
LATE = 0.032
# Where the chunk before held none, the log odds of the hops must have added up to this since the voice began: what only
# just passes for a voice for some hops is a knock as often as a word. Chosen by the same.
PROOF = 5.0


def limits(sensitivity: float, min_speech: float, min_silence: float) -> Limits:
    """The gate's limits.

    Parameters
    ----------
    sensitivity : 0 to 1.
    min_speech, min_silence : in seconds; what a voice, and a pause, must have lasted.

    Returns
    -------
    Thresholds in log odds; attack and release in hops.
    """
    upper = RANGE * (0.5 - sensitivity)
    attack, release = (max(1, round(time * HOPS_PER_SECOND)) for time in (min_speech, min_silence))
    return Limits(upper, upper - HYSTERESIS, attack, release, PROOF)


def holds(voiced: NDArray[np.bool_], sure: NDArray[np.bool_], before: bool, rate: int) -> bool:
    """Whether a chunk holds a voice.

    Parameters
    ----------
    voiced, sure : at each of its frames, shape (n,). No frames hold none.
    before : whether the chunk before held one.
    rate : in Hz.
    """
    late = min(round(LATE * rate), len(voiced) // 5)
    enough = np.count_nonzero(voiced[late:]) >= max(1, min(SHARE * len(voiced), ENOUGH * rate))
    return bool(enough and (before or sure.any()))


def label(before: bool | None, now: bool) -> Label:
    """The label of a chunk.

    Parameters
    ----------
    before : whether the chunk before held a voice; None outside a session.
    now : whether this one does.
    """
    if before is None:
        return "VOICE" if now else "SILENCE"
    if now:
        return "VOICE" if before else "ON"
    return "OFF" if before else "SILENCE"


def padded(voiced: NDArray[np.bool_], owed: int, frames: int) -> tuple[NDArray[np.bool_], int]:
    """Lengthen each voiced span at both ends, at its start within this chunk.

    Parameters
    ----------
    voiced : at each frame, shape (n,).
    owed : how many frames the last span of the chunk before is still to be lengthened by.
    frames : how many at each end.

    Returns
    -------
    voiced : shape (n,).
    owed : to the next chunk.
    """
    if frames == 0 and owed == 0:
        return voiced, 0
    out = voiced.copy()
    out[:owed] = True
    left = max(0, owed - len(voiced))
    for start, end in runs(voiced):
        out[max(0, start - frames) : end + frames] = True
        left = max(left, end + frames - len(voiced))
    return out, left

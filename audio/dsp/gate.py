"""From a score for each frame to spans, with hysteresis and hangover.

Goal: one decision a frame that does not flicker. The gate opens where the score reaches the upper threshold for
`attack` frames, and closes where it was below the lower one for `release` frames. It knows no audio. It is monotone:
a gate with lower thresholds is open wherever one with higher thresholds is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Limits:
    """upper >= lower, in the unit of the scores; attack and release in frames, at least 1."""

    upper: float
    lower: float
    attack: int
    release: int


@dataclass(frozen=True)
class Gate:
    """open: as of the last frame. count: frames in a row that speak for a change."""

    open: bool = False
    count: int = 0


def decide(gate: Gate, scores: NDArray[np.float32], limits: Limits) -> tuple[NDArray[np.bool_], Gate]:
    """The decisions on some frames, shape (n,), and the gate after them. A decision uses no later frame."""
    is_open, count = gate.open, gate.count
    out = np.empty(len(scores), bool)
    for i, score in enumerate(scores.tolist()):
        turns = score < limits.lower if is_open else score >= limits.upper
        count = count + 1 if turns else 0
        if count >= (limits.release if is_open else limits.attack):
            is_open, count = not is_open, 0
        out[i] = is_open
    return out, Gate(is_open, count)

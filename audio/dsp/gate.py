"""From a score for each frame to spans, with hysteresis and hangover.

Goal: one decision a frame that does not flicker. The gate opens where the score reaches the upper threshold for
`attack` frames, and closes where it was below the lower one for `release` frames. While it is open, what the scores are
over the upper threshold adds up, and never falls below zero (E. S. Page, "Continuous inspection schemes", Biometrika
1954); once the sum reaches `proof` the gate is sure until it closes. It knows no audio. It is monotone: a gate with
lower thresholds is open, and sure, wherever one with higher thresholds is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Limits:
    """When a gate opens and closes.

    Attributes
    ----------
    upper, lower : thresholds in the unit of the scores; upper >= lower.
    attack, release : in frames, at least 1.
    proof : the sum that makes it sure.
    """

    upper: float
    lower: float
    attack: int
    release: int
    proof: float = 0.0


@dataclass(frozen=True)
class Gate:
    """Where a gate stands.

    Attributes
    ----------
    open, sure : as of the last frame.
    count : frames in a row that speak for a change.
    sum : of the proof.
    """

    open: bool = False
    count: int = 0
    sum: float = 0.0
    sure: bool = False


def decide(gate: Gate, scores: NDArray[np.float32], limits: Limits) -> tuple[NDArray[np.bool_], Gate]:
    """Decide on some frames. A decision uses no later frame.

    Parameters
    ----------
    gate : what the last call returned; ``Gate()`` at the beginning.
    scores : shape (n,).
    limits : they may change from call to call.

    Returns
    -------
    decisions : whether the gate is open, and whether it is sure, at each frame; shape (n, 2).
    gate : where it stands now.
    """
    is_open, count, total, sure = gate.open, gate.count, gate.sum, gate.sure
    out = np.empty((len(scores), 2), bool)
    for i, score in enumerate(scores.tolist()):
        turns = score < limits.lower if is_open else score >= limits.upper
        count = count + 1 if turns else 0
        if count >= (limits.release if is_open else limits.attack):
            is_open, count = not is_open, 0
        if is_open:
            total += score - limits.upper
            total = total if total > 0 else 0.0
            sure = sure or total >= limits.proof
        else:
            total, sure = 0.0, False
        out[i] = is_open, sure
    return out, Gate(is_open, count, total, sure)

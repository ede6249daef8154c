"""How far an answer is to be trusted: the probability that someone is there, within 10 degrees.

A logistic regression on signs of a good answer and their products, fitted by benchmarks/localization_fit.py on sounds
with and without a source; one for a block that stands alone, one for a block of a session.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audio.dsp import bearing
from audio.dsp.bearing import Belief
from audio.dsp.direct_path import Heard
from audio.dsp.gcc import Pair

Logs = NDArray[np.float64]


@cache
def fitted() -> dict[str, Any]:
    """The coefficients that benchmarks/localization_fit.py has fitted."""
    coefficients: dict[str, Any] = json.loads(files("audio.dsp").joinpath("trust.json").read_text())
    return coefficients


def signs(before: Belief, after: Belief, logs: Logs, best: int, ears: Heard, level: float, age: int, of: Pair) -> Logs:
    """What the regression looks at, of the answer `best` (a point of the grid) to a block."""
    near = bearing.span(best, of)
    base = float(bearing.log_mean(logs))
    mass = float(bearing.around(after.density, of)[best])
    expected = float(bearing.around(before.density, of)[best])
    density = after.density
    trust = ears.weight.sum(axis=1)
    return np.array(
        [
            _logit(mass),
            float(after.walks.sum()),
            _tame(float(bearing.log_mean(logs[near])) - base),
            _tame(float(logs[near].max()) - base),
            _tame(float(np.log((before.density * np.exp(logs - logs.max())).sum()) + logs.max()) - base),
            _tame(float(logs.max()) - base),
            float(np.log10(trust.mean() + 1e-3)),
            float(np.log10(trust.max() + 1e-3)),
            float(ears.rise.mean()),
            float(ears.rise.max()),
            float(20 * np.log10(level)),
            _logit(expected),
            float(-(density * np.log(density + 1e-12)).sum() + np.log(np.degrees(of.step))),
            float(np.log1p(age)),
        ]
    )


def confidence(of_answer: Logs, *, alone: bool) -> float:
    """In [0, 1]."""
    weights = np.asarray(fitted()["alone" if alone else "session"])
    products = np.outer(of_answer, of_answer)[np.triu_indices(len(of_answer))]
    score = weights @ np.concatenate([[1.0], of_answer, products])
    return float(1 / (1 + np.exp(-np.clip(score, -30, 30))))


def _logit(probability: float) -> float:
    return float(np.log(probability + 0.01) - np.log(1.01 - probability))


def _tame(x: float) -> float:
    return float(np.sign(x) * np.log1p(abs(x)))

"""The confidence of an answer: the probability that someone is there, within 10 degrees.

Boosted trees on features of an answer, fitted by benchmarks/localization_fit.py on sounds with and without a source:
for a block that stands alone, for a block of a session, and for the second source of a block.

Source: J. H. Friedman, "Greedy function approximation: a gradient boosting machine", Annals of Statistics 29(5), 2001,
section 4.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from audio.dsp import bearing, plain
from audio.dsp.bearing import Posterior
from audio.dsp.direct_path import WeightedBins
from audio.dsp.gcc import Floats, Pair

Logs = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Answer:
    """An answer to a block.

    Attributes
    ----------
    before, after : the posterior without and with it.
    logs : its evidence, shape (angles,).
    best : the point of the grid that was chosen.
    """

    before: Posterior
    after: Posterior
    logs: Logs
    best: int


@dataclass(frozen=True, eq=False)
class Trees:
    """Trees whose leaves add up to log odds.

    All arrays but `start` and `depth` have the shape (trees, nodes); node 0 is the root.

    Attributes
    ----------
    feature : which one a node asks for.
    limit : up to which the answer is `left`, beyond it `right`.
    left, right : nodes; both are the node itself where it is a leaf.
    value : of a leaf, in log odds.
    start : log odds before any tree.
    depth : of the deepest tree.
    """

    feature: NDArray[np.int16]
    limit: NDArray[np.float32]
    left: NDArray[np.int16]
    right: NDArray[np.int16]
    value: NDArray[np.float32]
    start: NDArray[np.float32]
    depth: NDArray[np.int16]

    def log_odds(self, features: Logs) -> float:
        """The sum over all trees for one row of features, shape (features,)."""
        left, right = self.children
        goes_to = np.where(features[self.feature] <= self.limit, left, right).reshape(-1)
        at = np.arange(0, goes_to.size, left.shape[1])
        for _ in range(int(self.depth)):
            at = goes_to[at]
        return float(self.start + self.value.reshape(-1)[at].sum())

    @cached_property
    def children(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Left and right, counted over the nodes of all trees."""
        root = np.arange(0, self.left.size, self.left.shape[1])[:, None]
        return root + self.left, root + self.right


@cache
def fitted(model: str) -> Trees:
    """The trees that benchmarks/localization_fit.py has fitted, read at the first call.

    Parameters
    ----------
    model : 'alone', 'session' or 'second'.

    Raises
    ------
    KeyError
        For another model.
    """
    return plain.load(Trees, "confidence.npz", model)


def first_features(answer: Answer, ratios: Floats, bins: WeightedBins, age: int, pair: Pair) -> Logs:
    """Features of the first source of a block.

    Parameters
    ----------
    answer : what was answered.
    ratios : as of `bearing.ratios`, shape (windows, angles).
    bins : of the same block.
    age : blocks of memory.

    Returns
    -------
    Shape (features,), finite also for silence.
    """
    near = bearing.span(answer.best, pair)
    density = answer.after.density
    seen = ratios[:, near].max(axis=1)
    weight = bins.weight.sum(axis=1)
    high = bins.weight[:, np.searchsorted(pair.frequency, 2000, "right") :].sum() / (weight.sum() + 1e-9)
    common = _common(answer, pair)
    own = [
        answer.after.walks,
        float(np.log10(weight.mean() + 1e-3)),
        float(np.log10(weight.max() + 1e-3)),
        float(bins.rise.mean()),
        float(bins.rise.max()),
        bins.weighted_rise,
        float(-(density * np.log(density + 1e-12)).sum() + np.log(np.degrees(pair.step))),
        float(np.log1p(min(age, 60))),
        float(np.mean(seen > 3)),
        float(np.log(seen + 0.01).mean()),
        float(np.log(ratios.max(axis=1)).mean()),
        float(high),
        float(abs(np.sin(pair.yaw[answer.best]))),
        float(np.log10(pair.baseline)),
        bins.coherence,
    ]
    return np.array(common + own)


def second_features(first: Answer, second: Answer, ratios: Floats, bins: WeightedBins, pair: Pair) -> Logs:
    """Features of the second source of a block, given the first; as `first_features` otherwise."""
    near, main = bearing.span(second.best, pair), bearing.span(first.best, pair)
    seen, main_seen = ratios[:, near].max(axis=1), ratios[:, main].max(axis=1)
    apart = abs(pair.lag[second.best] - pair.lag[first.best])
    own = [
        float(np.mean(seen > main_seen)),
        float(np.log(seen + 0.01).mean()),
        float(np.log(main_seen + 0.01).mean()),
        _tame(float(first.logs[near].max() - bearing.log_mean(first.logs))),
        float(np.log10(apart * 1e6 + 1)),
        float(np.log10(pair.baseline)),
        float(bins.rise.mean()),
        bins.coherence,
        second.after.walks,
        _logit(bearing.mass(first.after.density, first.best, pair)),
    ]
    return np.array(_common(second, pair) + own)


def _common(answer: Answer, pair: Pair) -> list[float]:
    near = bearing.span(answer.best, pair)
    base = float(bearing.log_mean(answer.logs))
    expected = np.log((answer.before.density * np.exp(answer.logs - answer.logs.max())).sum()) + answer.logs.max()
    return [
        _logit(bearing.mass(answer.after.density, answer.best, pair)),
        _logit(bearing.mass(answer.before.density, answer.best, pair)),
        _tame(float(bearing.log_mean(answer.logs[near])) - base),
        _tame(float(answer.logs.max()) - base),
        _tame(float(expected) - base),
    ]


def probability(features: Logs, model: str, against: float = 0.0) -> float:
    """The probability that someone is there, within 10 degrees.

    Parameters
    ----------
    features : of an answer, shape (features,).
    model : whose trees, see `fitted`.
    against : log odds that speak against a source.

    Returns
    -------
    In [0, 1].
    """
    return float(1 / (1 + np.exp(-np.clip(fitted(model).log_odds(features) - against, -30, 30))))


def _logit(probability: float) -> float:
    return float(np.log(probability + 0.01) - np.log(1.01 - min(probability, 1.0)))


def _tame(x: float) -> float:
    return float(np.sign(x) * np.log1p(abs(x)))

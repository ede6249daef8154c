"""Where a talker is, block by block: a Bayes filter over the angles in front of a pair of microphones.

Each window is either a sight of the talker or an outlier, so its log-likelihood has a lower bound and no window can
rule out an angle for good. The talker stands or walks, and changes between the two now and then; rarely another one,
anywhere, takes over. So the memory is long for one who stands, and short for one who walks, without being told.

Source: H. A. P. Blom and Y. Bar-Shalom, "The interacting multiple model algorithm", IEEE Trans. Automatic Control
33(8), 1988; here on a grid instead of Gaussians. Angles are points of a grid that Pair defines; densities sum to 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.dsp.gcc import Floats, Pair

Density = NDArray[np.float64]

SHARPNESS = 0.5  # of one window's log-likelihood: neighbouring bins and windows are not independent
SIGHT = 0.4  # share of windows that see the talker
INDEPENDENCE = 0.5  # share of a window's evidence that the window before does not have
FIRST_SHARE, SECOND_SHARE, SECOND_INDEPENDENCE = 0.45, 0.15, 1.0  # the same where there are two
APART = np.radians(18.0)  # least angle between two talkers
STARTS, STOPS, JUMPS = 0.04, 0.03, 0.01  # chances a block
WALK, SWAY = np.radians(6.0), np.radians(0.3)  # standard deviation of a step a block
REACH = np.radians(8.0)  # half the span that counts as one direction
STANDING = 0.7  # share that stands, of those who appear


@dataclass(frozen=True, eq=False)
class Belief:
    """Densities over the grid, of one who stands and of one who walks; both together sum to 1."""

    stands: Density
    walks: Density

    @property
    def density(self) -> Density:
        return self.stands + self.walks


def nothing_known(of: Pair) -> Belief:
    """All angles alike."""
    even = np.full(len(of.yaw), 1 / len(of.yaw))
    return Belief(STANDING * even, (1 - STANDING) * even)


def ratios(steered: Floats) -> Floats:
    """The likelihood of each angle in each window over that of all alike, from steered windows (windows, angles)."""
    scaled = SHARPNESS * steered
    return np.asarray(np.exp(np.minimum(scaled - log_mean(scaled)[:, None], 60)))


def evidence(of_windows: Floats) -> Density:
    """The log-likelihood ratio of each angle against no talker, from the ratios (windows, angles) of a block."""
    return np.asarray(INDEPENDENCE * np.log(1 - SIGHT + SIGHT * of_windows).sum(axis=0), np.float64)


def evidence_beside(of_windows: Floats, best: int, of: Pair) -> Density:
    """The same of a second talker beside the one at `best`: what the first explains says nothing of a second."""
    first = of_windows[:, span(best, of)].max(axis=1)[:, None]
    rest = 1 - FIRST_SHARE - SECOND_SHARE + FIRST_SHARE * first
    ratio = (rest + SECOND_SHARE * of_windows) / (rest + SECOND_SHARE)
    return np.asarray(SECOND_INDEPENDENCE * np.log(ratio).sum(axis=0), np.float64)


def apart(best: int, of: Pair) -> Density:
    """1 for each angle at which a second talker can be told from the one at `best`, 0 for the others."""
    return np.asarray(np.abs(of.yaw - of.yaw[best]) > APART, np.float64)


def log_mean(logs: Floats) -> Floats:
    """log(mean(exp(logs))) over the last axis."""
    top = logs.max(axis=-1)
    return np.asarray(top + np.log(np.mean(np.exp(logs - top[..., None]), axis=-1)))


def predict(belief: Belief, of: Pair, blocks: int = 1) -> Belief:
    """What is known `blocks` blocks later, when nothing was heard."""
    even = 1 / len(of.yaw)
    for _ in range(blocks):
        stands = (
            (1 - STARTS - JUMPS) * _spread(belief.stands, SWAY, of) + STOPS * belief.walks + JUMPS * STANDING * even
        )
        walks = (
            _spread((1 - STOPS - JUMPS) * belief.walks + STARTS * belief.stands, WALK, of)
            + JUMPS * (1 - STANDING) * even
        )
        total = stands.sum() + walks.sum()
        belief = Belief(stands / total, walks / total)
    return belief


def update(belief: Belief, logs: NDArray[np.float64]) -> Belief:
    """The belief after the evidence of a block."""
    likelihood = np.exp(logs - logs.max())
    stands, walks = belief.stands * likelihood, belief.walks * likelihood
    total = stands.sum() + walks.sum()
    return Belief(stands / total, walks / total)


def around(density: Density, of: Pair) -> Density:
    """The mass within REACH of each angle."""
    reach = max(1, round(REACH / of.step))
    total = np.concatenate([[0.0], np.cumsum(density)])
    at = np.arange(len(density))
    return np.asarray(total[np.minimum(at + reach + 1, len(density))] - total[np.maximum(at - reach, 0)])


def span(at: int, of: Pair) -> slice:
    """The points within REACH of one."""
    reach = max(1, round(REACH / of.step))
    return slice(max(0, at - reach), at + reach + 1)


def _spread(density: Density, deviation: float, of: Pair) -> Density:
    """Convolve with a Gaussian; what would leave at an end is reflected there."""
    reach = int(3 * deviation / of.step) + 1
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * of.step / deviation) ** 2)
    return np.convolve(np.pad(density, reach, mode="reflect"), kernel / kernel.sum(), "valid")

"""Where a talker is, block by block: a Bayes filter over the angles in front of a pair of microphones.

Each window is either a sight of the talker or an outlier, so its log-likelihood has a lower bound and no window can
rule out an angle for good. The talker stands, or walks to the right or to the left, and changes between these now and
then; rarely another one, anywhere, takes over. So the memory is long for one who stands, and goes along with one who
walks, without being told.

Source: H. A. P. Blom and Y. Bar-Shalom, "The interacting multiple model algorithm", IEEE Trans. Automatic Control
33(8), 1988; here on a grid instead of Gaussians. Angles are points of a grid that Pair defines; densities sum to 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from audio.dsp.gcc import Floats, Pair

Density = NDArray[np.float64]

# Chosen on rooms by benchmarks/localization.py, before the weights were fitted: localization_fit.py takes them as they
# are, so whoever changes one fits again.
SHARPNESS = 0.4  # of one window's log-likelihood: neighbouring bins and windows are not independent
SIGHT = 0.48  # share of windows that see the talker
INDEPENDENCE = 0.65  # share of a window's evidence that the window before does not have
FIRST_SHARE, SECOND_SHARE, SECOND_INDEPENDENCE = 0.45, 0.15, 1.0  # the same where there are two
APART = np.radians(18.0)  # least angle between two talkers
STARTS, STOPS, TURNS, JUMPS = 0.015, 0.03, 0.02, 0.01  # chances a block
SWAY = np.radians(0.3)  # standard deviation of a step a block, of one who stands
PACE, UNSTEADY = np.radians(5.5), np.radians(3.5)  # mean and standard deviation of the same of one who walks
LARGEST_MATRIX = 400  # angles; chosen: three matrices of 4 MB, beyond that a convolution is as fast
REACH = np.radians(10.0)  # half the span that counts as one direction
MOTIONS = ((0.0, SWAY), (-PACE, UNSTEADY), (PACE, UNSTEADY))  # stands, walks to the right, walks to the left
SHARES = np.array([0.7, 0.15, 0.15])  # of these, among those who appear
CHANGES = np.array(  # chances from a motion (rows) to another
    [
        [1 - STARTS - JUMPS, STARTS / 2, STARTS / 2],
        [STOPS, 1 - STOPS - TURNS - JUMPS, TURNS],
        [STOPS, TURNS, 1 - STOPS - TURNS - JUMPS],
    ]
)


@dataclass(frozen=True, eq=False)
class Posterior:
    """What is known of a talker's angle.

    Attributes
    ----------
    motions : densities over the grid of one in each of MOTIONS, shape (motions, angles); all together sum to 1.
    """

    motions: Density

    @property
    def density(self) -> Density:
        """Of one in any motion, (angles,)."""
        return np.asarray(self.motions.sum(axis=0))

    @property
    def walks(self) -> float:
        """The probability that the talker walks."""
        return float(self.motions[1:].sum())


def nothing_known(pair: Pair) -> Posterior:
    """The posterior before anything was heard: all angles alike, shape (motions, angles)."""
    return Posterior(np.multiply.outer(SHARES, np.full(len(pair.yaw), 1 / len(pair.yaw))))


def ratios(steered: Floats) -> Floats:
    """The likelihood of each angle over that of all alike.

    Parameters
    ----------
    steered : as of `gcc.steer`, shape (windows, ..., angles). Silence is 0 throughout.

    Returns
    -------
    Shape (windows, ..., angles), above 0; 1 throughout for silence.
    """
    scaled = SHARPNESS * steered
    return np.asarray(np.exp(np.minimum(scaled - log_mean(scaled)[..., None], 60)))


def evidence(of_windows: Floats) -> Density:
    """What a block says of each angle.

    Parameters
    ----------
    of_windows : as of `ratios`, shape (windows, ..., angles).

    Returns
    -------
    The log-likelihood ratio against no talker, shape (..., angles); 0 throughout for silence.
    """
    return np.asarray(INDEPENDENCE * np.log(1 - SIGHT + SIGHT * of_windows).sum(axis=0), np.float64)


def evidence_beside(of_windows: Floats, best: int, pair: Pair) -> Density:
    """What a block says of a second talker: what the first explains says nothing of one.

    Parameters
    ----------
    of_windows : as of `ratios`, shape (windows, angles).
    best : the point of the grid at which the first talker is.

    Returns
    -------
    The log-likelihood ratio of each angle against no second talker, shape (angles,).
    """
    first = of_windows[:, span(best, pair)].max(axis=1)[:, None]
    rest = 1 - FIRST_SHARE - SECOND_SHARE + FIRST_SHARE * first
    ratio = (rest + SECOND_SHARE * of_windows) / (rest + SECOND_SHARE)
    return np.asarray(SECOND_INDEPENDENCE * np.log(ratio).sum(axis=0), np.float64)


def apart(best: int, pair: Pair) -> Density:
    """Where a second talker can be told from the first.

    Parameters
    ----------
    best : the point of the grid at which the first talker is.

    Returns
    -------
    1 for each angle that lies further than APART, 0 for the others, shape (angles,).
    """
    return np.asarray(np.abs(pair.yaw - pair.yaw[best]) > APART, np.float64)


def log_mean(logs: Floats) -> Floats:
    """log(mean(exp(logs))) over the last axis, without overflow: the shape less that axis."""
    top = logs.max(axis=-1)
    return np.asarray(top + np.log(np.mean(np.exp(logs - top[..., None]), axis=-1)))


def predict(posterior: Posterior, pair: Pair, blocks: int = 1) -> Posterior:
    """What is known some blocks later, when nothing was heard.

    Parameters
    ----------
    posterior : of now.
    blocks : how many. 0: nothing changes.

    Returns
    -------
    The posterior then: with more blocks nearer to `nothing_known`.
    """
    motions, steps = posterior.motions, _steps(pair)
    appears = JUMPS * SHARES[:, None] / len(pair.yaw)
    for _ in range(blocks):
        changed = CHANGES.T @ motions
        if steps is None:
            motions = np.stack([moved(one, *motion, pair) for one, motion in zip(changed, MOTIONS, strict=True)])
        else:
            motions = np.matmul(steps, changed[:, :, None])[:, :, 0]
        motions += appears
        motions /= motions.sum()
    return Posterior(motions)


def update(posterior: Posterior, logs: NDArray[np.float64]) -> Posterior:
    """The posterior after the evidence of a block.

    Parameters
    ----------
    posterior : before it, see `predict`.
    logs : log-likelihood ratios, shape (angles,). All alike, as for silence: nothing changes.
    """
    motions = posterior.motions * np.exp(logs - logs.max())
    return Posterior(motions / motions.sum())


def around(density: Density, pair: Pair) -> Density:
    """The mass within REACH of each angle, shape (angles,)."""
    reach = max(1, round(REACH / pair.step))
    total = np.concatenate([[0.0], np.cumsum(density)])
    at = np.arange(len(density))
    return np.asarray(total[np.minimum(at + reach + 1, len(density))] - total[np.maximum(at - reach, 0)])


def mass(density: Density, at: int, pair: Pair) -> float:
    """The mass within REACH of one point.

    Parameters
    ----------
    density : shape (angles,).
    at : the point's index.
    """
    return float(density[span(at, pair)].sum())


def span(at: int, pair: Pair) -> slice:
    """The points of the grid within REACH of the one at an index."""
    reach = max(1, round(REACH / pair.step))
    return slice(max(0, at - reach), at + reach + 1)


@lru_cache(maxsize=8)
def _steps(pair: Pair) -> Density | None:
    """What `moved` does for each of MOTIONS, as matrices (motions, angles, angles); None where they would be large."""
    if len(pair.yaw) > LARGEST_MATRIX:
        return None
    points = np.eye(len(pair.yaw))
    return np.stack([np.stack([moved(e, mean, spread, pair) for e in points], axis=1) for mean, spread in MOTIONS])


def moved(density: Density, mean: float, deviation: float, pair: Pair) -> Density:
    """A density after a step.

    Parameters
    ----------
    density : shape (angles,).
    mean, deviation : of the step, which is normally distributed, in radians.

    Returns
    -------
    Shape (angles,), of the same sum: what would leave at an end is reflected there.
    """
    reach = min(int((abs(mean) + 3 * deviation) / pair.step) + 1, len(density) - 1)
    steps = np.arange(-reach, reach + 1) * pair.step
    kernel = np.exp(-0.5 * ((steps - mean) / deviation) ** 2)
    return np.convolve(np.pad(density, reach, mode="reflect"), kernel / kernel.sum(), "valid")

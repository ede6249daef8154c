"""Are two channels a pair of microphones at all?

Four things go wrong in the wiring, and each gives confident angles that are wrong: a dead channel, one microphone sent
twice, the wires of one swapped (its samples have the other sign), and two devices that run on their own clocks. The
last is known by what both hear being further apart in time than the baseline lets it be: by the peak of the generalised
cross-correlation for some milliseconds, by the levels of both channels over seconds for more. Clocks that drift while
the lag is still possible look like a talker who walks; that is told only once it is impossible.

Conventions: a state is plain values, {} at the beginning; powers are mean squares of samples in [-1, 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from audio.dsp import bearing
from audio.dsp.gcc import HOPS_PER_BLOCK, Floats, Pair

State = dict[str, Any]

LSB = 1 / 32768**2  # power of a sample of 1
DEAD_RATIO = 10 ** (-30 / 20)  # amplitude; chosen: two microphones in one place never differ by more
ALIKE_RATIO = 1e-5  # power that is left of one channel when the other is taken away; chosen, below any two microphones
ROUNDING = 0.3 * LSB  # chosen: above what rounding two copies of different level leaves between them
DITHER = 6 * LSB  # chosen: above what dither of up to 2 steps on both leaves
COPIED = 3e-4, 1e-2  # ratios like ALIKE_RATIO of a copy by another converter, and of one with dither; chosen
APART = 0.1  # ratio that only two microphones give; chosen
# Measured on rooms of six baselines, true pairs beside such with a sign turned: the evidence for the turned one sums up
# to 2.0 at most of a true pair in a session, and is 8 to 13 in the median block of a turned one.
SIGN_PRIOR, SIGN_STEP, SIGN_BOUND = -4.0, 2.0, 8.0  # log odds that a sign is turned: at first; a block; at most
SIGN_ALONE = 6.0  # the same from which a block that stands alone is not answered for
SIGN_DOUBT = -3.0  # log odds beyond which the block that raised them is not answered for
# Measured on the same: no block of a true pair has a peak like this where no source can be; 60 to 86 % of those of a
# pair that is 3 to 15 ms apart have.
STRAY_RATIO, STRAY_HEIGHT = 1.2, 8.0  # over the highest possible peak; over the standard deviation
STRAY_MOST = 4.0
LEVELS = 12 * HOPS_PER_BLOCK  # hops of which the levels are remembered: 2 s
SHIFT_MOST = 3 * HOPS_PER_BLOCK  # hops by which they are compared: 0.5 s
SHIFT_LEAST = 0.85, 0.05  # correlation of the levels there; how much more that is than where they should agree
LIVELY = 4.0  # dB, standard deviation of levels from which they say something


@dataclass(frozen=True)
class Fault:
    """Why no direction can be had, or what is wrong with the wiring.

    Attributes
    ----------
    reason : 'dead', 'identical', 'inverted' or 'misaligned'.
    channel : 0 or 1, of a dead one.
    lag : seconds by which the right channel is later, of a misaligned pair.
    """

    reason: str
    channel: int = 0
    lag: float = 0.0


def beginning() -> State:
    return {
        "apart": False,
        "same": False,
        "sign": SIGN_PRIOR,
        "stray": 0.0,
        "lag": 0.0,
        "levels": np.zeros((2, 0), np.float32),
    }


def judge_powers(powers: Floats, state: State) -> tuple[Fault | None, State]:
    """Whether a channel of a block is dead, or both are one microphone.

    Parameters
    ----------
    powers : mean products of the channels, shape (2, 2). Of two silent channels one counts as dead.

    Returns
    -------
    fault : None where both are alive and differ.
    state : with what the block says.
    """
    left, right, both = float(powers[0, 0]), float(powers[1, 1]), float(powers[0, 1])
    quiet, loud = sorted((left, right))
    if quiet <= loud * DEAD_RATIO**2:
        return Fault("dead", 0 if left < right else 1), state
    rest = quiet * (1 - both * both / (left * right))
    exactly = rest < ALIKE_RATIO * quiet + ROUNDING
    copied = rest < COPIED[0] * quiet or rest < min(DITHER, COPIED[1] * quiet)
    apart = state["apart"] or rest > max(APART * quiet, 4 * DITHER)
    same = exactly or (not apart and (copied or state["same"]))
    return Fault("identical") if same else None, {**state, "apart": apart, "same": same}


def judge_sign(steered: Floats, state: State, *, alone: bool = False) -> tuple[bool, State]:
    """Whether a block is to be doubted for the sign of one channel.

    Parameters
    ----------
    steered : as of `gcc.steer`, of the channels with the sign that is believed, shape (windows, angles).
    alone : nothing comes before or after.

    Returns
    -------
    doubted : whether.
    state : with what the block says.
    """
    both = bearing.evidence(bearing.ratios(np.stack([steered, -steered], axis=1)))
    as_is, turned = bearing.log_mean(both).tolist()
    step = min(max(turned - as_is, -SIGN_STEP), SIGN_STEP) * (-1 if inverted(state) else 1)
    sign = min(max(state["sign"] + step, -SIGN_BOUND), SIGN_BOUND)
    doubted = turned - as_is >= (SIGN_ALONE if alone else SIGN_STEP) and sign > SIGN_DOUBT
    return doubted, {**state, "sign": sign}


def inverted(state: State) -> bool:
    """Whether one channel is believed to have the wrong sign."""
    return bool(state["sign"] > 0)


def judge_lags(correlation: Floats, steered: Floats, pair: Pair, state: State) -> State:
    """What the peaks of a block's cross-correlation say about the clocks.

    Parameters
    ----------
    correlation : as of `gcc.correlate`, shape (windows, lags).
    steered : of it, shape (windows, angles).

    Returns
    -------
    The state with it. Silence says nothing.
    """
    total = correlation.sum(axis=0)
    width, rate = len(total), pair.rate * pair.upsampling
    reach = min(width // 2, int(rate * (1.1 * pair.baseline / pair.speed + 1e-4)) + 1)
    outside = total[reach : width - reach + 1]
    if not len(outside):
        return state
    best = int(np.argmax(outside))
    peak, possible = float(outside[best]), max(float(steered.sum(axis=0).max()), 0.0)
    high = STRAY_HEIGHT * float(outside.std())
    if peak > max(STRAY_RATIO * possible, high):
        lag = (best + reach if best + reach <= width // 2 else best + reach - width) / rate
        return {**state, "stray": min(state["stray"] + 1, STRAY_MOST), "lag": lag}
    if possible > max(peak, high):
        return {**state, "stray": max(state["stray"] - 1, 0.0)}
    return state


def judge_levels(fresh: Floats, pair: Pair, state: State, *, judge: bool = True) -> State:
    """What the levels of both channels, hop by hop, say of what lies further apart than a window.

    Parameters
    ----------
    fresh : the frames of a block, shape (2, frames).
    judge : else the levels are only remembered, as one look each few blocks is enough.

    Returns
    -------
    The state with it. Levels that hardly vary say nothing.
    """
    hops = fresh.shape[1] // pair.hop
    if not hops:
        return state
    power = (fresh[:, : hops * pair.hop].reshape(2, hops, pair.hop) ** 2).mean(axis=2)
    levels = np.concatenate([state["levels"], 10 * np.log10(power + LSB)], axis=1)[:, -LEVELS:].astype(np.float32)
    state = {**state, "levels": levels}
    count = levels.shape[1]
    if not judge or count < LEVELS:
        return state
    centred = levels - levels.mean(axis=1, keepdims=True)
    if centred.std(axis=1).min() < LIVELY:
        return state
    shifts = np.arange(-SHIFT_MOST, SHIFT_MOST + 1)
    products = np.correlate(centred[1], centred[0], "full")[count - 1 + shifts] / (count - np.abs(shifts))
    products /= centred.std(axis=1).prod()
    possible = 2 + int(pair.baseline / pair.speed * pair.rate / pair.hop)
    near = np.abs(shifts) <= possible
    best = int(np.argmax(np.where(near, -1, products)))
    if products[best] > SHIFT_LEAST[0] and products[best] > products[near].max() + SHIFT_LEAST[1]:
        lag = float(shifts[best]) * pair.hop / pair.rate
        return {**state, "stray": min(state["stray"] + 1, STRAY_MOST), "lag": lag}
    return state


def misaligned(state: State, blocks: int) -> bool:
    """Whether the channels are of two clocks, or further apart than the baseline.

    Parameters
    ----------
    blocks : how many must have said so.
    """
    return bool(state["stray"] >= blocks)

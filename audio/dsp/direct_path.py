"""What of a cross-spectrum is direct sound: its phase, freed of noise and reverberation, and how far to trust it.

Each bin of each window is described by how far it rises above the noise floor and above the decaying sound of the
room, and by how coherent it is with its neighbours. From these, and their means over the window, a small network gives
the part of its power that is diffuse, which is taken away with the coherence of a diffuse field, and the concentration
of a von Mises distribution of the phase that is left: the weight which makes the steered sum a log-likelihood of the
angle.

Sources: T. Gerkmann and R. C. Hendriks, "Unbiased MMSE-based noise power estimation with low complexity and low
tracking delay", IEEE Trans. ASLP 20(4), 2012, section III (noise floor); A. Schwarz and W. Kellermann, "Coherent-to-
diffuse power ratio estimation for dereverberation", IEEE/ACM Trans. ASLP 23(6), 2015, section II (diffuse field).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audio.dsp import plain
from audio.dsp.gcc import Complexes, Floats, Pair

# Chosen, the first as in the paper; benchmarks/localization_fit.py fits the networks to all of them.
SPEECH_RISE = 10**1.5  # how far speech lies above the noise, where it is (power)
TINY = 1e-10
LULL_RISE = 10 ** (0.5 * 16 * 512 / 48000)  # a block: what has not paused for long is noise, by 5 dB a second
NOISE_REACH = 3  # bins to each side over which the coherence of the noise is averaged
SIZES = 0.03, 3.0  # of direct sound over the power, that the network tells apart
LOG_WEIGHTS = -12.0, 3.5  # least and greatest
ROOM_MEMORY = 0.85  # what a block leaves to the next of what is known of the room
# Chosen on rooms, and on noise that both channels share: the coherence of the noise's estimate that may be chance, and
# the rise in power from which a bin is no more that noise, and from which it is surely not.
CHANCE, ABOVE_SHARED = 0.35, (4.0, 8.0)
State = dict[str, Any]


def _constant(value: float) -> Floats:
    """As an array: with a float of Python each of the many short operations takes half as long again."""
    return np.array(value, np.float32)


# Of the probability that no speech is there, which is 1 / (1 + INVERSE_ODDS * exp(-EXPONENT * rise)); LOWEST is the
# exponent at a rise of 30, and its mean over windows keeps KEPT. As in the paper.
EXPONENT = _constant(-2 * SPEECH_RISE / (1 + SPEECH_RISE))
LOWEST = _constant(-60 * SPEECH_RISE / (1 + SPEECH_RISE))
INVERSE_ODDS = _constant(1 / (1 + SPEECH_RISE))
KEPT, TAKEN, LEAST_ABSENCE, FOLLOWS = (_constant(value) for value in (0.95, 0.05, 0.02, 0.08))


@dataclass(frozen=True, eq=False)
class WeightedBins:
    """One block.

    Attributes
    ----------
    phase, weight : shape (windows, bins).
    rise : mean log10 rise above the noise floor, shape (windows,).
    weighted_rise : the same by weight, near 0 where all that is heard is steady, as hum is.
    coherence : mean log10(1.02 - coherence) of what rose.
    unshared : the part of the weight that is left once noise which both channels share has none, 1 where there is none.
    """

    phase: Complexes
    weight: Floats
    rise: Floats
    weighted_rise: float
    coherence: float
    unshared: float


@dataclass(frozen=True, eq=False)
class Described:
    """A block as the network is shown it.

    Attributes
    ----------
    features : shape (features, windows, bins).
    cross : cross-spectrum less the noise, over the power, shape (windows, bins).
    everywhere : coherence of what comes from no one direction, shape (windows, bins).
    gate : 0 where a bin holds no more than noise that both channels share, 1 where it holds none of it, shape
        (windows, bins).
    """

    features: Floats
    cross: Complexes
    everywhere: Floats
    gate: Floats


@dataclass(frozen=True, eq=False)
class _Trace:
    """Powers and floors of every second window of one block, (windows, bins)."""

    power: Floats
    smooth: Floats
    floor: Floats
    cross_floor: Complexes
    fast: Floats
    slow: Floats


@dataclass(frozen=True, eq=False)
class BinNetwork:
    """Coefficients of one mode, with `units` hidden units.

    Attributes
    ----------
    own, shared : of a bin's features and of their means over its window, shape (units, features).
    bias : shape (units,).
    out : of the diffuse part, of the weight, and of what the size of the direct part adds to the weight, shape
        (3, units).
    out_bias : shape (3,).
    size_square : of that size squared, in the weight.
    """

    own: Floats
    shared: Floats
    bias: Floats
    out: Floats
    out_bias: Floats
    size_square: Floats


@cache
def fitted(mode: str) -> BinNetwork:
    """The network that benchmarks/localization_fit.py has fitted, read at the first call.

    Parameters
    ----------
    mode : 'alone' or 'session'.

    Raises
    ------
    KeyError
        For another mode.
    """
    return plain.load(BinNetwork, "direct_path.npz", mode)


def estimate(spectra: Complexes, state: State, pair: Pair) -> tuple[WeightedBins, State]:
    """Phase and weight of each bin of a block.

    Every second window is answered for: they overlap so much that the others would add nothing.

    Parameters
    ----------
    spectra : as of `gcc.spectra`, shape (windows, 2, bins). Silence has next to no weight.
    state : what the last call returned. {} where nothing came before: the noise floor is then taken from the quietest
        quarter of this block.

    Returns
    -------
    weighted : of every second window.
    state : after the block.
    """
    described, after = describe(spectra, state, pair)
    return weigh(described, pair, "session" if state else "alone"), after


def describe(spectra: Complexes, state: State, pair: Pair) -> tuple[Described, State]:
    """What the network is shown of a block; parameters and state as of `estimate`."""
    left, right = spectra[:, 0], spectra[:, 1]
    cross = left * right.conj()
    powers = spectra.real**2 + spectra.imag**2
    power = (powers[:, 0] + powers[:, 1]) / 2 + np.float32(TINY)
    smooth = _across(power, 2)
    state = state or _begin(powers, cross, smooth)
    trace, floors = _follow(power, smooth, cross, state)
    shared = _shared_noise(state)
    past_cross = np.concatenate([state["past_cross"], cross])
    past_powers = np.concatenate([state["past_powers"], powers])
    odd = slice((len(power) - 1) % 2, None, 2)
    coherence = _coherence(past_cross - shared * state["cross_floor"], past_powers, odd)
    room = _room(trace, coherence, state["room"])
    features = _features(trace, coherence, room, pair)
    low, high = ABOVE_SHARED
    gate = 1 - shared * (1 - np.clip((trace.smooth / trace.floor - low) / (high - low), 0, 1))
    rest = (cross[odd] - trace.cross_floor) * (1 / trace.power)
    described = Described(features, rest, _everywhere(trace, pair), gate)
    return described, {**floors, "past_cross": past_cross[-2:], "past_powers": past_powers[-2:], "room": room}


def weigh(described: Described, pair: Pair, mode: str) -> WeightedBins:
    """Phase and weight by the network.

    Parameters
    ----------
    described : a block.
    mode : whose coefficients, see `fitted`.
    """
    features, network = described.features, fitted(mode)
    count, windows, bins = features.shape
    hidden = (network.own @ features.reshape(count, -1)).reshape(-1, windows, bins)
    hidden += (network.shared @ features.mean(axis=2) + network.bias[:, None])[:, :, None]
    np.tanh(hidden, out=hidden)
    out = network.out @ hidden.reshape(len(hidden), -1) + network.out_bias[:, None]
    diffuse, weight, by_size = out.reshape(3, windows, bins)
    direct = described.cross - described.everywhere / (1 + np.exp(-diffuse))
    size = np.abs(direct)
    log_size = np.log10(np.clip(size, *SIZES))
    weight = np.exp(np.clip(weight + log_size * (by_size + network.size_square * log_size), *LOG_WEIGHTS))
    ungated = float(weight.sum())
    weight *= described.gate
    rise = features[0]
    weighted = float((weight * rise).sum() / (weight.sum() + TINY))
    return WeightedBins(
        direct / np.maximum(size, 1e-6),
        weight,
        rise.mean(axis=1),
        weighted,
        float(features[7, 0].mean()),
        float(weight.sum()) / ungated,
    )


def turned(state: State) -> State:
    """The state as it would be, had the right channel had the other sign."""
    return {**state, "cross_floor": -state["cross_floor"], "past_cross": -state["past_cross"]}


def _begin(powers: Floats, cross: Complexes, smooth: Floats) -> State:
    quiet = np.sort(smooth, axis=0)[: max(1, len(smooth) // 4)].mean(axis=0, keepdims=True)
    floor = _across(quiet, 6)[0] * np.float32(1.3)
    return {
        "floor": floor,
        "lull": floor,
        "cross_floor": np.zeros_like(cross[0]),
        "presence": np.zeros_like(smooth[0]),
        "fast": smooth[0],
        "slow": smooth[0],
        "recent": np.repeat(smooth[:1], 4, axis=0),
        "past_cross": np.stack([cross[0], cross[0]]),
        "past_powers": np.stack([powers[0], powers[0]]),
        "room": np.zeros((2, len(smooth[0])), np.float32),
    }


def _follow(power: Floats, smooth: Floats, cross: Complexes, state: State) -> tuple[_Trace, State]:
    """Noise floor and decaying sound of the room, window by window, of which every second one is given."""
    delayed = np.concatenate([state["recent"], smooth])
    fast, slow = (_decayed(state[n], delayed[:-4], k) for n, k in (("fast", 0.85), ("slow", 0.97)))
    observed = np.stack([smooth, cross.real, cross.imag], axis=1)
    floors = np.empty((len(power) + 1, *observed.shape[1:]), np.float32)
    floors[0] = state["floor"], state["cross_floor"].real, state["cross_floor"].imag
    absence = 1 - state["presence"]
    falling = smooth * EXPONENT
    absent, scratch, turn = np.empty_like(absence), np.empty_like(absence), np.empty_like(floors[0])
    for t in range(len(power)):
        np.divide(falling[t], floors[t, 0], out=absent)
        np.maximum(absent, LOWEST, out=absent)
        np.exp(absent, out=absent)
        np.add(absent, INVERSE_ODDS, out=scratch)
        absent /= scratch  # the probability that no speech is there
        absence *= KEPT
        absence += np.multiply(absent, TAKEN, out=scratch)
        np.maximum(absent, LEAST_ABSENCE, out=absent, where=absence < LEAST_ABSENCE)
        absent *= FOLLOWS
        np.subtract(observed[t], floors[t], out=turn)
        turn *= absent
        np.add(floors[t], turn, out=floors[t + 1])
    first = (len(power) - 1) % 2
    some, before = slice(first, None, 2), floors[first:-1:2]
    trace = _Trace(power[some], smooth[some], before[:, 0], _complex(before), fast[some], slow[some])
    lull = np.minimum(state["lull"] * np.float32(LULL_RISE), fast.min(axis=0))
    after = {
        "floor": np.maximum(floors[-1, 0], lull),
        "cross_floor": _complex(floors[-1:])[0],
        "presence": 1 - absence,
        "lull": lull,
    }
    return trace, {**after, "fast": fast[-1], "slow": slow[-1], "recent": delayed[-4:]}


def _complex(floors: Floats) -> Complexes:
    """Of (windows, 3, bins), which are a power, and real and imaginary part, these two."""
    out = np.empty((len(floors), floors.shape[2]), np.complex64)
    out.real, out.imag = floors[:, 1], floors[:, 2]
    return out


def _decayed(before: Floats, powers: Floats, keep: float) -> Floats:
    """An exponential average over the windows: y[t] = keep y[t - 1] + (1 - keep) x[t], as one product of matrices."""
    decayed: Floats = _responses(len(powers), keep) @ np.concatenate([before[None], powers])
    return decayed


@lru_cache
def _responses(count: int, keep: float) -> Floats:
    """Of the average in each of `count` windows to what it was before, and to the powers: (count, 1 + count)."""
    age = np.subtract.outer(np.arange(1, count + 1), np.arange(count + 1))
    response = np.where(age >= 0, keep ** np.maximum(age, 0), 0)
    response[:, 1:] *= 1 - keep
    return response.astype(np.float32)


def _coherence(cross: Complexes, powers: Floats, some: slice) -> Floats:
    """Squared coherence over three windows and three bins, of some of the windows from the third on."""
    product = np.maximum(_nearby(powers[:, 0], some) * _nearby(powers[:, 1], some), 1e-20)
    together = _nearby(cross, some)
    coherence: Floats = np.clip((together.real**2 + together.imag**2) / product, 0, 1)
    return coherence


def _nearby(values: NDArray[Any], some: slice) -> NDArray[Any]:
    """Sums over the last three windows and three bins; the outermost bins are alone."""
    total = values[2:][some] + values[1:-1][some] + values[:-2][some]
    inner = total[:, 1:-1] + total[:, 2:] + total[:, :-2]
    return np.concatenate([total[:, :1], inner, total[:, -1:]], axis=1)


def _shared_noise(state: State) -> Floats:
    """How far the noise in each bin is known to be coherent, 0 to 1: from one place, by one wire, or of low frequency.

    Such a noise points somewhere whenever it rises a little above its own mean.
    """
    parts = np.stack([state["floor"], state["cross_floor"].real, state["cross_floor"].imag])
    floor, real, imaginary = _across(parts, NOISE_REACH)
    coherence = np.sqrt(real**2 + imaginary**2) / floor
    return np.asarray(np.clip((coherence - CHANCE) / (0.85 - CHANCE), 0, 1))


def _room(trace: _Trace, coherence: Floats, before: Floats) -> Floats:
    """How coherent the room leaves what rises above the noise: sums of log10(1.02 - coherence) and of the weights."""
    weight = np.log10(np.clip(trace.smooth / trace.floor, 1, 100)) + 1e-3
    block = np.stack([(weight * np.log10(1.02 - coherence)).sum(axis=0), weight.sum(axis=0)])
    return np.asarray(ROOM_MEMORY * before + block, np.float32)


def _everywhere(trace: _Trace, pair: Pair) -> Floats:
    """The coherence of noise and room together: as measured of the noise, as a diffuse field has it of the room."""
    noise = np.minimum(trace.floor / trace.smooth, 1)
    real, floor = np.split(_across(np.concatenate([trace.cross_floor.real, trace.floor]), NOISE_REACH), 2)
    measured = np.clip(real / floor, -1, 1)
    return np.asarray(noise * measured + (1 - noise) * pair.alike)


def _features(trace: _Trace, coherence: Floats, room: Floats, pair: Pair) -> Floats:
    """What the fitted models look at: (features, windows, bins)."""

    room = _across(room, 8)
    out = np.empty((9, *trace.power.shape), np.float32)
    np.divide(trace.smooth, trace.floor, out=out[0])
    np.divide(trace.smooth, trace.fast, out=out[1])
    np.divide(trace.smooth, trace.slow, out=out[2])
    np.subtract(1.02, coherence, out=out[3])
    np.divide(trace.power, trace.smooth, out=out[4])
    for row, low, high in ((out[0], 0.1, 1e4), (out[1:3], 0.03, 300), (out[4], 0.03, 10)):
        np.clip(row, low, high, out=row)
    np.log10(out[:5], out=out[:5])
    out[5] = np.log10(pair.frequency / 1000)
    out[6] = np.abs(pair.alike)
    out[7] = room[0] / room[1]
    out[8] = np.log10(room[1] / 8)
    return out


def _across(power: Floats, reach: int) -> Floats:
    """The mean over `reach` bins to each side."""
    bins = power.shape[1]
    padded = np.empty((len(power), bins + 2 * reach), power.dtype)
    padded[:, reach:-reach] = power
    padded[:, :reach], padded[:, -reach:] = power[:, :1], power[:, -1:]
    total = padded[:, :bins].copy()
    for k in range(1, 2 * reach + 1):
        total += padded[:, k : k + bins]
    total /= 2 * reach + 1
    return total

"""Directions of sound from two microphones: block by block, with memory or without.

A session's blocks lie on its own clock, so that it does not matter how the sound is cut. Conventions are those of
audio.dsp.gcc: radians, 0 straight ahead, positive to the left, channel 0 is the left microphone. A pair cannot tell
front from back, nor up from ahead: yaw is asin(path difference / baseline), which lies in [-pi/2, pi/2].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audio.dsp import bearing, confidence, direct_path, pairing
from audio.dsp.bearing import Posterior
from audio.dsp.confidence import Answer
from audio.dsp.gcc import Floats, Pair, correlate, microphone_pair, spectra, steer
from audio.dsp.pairing import Fault
from audio.dsp.silence import BIT

State = dict[str, Any]
Samples = NDArray[np.int16]

# Chosen, where nothing else is said.
LONGEST_HOLE = 400  # blocks: nothing is remembered beyond
STEADY = 0.05  # rise by weight, log10 of power, below which nothing but steady sound is heard: hum, and what it hides
# Measured: noise that both channels share leaves less than this part of the weight, a talker in it more; beside noise
# of the microphones' own less than that part, and no more weight a window than such noise has.
SHARED, SHARED_IN_PART, OWN_WEIGHT = 0.4, 0.65, 11.0
HELD = 0.5  # of the posterior, as confidence in a talker over it: the trees know no such noise
RISEN = 0.85  # rise by weight from which it is a talker all the same; measured: that of shared noise is up to 0.77
SAME, OTHER = np.radians(10.0), np.radians(15.0)  # between two answers
BEGINS = 1.0  # log odds against a source in the first block of several: most begin in silence
RESOLVED = 0.2  # confidence from which a second source is one
# Chosen on claps, clicks and chimes in rooms: log odds for a source within SAME of a sure one of so many blocks ago or
# less, until it is sure itself. The trees doubt a chime that rings on in a room too much.
GOES_ON, SURE, RECENT = 1.1, 0.5, 6
SHARPER = 1.5  # power of the density of which the mean is the answer
FINE_STEPS = np.arange(-2, 3) / 5  # between two points of the grid
FAINTEST = 10 ** (-84 / 20)  # RMS below which is only rounding


@dataclass(frozen=True)
class SourceEstimate:
    """A direction from which sound came in a block.

    Attributes
    ----------
    middle : frame of the session at the middle of the block.
    yaw : in radians.
    lag : seconds by which the right channel is later.
    confidence : the probability that someone is there, within 10 degrees.
    level : of the block, in dBFS.
    """

    middle: int
    yaw: float
    lag: float
    confidence: float
    level: float


@dataclass(frozen=True)
class Found:
    sources: list[SourceEstimate]
    faults: list[Fault]


def speed_of_sound(celsius: float) -> float:
    """The speed of sound in dry air.

    Parameters
    ----------
    celsius : above -273.15.

    Returns
    -------
    Metres a second.
    """
    return float(331.3 * np.sqrt(1 + celsius / 273.15))


def localize(
    samples: Samples, rate: int, baseline: float, speed: float, state: State, *, last: bool
) -> tuple[Found, State]:
    """Directions in the blocks that some frames complete.

    Parameters
    ----------
    samples : the next frames, shape (frames, 2), the left microphone first. None at all: nothing is found.
    rate : in Hz.
    baseline : metres between the microphones.
    speed : of sound, metres a second.
    state : {} at the beginning, else what the last call returned.
    last : nothing follows, so a block that has begun is answered for too.

    Returns
    -------
    found : two estimates a block, the better one first, each with its confidence; and the faults of the channels.
        Silence, steady noise, and noise that comes from everywhere, have no confidence.
    state : for what follows.
    """
    pair = microphone_pair(rate, baseline, speed)
    state = _fitting(state, pair)
    drop = min(state["drop"], len(samples))
    audio = np.concatenate([state["audio"], samples[drop:]])
    clock, context = state["clock"] + drop, state["context"]
    state = {**state, "drop": state["drop"] - drop}
    found = Found([], [])
    begin = 0
    while len(audio) - begin >= context + pair.block or (last and len(audio) - begin > context):
        block = audio[begin : begin + context + pair.block]
        fresh = len(block) - context
        context, state = _block(
            block, context, clock, pair, state, found, alone=last and begin + len(block) == len(audio)
        )
        clock += fresh
        begin += len(block) - context
    return found, {**state, "audio": audio[begin:].copy(), "clock": clock, "context": context}


def skip(state: State, frames: int, rate: int) -> State:
    """The state after a hole: memory has faded, and the block that the hole began in is lost.

    Parameters
    ----------
    state : what `localize` returned; {} at the beginning.
    frames : of the hole. 0 or fewer: nothing changes.
    rate : in Hz.
    """
    if frames <= 0:
        return state
    if "audio" not in state:
        return {"begun": frames_so_far(state) + frames}
    pair = microphone_pair(rate, state["baseline"], state["speed"])
    clock = frames_so_far(state) + frames
    blocks = min(LONGEST_HOLE, round(frames / pair.block))
    posteriors = [bearing.predict(Posterior(b), pair, blocks) for b in state["posteriors"]]
    audio = state["audio"][:0]
    fresh = {"audio": audio, "context": 0, "clock": clock, "drop": -clock % pair.block, "sure": {}}
    return {**state, **_memory(posteriors), **fresh}


def frames_so_far(state: State) -> int:
    """The frame of the session at which the next chunk begins."""
    if "audio" not in state:
        return int(state.get("begun", 0))
    return int(state["clock"] + len(state["audio"]) - state["context"])


def _fitting(state: State, pair: Pair) -> State:
    """The state, begun afresh but for its clock where the microphones were moved, or where nothing was heard yet."""
    begun = "audio" in state
    if (
        begun
        and state["baseline"] == pair.baseline
        and state["posteriors"].shape[1:] == (len(bearing.MOTIONS), len(pair.yaw))
    ):
        return state
    clock = frames_so_far(state)
    fresh: State = {"audio": np.zeros((0, 2), np.int16), "clock": clock, "context": 0, "drop": -clock % pair.block}
    if begun:
        keep = state["audio"][state["context"] :]
        fresh.update(audio=keep, clock=state["clock"], drop=state["drop"])
    return {
        **fresh,
        "baseline": pair.baseline,
        "speed": pair.speed,
        "spectral": {},
        "pairing": pairing.beginning(),
        "age": 0,
        "yaws": [],
        "sure": {},
        **_memory([bearing.nothing_known(pair)] * 2),
    }


def _memory(posteriors: list[Posterior]) -> State:
    return {"posteriors": np.stack([b.motions for b in posteriors])}


def _block(
    frames: Samples, context: int, clock: int, pair: Pair, state: State, found: Found, *, alone: bool
) -> tuple[int, State]:
    """Hear one block, after `context` frames before it. Adds to `found`; gives the next context, and the state.

    alone: nothing comes after it.
    """
    channels = np.ascontiguousarray(frames.T)
    fresh = channels[:, context:] / 32768
    fresh -= fresh.mean(axis=1, keepdims=True)
    powers = fresh @ fresh.T / fresh.shape[1]
    level = float(np.sqrt(np.trace(powers) / 2))
    posteriors = [Posterior(b) for b in state["posteriors"]]
    if state["age"]:
        posteriors = [bearing.predict(b, pair) for b in posteriors]
    wiring = state["pairing"]
    fault, wiring = pairing.judge_powers(powers, wiring) if level > FAINTEST else (None, wiring)
    hole = _has_hole(frames, pair)
    if fault or level <= FAINTEST or (hole and not state["spectral"] and not alone):
        found.faults.extend([fault] if fault else [])
        return 0, {**state, **_memory(posteriors), "age": state["age"] + 1, "yaws": [], "pairing": wiring}
    wiring = pairing.judge_levels(fresh, pair, wiring, judge=state["age"] % 4 == 3)
    signal = np.zeros((2, max(pair.width, len(frames))), np.float32)
    np.multiply(channels, np.float32(1 / 32768), out=signal[:, : len(frames)])
    was_inverted = pairing.inverted(wiring)
    if was_inverted:
        signal[1] *= -1
    weighted, remembered = direct_path.estimate(spectra(signal, pair), state["spectral"], pair)
    if hole:
        remembered = state["spectral"]
    correlation = correlate(weighted.phase * weighted.weight, pair)
    steered = steer(correlation, pair)
    shared = _is_shared_noise(weighted)
    if shared:
        steered *= 0
    doubted, wiring = pairing.judge_sign(steered, wiring, alone=alone)
    wiring = pairing.judge_lags(correlation, steered, pair, wiring)
    if pairing.inverted(wiring) != was_inverted:
        steered = -steered
        remembered = direct_path.turned(remembered)
        posteriors = [bearing.nothing_known(pair)] * 2
        state = {**state, "sure": {}}
    if pairing.inverted(wiring):
        found.faults.append(Fault("inverted"))
    if pairing.misaligned(wiring, 1 if alone else 2):
        found.faults.append(Fault("misaligned", lag=wiring["lag"]))
    ratios = bearing.ratios(steered)
    first = _first(posteriors[0], ratios, pair)
    yaws = [_centre(first.after.density, first.best, pair)]
    if _have_swapped(yaws[0], state["yaws"]):
        posteriors[1] = posteriors[0]
    second = _second(posteriors[1], ratios, first.best, pair)
    yaws.append(_centre(second.after.density * bearing.apart(first.best, pair), second.best, pair))
    steady = shared or weighted.weighted_rise < STEADY
    features = confidence.first_features(first, ratios, weighted, state["age"], pair)
    if state["spectral"]:
        one = confidence.probability(features, "session")
    else:
        one = confidence.probability(features, "alone", 0 if alone else BEGINS)
    if weighted.unshared < SHARED_IN_PART and weighted.weighted_rise > RISEN:
        one = max(one, HELD * bearing.mass(first.after.density, first.best, pair))
    other = confidence.probability(confidence.second_features(first, second, ratios, weighted, pair), "second")
    doubted = doubted or steady or pairing.misaligned(wiring, 1)
    confidences = [0.0, 0.0] if doubted else [_continued(one, yaws[0], state), min(one, other)]
    for yaw, sure in zip(yaws, confidences, strict=True):
        lag = pair.baseline * float(np.sin(yaw)) / pair.speed
        found.sources.append(SourceEstimate(clock + fresh.shape[1] // 2, yaw, lag, sure, 20 * float(np.log10(level))))
    after = {
        "spectral": remembered,
        "age": state["age"] + 1,
        "yaws": yaws if confidences[1] > RESOLVED else yaws[:1],
        "sure": {"yaw": yaws[0], "age": state["age"]} if confidences[0] > SURE else state["sure"],
        "pairing": wiring,
    }
    return pair.overlap, {**state, **_memory([first.after, second.after]), **after}


def _first(before: Posterior, ratios: Floats, pair: Pair) -> Answer:
    logs = bearing.evidence(ratios)
    after = bearing.update(before, logs)
    return Answer(before, after, logs, int(np.argmax(bearing.around(after.density, pair))))


def _second(before: Posterior, ratios: Floats, first: int, pair: Pair) -> Answer:
    logs = bearing.evidence_beside(ratios, first, pair)
    after = bearing.update(before, logs)
    elsewhere = after.density * bearing.apart(first, pair)
    return Answer(before, after, logs, int(np.argmax(bearing.around(elsewhere, pair))))


def _have_swapped(yaw: float, before: list[float]) -> bool:
    """Whether the first source is now where the second was."""
    return len(before) == 2 and abs(yaw - before[1]) < SAME and abs(yaw - before[0]) > OTHER


def _continued(probability: float, yaw: float, state: State) -> float:
    """The confidence in a source, more where it goes on from one that was sure a moment ago."""
    before = state["sure"]
    if probability > SURE or not before:
        return probability
    if state["age"] - before["age"] > RECENT or abs(yaw - before["yaw"]) > SAME:
        return probability
    odds = float(np.exp(GOES_ON)) * probability / (1 - probability)
    return min(SURE, odds / (1 + odds))


def _centre(density: bearing.Density, best: int, pair: Pair) -> float:
    """The mean angle of the mass around a point, finer than the grid: between points the log-density is a parabola."""
    near = bearing.span(best, pair)
    logs = SHARPER * np.log(density + 1e-12)  # the peak counts more than what surrounds it
    padded = np.concatenate([logs[1:2], logs, logs[-2:-1]])
    before, here, after = (padded[k : k + len(logs)][near, None] for k in range(3))
    fine = here + (after - before) / 2 * FINE_STEPS + (after + before - 2 * here) / 2 * FINE_STEPS**2
    mass = np.exp(fine - fine.max())
    yaw = float(((pair.yaw[near, None] + FINE_STEPS * pair.step) * mass).sum() / mass.sum())
    return min(max(yaw, -np.pi / 2), np.pi / 2)


def _is_shared_noise(bins: direct_path.WeightedBins) -> bool:
    """Whether all that is heard is steady noise that both channels share, with or without noise of their own."""
    in_part = bins.unshared < SHARED_IN_PART and float(bins.weight.sum(axis=1).mean()) < OWN_WEIGHT
    return (bins.unshared < SHARED or in_part) and bins.weighted_rise < RISEN


def _has_hole(frames: Samples, pair: Pair) -> bool:
    """Whether two hops or more of digital silence lie in a block: a mute key, or a hole that was filled.

    It is no noise floor, so nothing is learnt of such a block.
    """
    hops = frames[: len(frames) - len(frames) % pair.hop].reshape(-1, pair.hop, 2)
    silent: NDArray[np.bool_] = np.all((hops >= -BIT) & (hops <= BIT), axis=(1, 2))
    return bool((silent[1:] & silent[:-1]).any())

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

from audio.dsp import bearing, direct_path, pairing, trust
from audio.dsp.bearing import Belief
from audio.dsp.gcc import Floats, Pair, correlate, pair, spectra, steer
from audio.dsp.pairing import Fault
from audio.dsp.silence import BIT
from audio.dsp.trust import Answer

State = dict[str, Any]
Samples = NDArray[np.int16]

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
SHARPER = 1.5  # power of the density of which the mean is the answer
FINE_STEPS = np.arange(-2, 3) / 5  # between two points of the grid
FAINTEST = 10 ** (-84 / 20)  # RMS below which is only rounding


@dataclass(frozen=True)
class Source:
    """A direction from which sound came in a block.

    middle: frame of the session at the middle of the block. yaw: radians. lag: seconds by which the right channel is
    later. confidence: the probability that someone is there, within 10 degrees. level: dBFS of the block.
    """

    middle: int
    yaw: float
    lag: float
    confidence: float
    level: float


@dataclass(frozen=True)
class Found:
    sources: list[Source]
    faults: list[Fault]


def speed_of_sound(celsius: float) -> float:
    """Metres a second in dry air."""
    return float(331.3 * np.sqrt(1 + celsius / 273.15))


def localize(
    samples: Samples, rate: int, baseline: float, speed: float, state: State, *, last: bool
) -> tuple[Found, State]:
    """Directions in the blocks that `samples` (frames, 2) complete, and the state for what follows.

    state: {} at the beginning. last: nothing follows, so a block that has begun is answered for too.
    Silence, and noise that comes from everywhere, give no source.
    """
    of = pair(rate, baseline, speed)
    state = _fitting(state, of)
    drop = min(state["drop"], len(samples))
    audio = np.concatenate([state["audio"], samples[drop:]])
    clock, context = state["clock"] + drop, state["context"]
    state = {**state, "drop": state["drop"] - drop}
    found = Found([], [])
    begin = 0
    while len(audio) - begin >= context + of.block or (last and len(audio) - begin > context):
        heard = audio[begin : begin + context + of.block]
        fresh = len(heard) - context
        context, state = _block(
            heard, context, clock, of, state, found, alone=last and begin + len(heard) == len(audio)
        )
        clock += fresh
        begin += len(heard) - context
    return found, {**state, "audio": audio[begin:].copy(), "clock": clock, "context": context}


def skip(state: State, frames: int, rate: int) -> State:
    """The state after a hole of `frames` frames: memory has faded, and the block that the hole began in is lost."""
    if frames <= 0:
        return state
    if "audio" not in state:
        return {"begun": frames_so_far(state) + frames}
    of = pair(rate, state["baseline"], state["speed"])
    clock = frames_so_far(state) + frames
    blocks = min(LONGEST_HOLE, round(frames / of.block))
    beliefs = [bearing.predict(Belief(b), of, blocks) for b in state["beliefs"]]
    audio = state["audio"][:0]
    return {**state, **_memory(beliefs), "audio": audio, "context": 0, "clock": clock, "drop": -clock % of.block}


def frames_so_far(state: State) -> int:
    """The frame of the session at which the next chunk begins."""
    if "audio" not in state:
        return int(state.get("begun", 0))
    return int(state["clock"] + len(state["audio"]) - state["context"])


def _fitting(state: State, of: Pair) -> State:
    """The state, begun afresh but for its clock where the microphones were moved, or where nothing was heard yet."""
    heard = "audio" in state
    if heard and state["baseline"] == of.baseline and state["beliefs"].shape[1:] == (len(bearing.MOTIONS), len(of.yaw)):
        return state
    clock = frames_so_far(state)
    fresh: State = {"audio": np.zeros((0, 2), np.int16), "clock": clock, "context": 0, "drop": -clock % of.block}
    if heard:
        keep = state["audio"][state["context"] :]
        fresh.update(audio=keep, clock=state["clock"], drop=state["drop"])
    return {
        **fresh,
        "baseline": of.baseline,
        "speed": of.speed,
        "ears": {},
        "pairing": pairing.beginning(),
        "age": 0,
        "yaws": [],
        **_memory([bearing.nothing_known(of)] * 2),
    }


def _memory(beliefs: list[Belief]) -> State:
    return {"beliefs": np.stack([b.motions for b in beliefs])}


def _block(
    heard: Samples, context: int, clock: int, of: Pair, state: State, found: Found, *, alone: bool
) -> tuple[int, State]:
    """Hear one block, after `context` frames before it. Adds to `found`; gives the next context, and the state.

    alone: nothing comes after it.
    """
    fresh = heard[context:].T / 32768
    fresh -= fresh.mean(axis=1, keepdims=True)
    powers = fresh @ fresh.T / fresh.shape[1]
    level = float(np.sqrt(np.trace(powers) / 2))
    beliefs = [Belief(b) for b in state["beliefs"]]
    if state["age"]:
        beliefs = [bearing.predict(b, of) for b in beliefs]
    wiring = state["pairing"]
    fault, wiring = pairing.judge_powers(powers, wiring) if level > FAINTEST else (None, wiring)
    hole = _has_hole(heard, of)
    if fault or level <= FAINTEST or (hole and not state["ears"] and not alone):
        found.faults.extend([fault] if fault else [])
        return 0, {**state, **_memory(beliefs), "age": state["age"] + 1, "yaws": [], "pairing": wiring}
    wiring = pairing.judge_levels(fresh, of, wiring, judge=state["age"] % 4 == 3)
    signal = np.zeros((2, max(of.width, len(heard))), np.float32)
    np.divide(heard.T, 32768, out=signal[:, : len(heard)], casting="unsafe")
    was_inverted = pairing.inverted(wiring)
    if was_inverted:
        signal[1] *= -1
    ears, remembered = direct_path.hear(spectra(signal, of), state["ears"], of)
    if hole:
        remembered = state["ears"]
    correlation = correlate(ears.phase * ears.weight, of)
    steered = steer(correlation, of)
    shared = _is_shared_noise(ears)
    if shared:
        steered *= 0
    doubted, wiring = pairing.judge_sign(steered, wiring, alone=alone)
    wiring = pairing.judge_lags(correlation, steered, of, wiring)
    if pairing.inverted(wiring) != was_inverted:
        steered = -steered
        remembered = direct_path.turned(remembered)
        beliefs = [bearing.nothing_known(of)] * 2
    if pairing.inverted(wiring):
        found.faults.append(Fault("inverted"))
    if pairing.misaligned(wiring, 1 if alone else 2):
        found.faults.append(Fault("misaligned", lag=wiring["lag"]))
    ratios = bearing.ratios(steered)
    first = _first(beliefs[0], ratios, of)
    yaws = [_centre(first.after.density, first.best, of)]
    if _have_swapped(yaws[0], state["yaws"]):
        beliefs[1] = beliefs[0]
    second = _second(beliefs[1], ratios, first.best, of)
    yaws.append(_centre(second.after.density * bearing.apart(first.best, of), second.best, of))
    steady = shared or ears.weighted_rise < STEADY
    signs = trust.first_signs(first, ratios, ears, state["age"], of)
    if state["ears"]:
        one = trust.confidence(signs, "session")
    else:
        one = trust.confidence(signs, "alone", 0 if alone else BEGINS)
    if ears.unshared < SHARED_IN_PART and ears.weighted_rise > RISEN:
        one = max(one, HELD * float(bearing.around(first.after.density, of)[first.best]))
    other = trust.confidence(trust.second_signs(first, second, ratios, ears, of), "second")
    doubted = doubted or steady or pairing.misaligned(wiring, 1)
    confidence = [0.0, 0.0] if doubted else [one, min(one, other)]
    for yaw, sure in zip(yaws, confidence, strict=True):
        lag = of.baseline * float(np.sin(yaw)) / of.speed
        found.sources.append(Source(clock + fresh.shape[1] // 2, yaw, lag, sure, 20 * float(np.log10(level))))
    after = {
        "ears": remembered,
        "age": state["age"] + 1,
        "yaws": yaws if confidence[1] > RESOLVED else yaws[:1],
        "pairing": wiring,
    }
    return of.overlap, {**state, **_memory([first.after, second.after]), **after}


def _first(before: Belief, ratios: Floats, of: Pair) -> Answer:
    logs = bearing.evidence(ratios)
    after = bearing.update(before, logs)
    return Answer(before, after, logs, int(np.argmax(bearing.around(after.density, of))))


def _second(before: Belief, ratios: Floats, first: int, of: Pair) -> Answer:
    logs = bearing.evidence_beside(ratios, first, of)
    after = bearing.update(before, logs)
    elsewhere = after.density * bearing.apart(first, of)
    return Answer(before, after, logs, int(np.argmax(bearing.around(elsewhere, of))))


def _have_swapped(yaw: float, before: list[float]) -> bool:
    """Whether the first source is now where the second was."""
    return len(before) == 2 and abs(yaw - before[1]) < SAME and abs(yaw - before[0]) > OTHER


def _centre(density: bearing.Density, best: int, of: Pair) -> float:
    """The mean angle of the mass around a point, finer than the grid: between points the log-density is a parabola."""
    near = bearing.span(best, of)
    logs = SHARPER * np.log(density + 1e-12)  # the peak counts more than what surrounds it
    padded = np.concatenate([logs[1:2], logs, logs[-2:-1]])
    before, here, after = (padded[k : k + len(logs)][near, None] for k in range(3))
    fine = here + (after - before) / 2 * FINE_STEPS + (after + before - 2 * here) / 2 * FINE_STEPS**2
    mass = np.exp(fine - fine.max())
    yaw = float(((of.yaw[near, None] + FINE_STEPS * of.step) * mass).sum() / mass.sum())
    return min(max(yaw, -np.pi / 2), np.pi / 2)


def _is_shared_noise(heard: direct_path.Heard) -> bool:
    """Whether all that is heard is steady noise that both channels share, with or without noise of their own."""
    in_part = heard.unshared < SHARED_IN_PART and float(heard.weight.sum(axis=1).mean()) < OWN_WEIGHT
    return (heard.unshared < SHARED or in_part) and heard.weighted_rise < RISEN


def _has_hole(heard: Samples, of: Pair) -> bool:
    """Whether two hops or more of digital silence lie in a block: a mute key, or a hole that was filled.

    It is no noise floor, so nothing is learnt of such a block.
    """
    hops = heard[: len(heard) - len(heard) % of.hop].reshape(-1, of.hop, 2)
    silent: NDArray[np.bool_] = np.all((hops >= -BIT) & (hops <= BIT), axis=(1, 2))
    return bool((silent[1:] & silent[:-1]).any())

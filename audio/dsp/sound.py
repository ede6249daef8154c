"""Onsets and offsets of any sound against an adaptive noise floor.

Goal: where sounds begin and end, whatever they are. Conventions: mono int16 at any rate, frames counted from the
start of the stream, times in seconds. The answer does not depend on how the stream was cut into chunks.

The power of 20 ms is looked at around each of 200 instants a second, in two ways: in full (less the converter's slow
offset), and without the mean of the 20 ms, which takes rumble away. The mean power of the background and the spread of
its level come from two low percentiles of the last 8 s, as if the levels were normally distributed (a quantile noise
floor: V. Stahl, A. Fischer, R. Bippus, ICASSP 2000); a level that has been steady for 2.4 s is background at once.
What a sound adds is the power less the background's. A sound begins where it adds as much as the whole background has,
and significantly more than the background varies by; it is told if it reaches the trigger; it ends where it last added
so much, in either way of looking, before `min_silence` of less. Only the trigger depends on the sensitivity, and it
falls with it, so that more sensitivity never finds less.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from audio.dsp import framing, level

STEPS = 200
# A long sound is taken in pieces of this many seconds, so that memory stays bounded.
PIECE = 10
# The window in blocks of 5 ms; it reaches half of them to each side of its instant.
WIDTH = 4
HALF = WIDTH // 2
# The background is learnt from every fourth level (they do not overlap) of the last 8 s, anew five times a second.
MEMORY = 400
DECIMATION = 4
RENEWAL = 40
LOW, MIDDLE = 0.1, 0.3
LOW_SIGMA, MIDDLE_SIGMA = 1.282, 0.524
WIDEST = 5.0
# A level that stayed within STEADY dB for this many levels is background, however loud it is.
STEADY_FOR = 120
STEADY = 3.5
# In its first half second a stream has told too little: a background above this is not believed yet. dBFS.
SETTLED = 25
START_CEILING = -38.0
# The spread that is expected of a background of which nothing is known, in dB; forgotten with this constant, in steps.
EXPECTED_SPREAD = 2.5
FORGETTING = 400.0
# No background is taken to be below this: the last bits of a converter are no sound. dBFS.
LOWEST_FLOOR = -84.0
# A sound is as strong as the background (3 dB together); and more than the background varies by, in sigmas.
EDGE = 3.0
EDGE_SIGMAS = 2.5

Kind = Literal["sound_on", "sound_off"]
Floats = NDArray[np.float64]
Samples = NDArray[np.int16]


@dataclass(frozen=True)
class Event:
    """time in seconds since the stream began: where the sound really began or ended."""

    time: float
    kind: Kind


@dataclass(frozen=True)
class Thresholds:
    """trigger: the dB over the background that make a sound. sigmas: how many spreads of it. min_silence and
    min_duration in seconds."""

    trigger: float
    sigmas: float
    min_silence: float
    min_duration: float


@dataclass(frozen=True)
class Background:
    """What lies under the sounds.

    power: the mean power, in full and without rumble, re full scale. spread: one sigma of the levels, in dB. offset:
    the converter's, re full scale.
    """

    power: Floats
    spread: Floats
    offset: float


@dataclass(frozen=True)
class Gate:
    """start: where what may be a sound began, end: where it last fell; in steps.

    on: its onset was told. above: it is still strong. onset, strength: the last instant's dB over the edge where sounds
    begin, and over that where they end.
    """

    start: float | None = None
    end: float = 0.0
    on: bool = False
    above: bool = False
    onset: float = -30.0
    strength: float = -30.0


@dataclass(frozen=True)
class Detector:
    """Where a stream's detector stands.

    frames: how many have come. rest: those after the last whole block. sums: of the last blocks, one row each of
    (frames, sum, sum of squares). step: the next instant. heard: what the background is learnt from, oldest first:
    rows of (full level, level without rumble, mean).
    """

    frames: int
    rest: Samples
    sums: Floats
    step: int
    heard: Floats
    background: Background
    gate: Gate

    @staticmethod
    def begin() -> Detector:
        return Detector(
            frames=0,
            rest=np.zeros(0, np.int16),
            sums=np.zeros((0, 3)),
            step=0,
            heard=np.zeros((0, 3)),
            background=Background(np.full(2, 10 ** (START_CEILING / 10)), np.full(2, EXPECTED_SPREAD), 0.0),
            gate=Gate(),
        )


def detect(detector: Detector, samples: Samples, rate: int, thresholds: Thresholds) -> tuple[list[Event], Detector]:
    """The events that the next frames reveal, in order. An event can lie before them. samples: shape (n,)."""
    events: list[Event] = []
    for start in range(0, len(samples), PIECE * rate):
        some, detector = _detect(detector, samples[start : start + PIECE * rate], rate, thresholds)
        events += some
    return events, detector


def _detect(detector: Detector, samples: Samples, rate: int, thresholds: Thresholds) -> tuple[list[Event], Detector]:
    blocks, rest = _blocks(detector, samples, rate)
    sums = np.concatenate((detector.sums, blocks))
    frames = detector.frames + len(samples)
    windows = _windows(sums, framing.complete(frames, rate, STEPS) - HALF + 1 - detector.step)
    events, detector = _follow(replace(detector, frames=frames, rest=rest), windows, thresholds)
    return events, replace(detector, sums=sums[-(WIDTH - 1) :].copy())


def finish(detector: Detector, rate: int, thresholds: Thresholds) -> list[Event]:
    """What is left to say at the end of a stream: the events of its last instants; an open sound is closed."""
    total = detector.frames / rate
    sums = detector.sums
    if len(detector.rest):
        sums = np.concatenate((sums, _sums(detector.rest, np.zeros(1, np.int64))))
    count = -(-detector.frames * STEPS // rate) + 1 - detector.step
    events, detector = _follow(detector, _windows(np.concatenate((sums, np.zeros((HALF, 3)))), count), thresholds)
    if detector.gate.on:
        events.append(Event(total if detector.gate.above else detector.gate.end / STEPS, "sound_off"))
    return [replace(event, time=min(event.time, total)) for event in events]


def skip(detector: Detector, frames: int, rate: int) -> tuple[list[Event], Detector]:
    """A hole of `frames` frames: closes an open sound where it begins. What was learnt of the background stays."""
    events = [Event(detector.frames / rate, "sound_off")] if detector.gate.on else []
    total = detector.frames + frames
    fresh = replace(Detector.begin(), frames=total, step=framing.complete(total, rate, STEPS))
    return events, replace(fresh, heard=detector.heard, background=detector.background)


def _blocks(detector: Detector, samples: Samples, rate: int) -> tuple[Floats, Samples]:
    """The sums of the blocks that these frames complete, and what is left over."""
    held = np.concatenate((detector.rest, samples))
    origin = detector.frames - len(detector.rest)
    first = framing.complete(origin, rate, STEPS)
    count = framing.complete(origin + len(held), rate, STEPS) - first
    if count <= 0:
        return np.zeros((0, 3)), held
    edges = framing.edges(first, count + 1, rate, STEPS) - origin
    edges[0] = max(0, edges[0])
    return _sums(held[: edges[-1]], edges[:-1]), held[edges[-1] :].copy()


def _sums(samples: Samples, starts: NDArray[np.int64]) -> Floats:
    """(frames, sum, sum of squares) of the blocks that begin at `starts`; the last one goes to the end."""
    wide = samples.astype(np.int64)
    counts = np.diff(np.append(starts, len(samples)))
    return np.stack((counts, np.add.reduceat(wide, starts), np.add.reduceat(wide * wide, starts)), axis=1).astype(float)


def _windows(sums: Floats, count: int) -> Floats:
    """(frames, mean, mean square) of the windows of the next `count` instants. The last one ends with the sums."""
    if count <= 0:
        return np.zeros((0, 3))
    needed = count + WIDTH - 1
    padded = np.concatenate((np.zeros((max(0, needed - len(sums)), 3)), sums))[-needed:]
    total = padded[:count].copy()
    for shift in range(1, WIDTH):
        total += padded[shift : shift + count]
    total[:, 1:] /= np.maximum(total[:, :1], 1)
    total[:, 1] /= level.FULL_SCALE
    total[:, 2] /= level.FULL_SCALE**2
    return total


def _powers(windows: Floats, offset: float) -> Floats:
    """The power in full, and without the mean of the window: shape (n, 2)."""
    mean, square = windows[:, 1], windows[:, 2]
    full = square - offset * (2 * mean - offset)
    return np.maximum(np.stack((full, square - mean**2), axis=1), 1e-12)


def _follow(detector: Detector, windows: Floats, thresholds: Thresholds) -> tuple[list[Event], Detector]:
    """Runs the windows through the gate, and learns the background from them, from one renewal to the next."""
    events: list[Event] = []
    done = 0
    while done < len(windows):
        young = len(detector.heard) < SETTLED
        some = windows[done : done + _until_renewal(detector)]
        powers = _powers(some, detector.background.offset)
        heard = _remember(detector, some, powers)
        if young and detector.step % DECIMATION == 0:
            detector = replace(detector, background=_learn(heard, detector.step))
            powers = _powers(some, detector.background.offset)
        gate = _pass(detector, powers, thresholds, events)
        detector = replace(detector, heard=heard, step=detector.step + len(some), gate=gate)
        if not young and detector.step % RENEWAL == 0:
            detector = replace(detector, background=_learn(heard, detector.step))
        done += len(some)
    return events, detector


def _until_renewal(detector: Detector) -> int:
    """Instants to the next look at the background; in a stream's first half second, to the next remembered level."""
    if len(detector.heard) < SETTLED:
        return 1 if detector.step % DECIMATION == 0 else -detector.step % DECIMATION
    return RENEWAL - detector.step % RENEWAL


def _remember(detector: Detector, windows: Floats, powers: Floats) -> Floats:
    which = slice(-detector.step % DECIMATION, None, DECIMATION)
    rows = np.concatenate((level.power_to_dbfs(powers[which]), windows[which, 1:2]), axis=1)
    return np.concatenate((detector.heard, rows))[-MEMORY:]


def _learn(heard: Floats, step: int) -> Background:
    """Mean power and spread, as those of normally distributed levels with the same low percentiles."""
    ranked = np.sort(heard, axis=0)
    low, middle = (ranked[round(share * (len(heard) - 1))] for share in (LOW, MIDDLE))
    spread = np.minimum((middle - low) / (LOW_SIGMA - MIDDLE_SIGMA), WIDEST)[:2]
    # The mean of powers whose logarithms are normal lies above the mean of the logarithms.
    mean = low[:2] + LOW_SIGMA * spread + np.log(10) / 20 * spread**2
    if len(heard) >= STEADY_FOR:
        recent = np.sort(heard[-STEADY_FOR:, :2], axis=0)
        steady = recent[-STEADY_FOR // 20] - recent[STEADY_FOR // 20] < STEADY
        mean = np.where(steady, np.maximum(mean, recent[STEADY_FOR // 2]), mean)
    if len(heard) < SETTLED:
        mean = np.minimum(mean, START_CEILING)
    spread = np.maximum(spread, EXPECTED_SPREAD * np.exp(-step / FORGETTING))
    return Background(_power(np.maximum(mean, LOWEST_FLOOR)), spread, float(ranked[len(heard) // 2, 2]))


def _power(db: Floats) -> Floats:
    return np.asarray(10 ** (db / 10))


def _bar(background: Background, db: float, sigmas: float) -> Floats:
    """The added power that is `db` over the whole background and `sigmas` over what each way of looking varies by."""
    over = background.power[0] * (10 ** (db / 10) - 1)
    return np.asarray(np.maximum(over, background.power * (_power(sigmas * background.spread) - 1)))


def _pass(detector: Detector, powers: Floats, thresholds: Thresholds, events: list[Event]) -> Gate:
    """Feeds instants to the gate; appends what it tells to `events`."""
    background, gate = detector.background, detector.gate
    added = np.maximum(powers - background.power, 0)
    edge = added / _bar(background, EDGE, EDGE_SIGMAS)
    trigger = added[:, 1] / _bar(background, thresholds.trigger, thresholds.sigmas)[1]
    onsets, strengths = (10 * np.log10(x + 1e-3) for x in (edge[:, 1], edge.max(axis=1)))
    patience, least = thresholds.min_silence * STEPS, thresholds.min_duration * STEPS
    start, end, on, above = gate.start, gate.end, gate.on, gate.above
    onset, strength = gate.onset, gate.strength
    rows = zip(onsets.tolist(), strengths.tolist(), (trigger >= 1).tolist(), strict=True)
    for step, (onset_now, strength_now, triggered) in enumerate(rows, detector.step):
        if start is None and onset_now >= 0:
            start = max(0.0, step - onset_now / (onset_now - onset)) if onset < 0 else float(step)
        if start is not None:
            if triggered and not on and step - start >= least:
                events.append(Event(start / STEPS, "sound_on"))
                on = True
            if strength_now >= 0:
                above = True
            elif above:
                end = step + strength_now / (strength - strength_now) if strength >= 0 else float(step)
                above = False
            if not above and step - end > patience:
                if on:
                    events.append(Event(end / STEPS, "sound_off"))
                start, on = None, False
        onset, strength = onset_now, strength_now
    return Gate(start, end, on, above, onset, strength)

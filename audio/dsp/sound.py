"""Onsets and offsets of any sound against an adaptive noise floor.

Goal: where sounds begin and end, whatever they are. Conventions: mono int16 at any rate, frames counted from the
start of the stream, levels in dBFS, times in seconds. The answer does not depend on how the stream was cut into chunks.

The level is that of 20 ms around each of 200 instants a second, without its mean, so that an offset of the converter
and rumble do not count. The background is what the quietest part of the last seconds tells of its mean level: a low
percentile, and the spread of the levels around it (running percentile floor; the idea of the quantile noise estimate of
V. Stahl, A. Fischer, R. Bippus, ICASSP 2000). A sound is a run of instants above the edge, EDGE dB over the background,
with dips of at most `min_silence`, at least one of which is above the trigger. It begins and ends where the level
crosses the edge, which is finer than the 5 ms of the instants. The edge does not depend on the sensitivity and the
trigger falls with it, so that more sensitivity never finds less.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from audio.dsp import framing, level

STEPS = 200
# The level's window in blocks of 5 ms; it reaches half of them to each side of its instant.
WIDTH = 4
HALF = WIDTH // 2
# The background: of every fourth level (they do not overlap) of the last 5 s, looked at anew five times a second.
MEMORY = 250
DECIMATION = 4
RENEWAL = 40
LOW, MIDDLE = 0.12, 0.32
# In its first half second a stream has told too little: a background above this is not believed yet. dBFS.
SETTLED = 25
START_CEILING = -38.0
# No background is taken to be below this: the last bits of a converter are no sound. dBFS.
LOWEST_FLOOR = -84.0
EDGE = 3.0
EDGE_SPREAD = 1.6
TRIGGER_SPREAD = 3.2

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
    """trigger: dB over the background that make a sound. min_silence, min_duration in seconds."""

    trigger: float
    min_silence: float
    min_duration: float


@dataclass(frozen=True)
class Background:
    """What lies under the sounds: the mean level and the spread (one sigma) of its levels, both in dB."""

    mean: float
    spread: float


@dataclass(frozen=True)
class Detector:
    """Where a stream's detector stands.

    frames: how many have come. rest: those after the last whole block. sums: of the last blocks, one row each of
    (frames, sum, sum of squares). step: the next instant. heard: levels for the background, oldest first. last: the level
    of the last instant. start: where the run of levels above the edge began, end: where it last fell below; in steps.
    on: whether its onset was told. above: whether the last level was above the edge.
    """

    frames: int
    rest: Samples
    sums: Floats
    step: int
    heard: Floats
    background: Background
    last: float
    start: float | None
    end: float
    on: bool
    above: bool

    @staticmethod
    def begin() -> Detector:
        return Detector(
            frames=0,
            rest=np.zeros(0, np.int16),
            sums=np.zeros((0, 3)),
            step=0,
            heard=np.zeros(0),
            background=Background(LOWEST_FLOOR, 0.0),
            last=level.SILENCE_DBFS,
            start=None,
            end=0.0,
            on=False,
            above=False,
        )


def detect(detector: Detector, samples: Samples, rate: int, thresholds: Thresholds) -> tuple[list[Event], Detector]:
    """The events that the next frames reveal, in order. An event can lie before them. samples: shape (n,)."""
    blocks, rest = _blocks(detector, samples, rate)
    sums = np.concatenate((detector.sums, blocks))
    frames = detector.frames + len(samples)
    levels = _levels(sums, detector.step, framing.complete(frames, rate, STEPS))
    events, detector = _follow(replace(detector, frames=frames, rest=rest), levels, thresholds)
    return events, replace(detector, sums=sums[-(WIDTH - 1) :].copy())


def finish(detector: Detector, rate: int, thresholds: Thresholds) -> list[Event]:
    """What is left to say at the end of a stream: the events of its last instants; an open sound is closed."""
    total = detector.frames / rate
    sums = detector.sums
    if len(detector.rest):
        sums = np.concatenate((sums, _sums(detector.rest, np.zeros(1, np.int64))))
    count = -(-detector.frames * STEPS // rate)
    levels = _levels(np.concatenate((sums, np.zeros((HALF, 3)))), detector.step, count + HALF)
    events, detector = _follow(detector, levels, thresholds)
    if detector.on:
        events = [*events, Event(total if detector.above else detector.end / STEPS, "sound_off")]
    return [replace(event, time=min(max(event.time, 0.0), total)) for event in events]


def skip(detector: Detector, frames: int, rate: int) -> tuple[list[Event], Detector]:
    """A hole of `frames` frames: closes an open sound where it begins. What was learnt of the background stays."""
    events = [Event(detector.frames / rate, "sound_off")] if detector.on else []
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


def _levels(sums: Floats, step: int, blocks: int) -> Floats:
    """The levels in dBFS of the instants from `step` on that `blocks` blocks allow. The last row of sums is block `blocks - 1`."""
    count = blocks - HALF + 1 - step
    if count <= 0:
        return np.zeros(0)
    missing = count + WIDTH - 1 - len(sums)
    padded = np.concatenate((np.zeros((max(0, missing), 3)), sums))[-(count + WIDTH - 1) :]
    total = np.concatenate((np.zeros((1, 3)), np.cumsum(padded, axis=0)))
    window = total[WIDTH:] - total[:-WIDTH]
    frames = np.maximum(window[:, 0], 1)
    power = (window[:, 2] - window[:, 1] ** 2 / frames) / frames / level.FULL_SCALE**2
    return level.power_to_dbfs(np.maximum(power, 0))


def _follow(detector: Detector, levels: Floats, thresholds: Thresholds) -> tuple[list[Event], Detector]:
    """Runs the levels through the background's estimate and the gate, from one renewal of the background to the next."""
    events: list[Event] = []
    done = 0
    while done < len(levels):
        settled = len(detector.heard) >= SETTLED
        some = levels[done : done + _until_renewal(detector)]
        heard = np.concatenate((detector.heard, some[-detector.step % DECIMATION :: DECIMATION]))[-MEMORY:]
        if not settled:
            detector = replace(detector, background=_estimate(heard))
        detector = _gate(detector, some, thresholds, events)
        detector = replace(detector, heard=heard, step=detector.step + len(some))
        if settled and detector.step % RENEWAL == 0:
            detector = replace(detector, background=_estimate(heard))
        done += len(some)
    return events, detector


def _until_renewal(detector: Detector) -> int:
    """Instants up to the next look at the background; in a stream's first half second, one that gives a level a time."""
    if len(detector.heard) < SETTLED:
        return 1 if detector.step % DECIMATION == 0 else -detector.step % DECIMATION
    return RENEWAL - detector.step % RENEWAL


def _estimate(heard: Floats) -> Background:
    """Mean and spread, as those of a normal distribution with the same low percentiles."""
    if len(heard) == 0:
        return Background(LOWEST_FLOOR, 0.0)
    low, middle = np.quantile(heard, (LOW, MIDDLE))
    spread = (middle - low) / 0.707
    mean = low + 1.175 * min(spread, 4.0)
    if len(heard) < SETTLED:
        mean = min(mean, START_CEILING)
    return Background(float(max(mean, LOWEST_FLOOR)), float(min(spread, 4.0)))


def _edge(background: Background) -> float:
    return background.mean + max(EDGE, EDGE_SPREAD * background.spread)


def _gate(detector: Detector, levels: Floats, thresholds: Thresholds, events: list[Event]) -> Detector:
    """Feeds instants to the gate; appends what it tells to `events`."""
    edge = _edge(detector.background)
    trigger = detector.background.mean + max(thresholds.trigger, TRIGGER_SPREAD * detector.background.spread)
    patience, least = thresholds.min_silence * STEPS, thresholds.min_duration * STEPS
    last, start, end, on, above = detector.last, detector.start, detector.end, detector.on, detector.above
    for step, now in enumerate(levels.tolist(), detector.step):
        if now >= edge:
            if start is None:
                start = step - (now - edge) / (now - last) if last < edge else float(step)
            above = True
            on_now = now >= trigger and step - start >= least
            if on_now and not on:
                events.append(Event(max(0.0, start / STEPS), "sound_on"))
                on = True
        elif start is not None:
            if above:
                end = step - (edge - now) / (last - now) if last >= edge else float(step)
            above = False
            if step - end > patience:
                if on:
                    events.append(Event(end / STEPS, "sound_off"))
                start, on = None, False
        last = now
    return replace(detector, last=last, start=start, end=end, on=on, above=above)

"""Onsets and offsets of any sound against an adaptive noise floor.

Goal: where sounds begin and end, whatever they are. Conventions: mono int16 at any rate from 8 kHz, frames counted
from the start of the stream, times in seconds. The answer does not depend on how the stream was cut into chunks.

The power in windows of 20 ms is looked at in several bands, and in all of them at once, over what the background has
there. A small network that sees these looks, 96 ms beyond each instant, tells the log odds that a sound is there which
adds at least as much as the whole background has. A sound is told where they reach the trigger. The odds, limited, are
added up over time: a sound began where the sum that leads to the trigger is least, so that neither a dip of its own
nor a flicker of the background before it counts. It ends where the sum from its last trigger on is greatest, once the
odds were against it for `min_silence`. Only the trigger depends on the sensitivity, and it falls with it, so that more
sensitivity never finds less.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from audio.dsp import network, sound_cues, sound_floor, sound_looks
from audio.dsp.sound_cues import AT_ONCE
from audio.dsp.sound_floor import Background, Levels
from audio.dsp.sound_looks import LOOKS, Grid

MODEL = "sound.npz"
# The network tells of an instant when it has seen so many rows beyond it.
DELAY = 12
# A long sound is taken in pieces of this many seconds, so that it stays in the cache.
PIECE = 2
# The background is learnt anew after this many remembered windows.
RENEWAL = 30
# A sound's edge, in log odds.
EDGE = -0.5
# One instant counts for so much at most: over the edge, under it before a sound, under it at its end.
MOST = 5.0
LEAST_BEFORE = -2.5
LEAST_AFTER = -1.25
# Odds are rounded to this, so that their sums do not depend on how a stream was cut.
GRAIN = 1 / 256

Kind = Literal["sound_on", "sound_off"]
# An instant, and what was there.
Told = tuple[float, Kind]
Floats = NDArray[np.float64]
Samples = NDArray[np.int16]


@dataclass(frozen=True)
class Event:
    """time in seconds since the stream began: where the sound really began or ended."""

    time: float
    kind: Kind


@dataclass(frozen=True)
class Thresholds:
    """trigger: the log odds that make a sound. min_silence and min_duration in seconds."""

    trigger: float
    min_silence: float
    min_duration: float


@dataclass(frozen=True)
class Gate:
    """last: the last instant over the edge; None if long ago. start, end: the first and the last instant of the sound,
    as far as known. on: its onset was told. sum, best: of the odds, and its least value before the trigger, its
    greatest after it."""

    last: int | None = None
    start: int = 0
    end: int = 0
    on: bool = False
    sum: float = 0.0
    best: float = 0.0


@dataclass(frozen=True)
class Detector:
    """Where a stream's detector stands.

    frames: how many have come. origin: the frame where instant 0 is. rest: those that later windows need. step: the
    next instant to look at. memory: the network's. heard: what the background is learnt from. gate: as of DELAY rows
    before `step`.
    """

    frames: int
    origin: int
    rest: Samples
    step: int
    memory: tuple[network.Array, ...]
    heard: Levels
    background: Background
    gate: Gate

    @staticmethod
    def begin() -> Detector:
        return Detector(
            frames=0,
            origin=0,
            rest=np.zeros(0, np.int16),
            step=0,
            memory=network.begin(network.load(MODEL)),
            heard=np.zeros((LOOKS + 1, 0), np.float32),
            background=Background.unknown(),
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
    rows, detector = look(detector, samples, rate)
    return _tell(detector, rows, len(rows), rate, thresholds)


def look(detector: Detector, samples: Samples, rate: int) -> tuple[network.Array, Detector]:
    """The rows of cues that the next frames reveal, and what the detector knows of the stream after them."""
    if not len(samples):
        return _look(detector, samples, 0, rate)
    grid = sound_looks.grid(rate)
    begins = detector.frames == detector.origin
    # A stream begins as if it had been at its first value.
    held = np.concatenate((np.full(grid.before, samples[0]) if begins else detector.rest, samples))
    count = max(0, (len(held) - grid.window) // grid.block + 1) // AT_ONCE * AT_ONCE
    detector = replace(detector, frames=detector.frames + len(samples), rest=held[count * grid.block :].copy())
    return _look(detector, held, count, rate)


def finish(detector: Detector, rate: int, thresholds: Thresholds) -> list[Event]:
    """What is left to say at the end of a stream: the events of its last instants; an open sound is closed."""
    grid = sound_looks.grid(rate)
    instants = (detector.frames - detector.origin) // grid.block
    # Whole rows, even if the last instant lies beyond the end.
    count = -(-(instants - detector.step) // AT_ONCE) * AT_ONCE
    missing = grid.window + (count - 1) * grid.block - len(detector.rest)
    held = np.pad(detector.rest, (0, max(0, missing)), mode="edge") if count else detector.rest
    rows, after = _look(detector, held, count, rate)
    # The last instant's row is taken to go on, so that all instants are told of.
    ahead = np.concatenate((rows, np.repeat(rows[-1:], DELAY, axis=0)))
    events, after = _tell(after, ahead, len(rows), rate, thresholds)
    gate = after.gate
    total = detector.frames / rate
    events = [replace(event, time=min(total, event.time)) for event in events]
    if gate.on:
        goes_on = gate.end >= instants - 1
        ends = total if goes_on else min(total, _time(detector, gate.end + 0.5, rate))
        events.append(Event(ends, "sound_off"))
    return events


def skip(detector: Detector, frames: int, rate: int) -> tuple[list[Event], Detector]:
    """A hole of `frames` frames: closes an open sound where it begins. What was learnt of the background stays."""
    events = [Event(detector.frames / rate, "sound_off")] if detector.gate.on else []
    total = detector.frames + frames
    fresh = replace(Detector.begin(), frames=total, origin=total)
    return events, replace(fresh, heard=detector.heard, background=detector.background)


def _time(detector: Detector, instant: float, rate: int) -> float:
    return max(0.0, sound_looks.grid(rate).time(instant)) + detector.origin / rate


def _tell(
    detector: Detector, rows: network.Array, looked: int, rate: int, thresholds: Thresholds
) -> tuple[list[Event], Detector]:
    """What the next rows tell. looked: how many of them the detector has looked at."""
    odds, memory = network.score(network.load(MODEL), detector.memory, rows)
    first = detector.step - AT_ONCE * (looked + DELAY)
    known = np.rint(odds.astype(np.float64).ravel()[max(0, -first) :] / GRAIN) * GRAIN
    told, gate = _pass(detector.gate, known, max(0, first), sound_looks.grid(rate), thresholds)
    events = [Event(_time(detector, instant, rate), kind) for instant, kind in told]
    return events, replace(detector, memory=memory, gate=gate)


def _look(detector: Detector, held: Samples, count: int, rate: int) -> tuple[network.Array, Detector]:
    """The network's rows of the next `count` instants; learns the background from one renewal to the next."""
    grid = sound_looks.grid(rate)
    step, heard, background = detector.step, detector.heard, detector.background
    out = np.empty((count, sound_cues.CUES), np.float32)
    if count:
        means, looks = sound_looks.windows(held[: grid.window + (count - 1) * grid.block], rate)
    done = 0
    while done < count:
        young = heard.shape[1] < sound_floor.SETTLED
        until = grid.width if young else grid.width * RENEWAL
        some = slice(done, min(count, done + until - step % until))
        powers = sound_looks.powers(means[some], looks[:, some], background.offset)
        at = slice(-step % grid.width, None, grid.width)
        heard = sound_floor.remember(heard, powers[:, at], means[some][at])
        if young and step % grid.width == 0:
            background = sound_floor.learn(heard)
            powers = sound_looks.powers(means[some], looks[:, some], background.offset)
        out[some] = sound_cues.cues(powers, background)
        step, done = step + some.stop - done, some.stop
        if not young and step % until == 0:
            background = sound_floor.learn(heard)
    return sound_cues.rows(out), replace(detector, step=step, heard=heard, background=background)


def _pass(gate: Gate, odds: Floats, first: int, grid: Grid, thresholds: Thresholds) -> tuple[list[Told], Gate]:
    """Feeds the instants from `first` on to the gate. What it tells, and the gate after it."""
    told: list[Told] = []
    patience, total = max(1, round(thresholds.min_silence / grid.step)), len(odds)
    strong = np.flatnonzero(odds >= EDGE)
    known = strong if gate.last is None else np.concatenate(([gate.last - first], strong))
    if not len(known):
        return told, gate
    splits = np.flatnonzero(np.diff(known) > patience)
    begins, ends = known[np.append(0, splits + 1)].tolist(), known[np.append(splits, len(known) - 1)].tolist()
    for begin, last in zip(begins, ends, strict=True):
        if begin >= 0:
            gate = Gate(start=first + begin)
        some = slice(max(0, begin), min(total, last + patience + 1))
        # Nothing is left of it where `min_silence` was shortened and it has been over for longer.
        if some.start < some.stop:
            gate = _within(gate, odds[some], first + some.start, grid, thresholds, told)
        gate = replace(gate, last=first + last)
        if last + patience < total:
            if gate.on:
                told.append((gate.end + 0.5, "sound_off"))
            gate = Gate()
    return told, gate


def _within(gate: Gate, odds: Floats, first: int, grid: Grid, thresholds: Thresholds, told: list[Told]) -> Gate:
    """Feeds the gate instants of one sound, or of what may become one."""
    start, triggers = gate.start, odds >= thresholds.trigger
    if not gate.on:
        sums = _added_up(gate.sum, odds, LEAST_BEFORE)
        least = np.minimum.accumulate(np.minimum(sums, gate.best))
        places = np.arange(len(sums))
        fresh = np.maximum.accumulate(np.where(sums <= least, places, -1))[1:]
        starts = np.where(fresh < 0, start, first + fresh)
        lasted = (first + places[1:] - starts) * grid.step
        long = np.flatnonzero(triggers & (lasted > thresholds.min_duration))
        if not len(long):
            return Gate(gate.last, int(starts[-1]), sum=float(sums[-1]), best=float(least[-1]))
        at = int(long[0])
        gate, start = Gate(), int(starts[at])
        told.append((start - 0.5, "sound_on"))
        odds, triggers, first = odds[at:], triggers[at:], first + at
    sums = _added_up(gate.sum, odds, LEAST_AFTER)[1:]
    again = np.flatnonzero(triggers)
    end, best = gate.end, gate.best
    at = len(sums) - 1 - int(np.argmax(sums[again[-1] if len(again) else 0 :][::-1]))
    if len(again) or sums[at] >= best:
        end, best = first + at, float(sums[at])
    return Gate(gate.last, start, end, True, float(sums[-1]), best)


def _added_up(before: float, odds: Floats, least: float) -> Floats:
    """The sum of the odds over the edge, limited, before and after each instant: shape (n + 1,)."""
    out = np.empty(len(odds) + 1)
    out[0] = before
    out[1:] = np.clip(odds - EDGE, least, MOST)
    return np.cumsum(out)

"""Onsets and offsets of any sound against an adaptive noise floor.

Goal: where sounds begin and end, whatever they are. Conventions: mono int16 at any rate from 8 kHz, frames counted
from the start of the stream, times in seconds. The answer does not depend on how the stream was cut into chunks.

The power in windows of 20 ms is looked at in several bands, and in all of them at once, over what the background has
there. A small network that sees these looks, 0.1 s and more beyond each instant, tells the log odds that a sound is
there which adds at least as much as the whole background has. A stretch over the edge that reaches the trigger is a
sound; such stretches are one sound unless there was silence for `min_silence` between them. Only the trigger depends on
the sensitivity, and it falls with it, so that more sensitivity never finds less.
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
# A stretch goes on over a dip of so many seconds.
BRIDGE = 0.02

Kind = Literal["sound_on", "sound_off"]
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
    """start, last: the first and the last instant of the latest stretch over the edge; last is None if there was none.
    loud: it reached the trigger. sound, end: the first and the last instant of the present sound; sound is None if
    there is none. on: its onset was told."""

    start: int = 0
    last: int | None = None
    loud: bool = False
    sound: int | None = None
    end: int = 0
    on: bool = False


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
        rows, detector = look(detector, samples[start : start + PIECE * rate], rate)
        some, detector = _tell(detector, rows, len(rows), rate, thresholds)
        events += some
    return events, detector


def look(detector: Detector, samples: Samples, rate: int) -> tuple[network.Array, Detector]:
    """The rows of cues that the next frames reveal, and what the detector knows of the stream after them."""
    grid = sound_looks.grid(rate)
    held = np.concatenate((detector.rest, samples))
    after = replace(detector, frames=detector.frames + len(samples), rest=held)
    if len(held) < grid.window:
        return _look(after, held, 0, rate)
    if detector.step == 0:
        held = np.pad(held, (grid.before, 0), mode="reflect")
    count = ((len(held) - grid.window) // grid.block + 1) // AT_ONCE * AT_ONCE
    return _look(replace(after, rest=held[count * grid.block :].copy()), held, count, rate)


def finish(detector: Detector, rate: int, thresholds: Thresholds) -> list[Event]:
    """What is left to say at the end of a stream: the events of its last instants; an open sound is closed."""
    grid = sound_looks.grid(rate)
    instants = (detector.frames - detector.origin) // grid.block
    if not instants:
        return []
    # Whole rows, even if the last instant lies beyond the end.
    count = -(-(instants - detector.step) // AT_ONCE) * AT_ONCE
    before = 0 if detector.step else grid.before
    missing = grid.window + (count - 1) * grid.block - before - len(detector.rest)
    held = np.pad(detector.rest, (before, max(0, missing)), mode="reflect")
    rows, after = _look(detector, held, count, rate)
    # The last instant's row is taken to go on, so that all instants are told of.
    ahead = np.concatenate((rows, np.repeat(rows[-1:], DELAY, axis=0)))
    events, after = _tell(after, ahead, len(rows), rate, thresholds)
    total = detector.frames / rate
    events = [replace(event, time=min(total, event.time)) for event in events]
    return events + _cut_off(detector, after.gate, after.gate.end >= instants - 1, rate)


def skip(detector: Detector, frames: int, rate: int) -> tuple[list[Event], Detector]:
    """A hole of `frames` frames: closes a sound that goes on where the hole begins. What was learnt of the background
    stays."""
    told = detector.step - AT_ONCE * DELAY
    events = _cut_off(detector, detector.gate, told - detector.gate.end <= _bridge(sound_looks.grid(rate)), rate)
    total = detector.frames + frames
    # Renewals are counted from the hole on: where there are many, it is learnt at each.
    known = detector.heard.shape[1] >= sound_floor.SETTLED
    background = sound_floor.learn(detector.heard) if known else detector.background
    fresh = replace(Detector.begin(), frames=total, origin=total)
    return events, replace(fresh, heard=detector.heard, background=background)


def _cut_off(detector: Detector, gate: Gate, goes_on: bool, rate: int) -> list[Event]:
    """The end of an open sound where no more frames come."""
    if not gate.on:
        return []
    total = detector.frames / rate
    return [Event(total if goes_on else min(total, _time(detector, gate.end + 0.5, rate)), "sound_off")]


def _time(detector: Detector, instant: float, rate: int) -> float:
    return max(0.0, sound_looks.grid(rate).time(instant)) + detector.origin / rate


def _tell(
    detector: Detector, rows: network.Array, looked: int, rate: int, thresholds: Thresholds
) -> tuple[list[Event], Detector]:
    """What the next rows tell. looked: how many of them the detector has looked at."""
    odds, memory = network.score(network.load(MODEL), detector.memory, rows)
    first = detector.step - AT_ONCE * (looked + DELAY)
    told, gate = _pass(detector.gate, odds.ravel()[max(0, -first) :], max(0, first), sound_looks.grid(rate), thresholds)
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


def _pass(
    gate: Gate, odds: network.Array, first: int, grid: Grid, thresholds: Thresholds
) -> tuple[list[tuple[float, Kind]], Gate]:
    """Feeds the instants from `first` on to the gate. What it tells, and the gate after it."""
    told: list[tuple[float, Kind]] = []
    bridge, patience = _bridge(grid), round(thresholds.min_silence / grid.step)
    over = np.flatnonzero(odds >= EDGE)
    cuts = np.flatnonzero(np.diff(over) > bridge) + 1
    for piece in np.split(over, cuts) if len(over) else []:
        begin, last = first + int(piece[0]), first + int(piece[-1])
        if gate.last is None or begin - gate.last > bridge:
            if gate.sound is not None and begin - gate.end > patience:
                gate = _closed(gate, told)
            gate = replace(gate, start=begin, loud=False)
        gate = replace(gate, last=last, loud=gate.loud or bool(np.any(odds[piece] >= thresholds.trigger)))
        if gate.loud:
            sound = gate.start if gate.sound is None else gate.sound
            lasts = (last - sound + 1) * grid.step > thresholds.min_duration
            if lasts and not gate.on:
                told.append((sound - 0.5, "sound_on"))
            gate = replace(gate, sound=sound, end=last, on=gate.on or lasts)
    now = first + len(odds)
    may_join = gate.last is not None and now - gate.last <= bridge and gate.start - gate.end <= patience
    if gate.sound is not None and now - gate.end > patience and not may_join:
        gate = _closed(gate, told)
    return told, gate


def _bridge(grid: Grid) -> int:
    """BRIDGE in instants."""
    return round(BRIDGE / grid.step)


def _closed(gate: Gate, told: list[tuple[float, Kind]]) -> Gate:
    if gate.on:
        told.append((gate.end + 0.5, "sound_off"))
    return replace(gate, sound=None, on=False)

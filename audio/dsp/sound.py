"""Onsets and offsets of any sound against an adaptive noise floor.

Goal: where sounds begin and end, whatever they are. Conventions: mono int16 at any rate from 8 kHz, frames counted
from the start of the stream, times in seconds. The answer does not depend on how the stream was cut into chunks.

The power in windows of 20 ms is looked at in several bands, and in all of them at once. What a sound adds is the power
less the background's: as all of it shows it or as the bands do together, whichever shows more; a look counts where it
is well over what its background varies by. The edge is where a sound adds about as much as the whole background has. A
sound is told where it reaches the trigger. Its strength over the edge, in dB and limited, is added up: it began where
the sum that leads to the trigger is greatest, so that neither a dip of its own nor a flicker of the background before
it counts. It ends where the sum from its last trigger on is greatest, once it stayed under the edge for `min_silence`.
Only the trigger depends on the sensitivity, and it falls with it, so that more sensitivity never finds less.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from audio.dsp import sound_floor, sound_looks
from audio.dsp.sound_floor import Background, Levels
from audio.dsp.sound_looks import LOOKS, SUMS, WHOLE, Grid

# A long sound is taken in pieces of this many seconds, so that memory stays bounded.
PIECE = 10
# The background is learnt anew after this many remembered windows.
RENEWAL = 30
# A sound's edge: what it adds to the background's whole power, in looks so many spreads over the background's level.
# Where a sound has been told, less is enough to take what is there for its end.
EDGE = 0.95
EDGE_SIGMAS = 3.0
END_SIGMAS = 2.2
# For a sound that has lasted so long, in seconds, this share of the spreads is enough to trigger.
LASTED = 0.04
LASTING = 2 / 3
# One instant counts for so many dB at most: over the edge, under it before a sound, under it at its end.
MOST = 2.0
LEAST_BEFORE = -1.0
LEAST_AFTER = -0.5
# At its end, what does not reach the edge's spreads may be a flicker of the background: it counts for less.
MOST_UNSURE = 1.0

Kind = Literal["sound_on", "sound_off"]
# An instant, and what was there.
Told = tuple[float, Kind]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Samples = NDArray[np.int16]


@dataclass(frozen=True)
class Event:
    """time in seconds since the stream began: where the sound really began or ended."""

    time: float
    kind: Kind


@dataclass(frozen=True)
class Thresholds:
    """trigger: the dB over the background that make a sound. sigmas: how many spreads over its background a look must
    be to tell so. min_silence and min_duration in seconds."""

    trigger: float
    sigmas: float
    min_silence: float
    min_duration: float


@dataclass(frozen=True)
class Gate:
    """last: the last instant over the edge; None if long ago. start, end: the first and the last instant of the sound,
    as far as known. on: its onset was told. sum, best: of the strengths, and its least value before the trigger, its
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

    frames: how many have come. origin: the frame where instant 0 is. rest: those after the last whole block. sums: of
    the last blocks. step: the next instant. lasting: for how many instants it has been loud enough to trigger if that
    lasts. heard: what the background is learnt from.
    """

    frames: int
    origin: int
    rest: Samples
    sums: Floats
    step: int
    lasting: int
    heard: Levels
    background: Background
    gate: Gate

    @staticmethod
    def begin() -> Detector:
        return Detector(
            frames=0,
            origin=0,
            rest=np.zeros(0, np.int16),
            sums=np.zeros((SUMS, 0)),
            step=0,
            lasting=0,
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
    grid = sound_looks.grid(rate)
    held = np.concatenate((detector.rest, samples))
    sums = np.concatenate((detector.sums, sound_looks.blocks(held, grid.block)), axis=1)
    frames = detector.frames + len(samples)
    # The window of an instant reaches half its width beyond it.
    count = (frames - detector.origin) // grid.block - _ahead(grid) - detector.step
    told, after = _follow(detector, sums, count, grid, thresholds)
    rest = held[len(held) - len(held) % grid.block :].copy()
    sums = sums[:, max(0, sums.shape[1] - grid.width + 1) :].copy()
    after = replace(after, frames=frames, rest=rest, sums=sums)
    return [Event(_time(detector, instant, grid, rate), kind) for instant, kind in told], after


def finish(detector: Detector, rate: int, thresholds: Thresholds) -> list[Event]:
    """What is left to say at the end of a stream: the events of its last instants; an open sound is closed."""
    grid = sound_looks.grid(rate)
    sums = np.concatenate((detector.sums, np.zeros((SUMS, _ahead(grid)))), axis=1)
    count = (detector.frames - detector.origin) // grid.block - detector.step
    told, after = _follow(detector, sums, count, grid, thresholds)
    gate = after.gate
    total = detector.frames / rate
    events = [Event(min(total, _time(detector, instant, grid, rate)), kind) for instant, kind in told]
    if gate.on:
        goes_on = gate.end >= after.step - 1
        events.append(Event(total if goes_on else min(total, _time(detector, gate.end + 0.5, grid, rate)), "sound_off"))
    return events


def skip(detector: Detector, frames: int, rate: int) -> tuple[list[Event], Detector]:
    """A hole of `frames` frames: closes an open sound where it begins. What was learnt of the background stays."""
    events = [Event(detector.frames / rate, "sound_off")] if detector.gate.on else []
    total = detector.frames + frames
    fresh = replace(Detector.begin(), frames=total, origin=total)
    return events, replace(fresh, heard=detector.heard, background=detector.background)


def _ahead(grid: Grid) -> int:
    """How many blocks the window of an instant needs beyond that block which the instant begins."""
    return grid.width - 1 - grid.width // 2


def _time(detector: Detector, instant: float, grid: Grid, rate: int) -> float:
    return max(0.0, grid.time(instant)) + detector.origin / rate


def _follow(
    detector: Detector, sums: Floats, count: int, grid: Grid, thresholds: Thresholds
) -> tuple[list[Told], Detector]:
    """Looks at the next `count` instants, and learns the background from them, from one renewal to the next. What it
    tells, and what the detector knows after it."""
    step, heard, background = detector.step, detector.heard, detector.background
    if count <= 0:
        return [], detector
    means, looks = sound_looks.windows(sums, count, grid)
    strengths, triggers, loud = np.empty((2, count)), np.empty(count, bool), np.empty(count, bool)
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
        strengths[:, some], triggers[some], loud[some] = _compare(powers, background, thresholds)
        step, done = step + some.stop - done, some.stop
        if not young and step % until == 0:
            background = sound_floor.learn(heard)
    places = np.arange(count)
    # For how many instants in a row it has been loud, at each.
    rows = places - np.maximum.accumulate(np.where(loud, -1 - detector.lasting, places))
    triggers |= rows >= round(LASTED / grid.step)
    told, gate = _pass(detector.gate, strengths, triggers, detector.step, grid, thresholds)
    after = replace(detector, step=step, lasting=int(rows[-1]), heard=heard, background=background, gate=gate)
    return told, after


def bars(background: Background, sigmas: Sequence[float]) -> Floats:
    """The power of each look that is so many spreads over its background's level: shape (len(sigmas), LOOKS)."""
    levels = background.centre + np.array(sigmas)[:, None] * background.spread
    return np.asarray(np.maximum(10 ** (levels / 10), background.power))


def _compare(powers: Floats, background: Background, thresholds: Thresholds) -> tuple[Floats, Bools, Bools]:
    """The strengths over the edge in dB at each instant, as they count before a sound and at its end, shape (2, n);
    whether it triggers; and whether it does if that lasts."""
    # What triggers is over the edge.
    lasting = max(EDGE_SIGMAS, LASTING * thresholds.sigmas)
    over = bars(background, (EDGE_SIGMAS, END_SIGMAS, thresholds.sigmas, lasting))
    shown = (powers - background.power[:, None]) * (powers > over[:, :, None])
    added = np.maximum(shown[:, :WHOLE].max(axis=1), shown[:, WHOLE:].sum(axis=1)) / background.total
    at_once, loud = added[2:] > 10 ** (thresholds.trigger / 10) - 1
    return 10 * np.log10(added[:2] / EDGE + 1e-3), at_once, loud


def _pass(
    gate: Gate, strengths: Floats, triggers: Bools, first: int, grid: Grid, thresholds: Thresholds
) -> tuple[list[Told], Gate]:
    """Feeds the instants from `first` on to the gate. What it tells, and the gate after it."""
    told: list[Told] = []
    patience, total = max(1, round(thresholds.min_silence / grid.step)), strengths.shape[1]
    strong = np.flatnonzero(strengths[0] >= 0)
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
            gate = _within(gate, strengths[:, some], triggers[some], first + some.start, grid, thresholds, told)
        gate = replace(gate, last=first + last)
        if last + patience < total:
            if gate.on:
                told.append((gate.end + 0.5, "sound_off"))
            gate = Gate()
    return told, gate


def _within(
    gate: Gate, strengths: Floats, triggers: Bools, first: int, grid: Grid, thresholds: Thresholds,
    told: list[Told],
) -> Gate:  # fmt: skip
    """Feeds the gate instants of one sound, or of what may become one."""
    start = gate.start
    if not gate.on:
        sums = _added_up(gate.sum, strengths[0], LEAST_BEFORE, MOST)
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
        strengths, triggers, first = strengths[:, at:], triggers[at:], first + at
    most = np.where(strengths[0] < 0, MOST_UNSURE, MOST)
    sums = _added_up(gate.sum, strengths[1], LEAST_AFTER, most)[1:]
    again = np.flatnonzero(triggers)
    end, best = gate.end, gate.best
    at = len(sums) - 1 - int(np.argmax(sums[again[-1] if len(again) else 0 :][::-1]))
    if len(again) or sums[at] >= best:
        end, best = first + at, float(sums[at])
    return Gate(gate.last, start, end, True, float(sums[-1]), best)


def _added_up(before: float, strengths: Floats, least: float, most: float | Floats) -> Floats:
    """The sum of the strengths, limited, before and after each instant: shape (n + 1,)."""
    out = np.empty(len(strengths) + 1)
    out[0] = before
    out[1:] = np.minimum(np.maximum(strengths, least), most)
    return np.cumsum(out)

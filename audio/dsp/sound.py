"""Onsets and offsets of any sound against an adaptive noise floor.

Goal: where sounds begin and end, whatever they are. Conventions: mono int16 at any rate from 8 kHz, frames counted
from the start of the stream, times in seconds. The answer does not depend on how the stream was cut into chunks.

Digital silence and lost frames are holes (`silence`). The power in windows of 20 ms, in several bands
(`sound_bands`), is held against the background's (`noise_floor`). From these features (`sound_features`) a small
network (`network`), which sees 0.1 s and more beyond each instant, tells the log odds that a sound is there which
adds at least as much as the whole background has. They are checked against what can be heard
(`audibility`), and become sounds (`sound_events`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from audio.dsp import audibility, network, noise_floor, silence, sound_bands, sound_events, sound_features
from audio.dsp.audibility import Grades
from audio.dsp.noise_floor import Levels, NoiseFloor
from audio.dsp.silence import Silence
from audio.dsp.sound_bands import Singles, Windows
from audio.dsp.sound_events import Changes, Kind, Thresholds, Ticks, Tracker
from audio.dsp.sound_features import PER_ROW

MODEL = "sound.npz"
# The network tells of an instant when it has seen so many rows beyond it. Fitted with it.
DELAY = 12
# A long sound is taken in pieces of this many seconds, so that memory stays small. Measured: 2 s take a tenth longer,
# 0.6 s four tenths.
PIECE = 6.0
# The background is estimated anew after this many remembered windows. Chosen: 0.6 s, a fifth of the time of the rest.
RENEWAL = 30
# Instants of which the network has not yet told: what follows from DELAY.
PENDING = DELAY * PER_ROW
# A stretch of less than TRIAL windows between holes of digital silence of at least APART seconds, which is louder than
# what is believed of a background at the start, is a sound that a program plays: nothing is learnt from it. Chosen: as
# long as a steady sound takes to become background; longer than packets are lost in a row.
TRIAL = noise_floor.STEADY_FOR
APART = 0.1

Samples = NDArray[np.int16]


@dataclass(frozen=True)
class Event:
    """time in seconds since the stream began: where the sound really began or ended."""

    time: float
    kind: Kind


@dataclass(frozen=True)
class Detector:
    """Where a stream's detector stands.

    Attributes
    ----------
    frames : how many have come, but for those that may yet be digital silence.
    silence : those.
    origin : the frame after the last hole; within a hole, the frame where it began.
    step : the next instant to look at, from the origin on.
    rest : frames that later windows need.
    memory : the network's.
    grades : of the PENDING instants, and of those before them that `audibility.checked` needs.
    levels : what the background is estimated from; the last `trial` of them are from the origin on.
    floor : the background.
    tracker : as of DELAY rows before `step`.
    """

    frames: int
    silence: Silence
    origin: int
    step: int
    rest: Samples
    memory: tuple[network.Array, ...]
    grades: Grades
    levels: Levels
    trial: int
    floor: NoiseFloor
    tracker: Tracker

    @staticmethod
    def begin() -> Detector:
        """Of a stream of which nothing has come."""
        return Detector(
            frames=0,
            silence=Silence(),
            origin=0,
            step=0,
            rest=np.zeros(0, np.int16),
            memory=network.begin(network.load(MODEL)),
            grades=np.zeros(audibility.BEFORE + PENDING, np.int8),
            levels=noise_floor.nothing(),
            trial=0,
            floor=NoiseFloor.unknown(),
            tracker=Tracker(),
        )


def detect(detector: Detector, samples: Samples, rate: int, thresholds: Thresholds) -> tuple[list[Event], Detector]:
    """Hear the next frames of a stream.

    Parameters
    ----------
    detector : what the last call returned; ``Detector.begin()`` at the beginning.
    samples : shape (n,). None at all: nothing changes.
    rate : in Hz, the same for the whole stream.
    thresholds : they may change from call to call.

    Returns
    -------
    The events that these frames reveal, in order, onsets and offsets by turns; an event can lie before them. And what
    is known of the stream now. Digital silence has no events but the end of a sound before it.
    """
    changes: Changes = []
    pieces, state = silence.pieces(detector.silence, samples, rate)
    detector = replace(detector, silence=state)
    for piece in pieces:
        if isinstance(piece, int):
            some, detector = _hole(detector, piece, rate, thresholds)
            changes += some
            continue
        size = round(PIECE * rate)
        for start in range(0, len(piece), size):
            some, detector = _sound(detector, piece[start : start + size], rate, thresholds)
            changes += some
    return _events(changes, rate), detector


def finish(detector: Detector, rate: int, thresholds: Thresholds) -> list[Event]:
    """What is left to say at the end of a stream: the events of its last instants; an open sound is closed."""
    changes, detector = _broken_off(detector, rate, thresholds)
    return _events(changes + sound_events.closed(detector.tracker), rate)


def skip(detector: Detector, frames: int, rate: int, thresholds: Thresholds) -> tuple[list[Event], Detector]:
    """So many frames of the stream are lost: a sound that goes on is closed where they begin. What was learnt of the
    background stays. Returns as `detect` does."""
    changes, detector = _broken_off(detector, rate, thresholds)
    changes += sound_events.closed(detector.tracker)
    total = detector.frames + frames
    # Nobody knows what was there: it is no sign of a sound that a program plays.
    return _events(changes, rate), replace(detector, frames=total, origin=total, trial=0, tracker=Tracker())


def observe(detector: Detector, samples: Samples, rate: int) -> tuple[Singles, Grades, Detector]:
    """What the next frames reveal, without judging it.

    Parameters
    ----------
    samples : shape (n,), without digital silence.

    Returns
    -------
    The rows of features, shape (rows, PER_ROW * FEATURES); the grades of their instants, shape (PER_ROW * rows,); and
    what is known of the stream after them.
    """
    grid = sound_bands.grid(rate)
    if not detector.step and not len(detector.rest):
        detector = _resumed(detector, rate)
    held = np.concatenate((detector.rest, samples))
    frames = detector.frames + len(samples)
    padded = held
    if detector.step == 0 and len(held) >= grid.window:
        padded = np.pad(held, (grid.before, 0), mode="reflect")
    count = ((len(padded) - grid.window) // grid.block + 1) // PER_ROW * PER_ROW
    if len(held) < grid.window or not count:
        nothing = np.zeros((0, PER_ROW * sound_features.FEATURES), np.float32), np.zeros(0, np.int8)
        return *nothing, replace(detector, frames=frames, rest=held)
    return _looked_at(detector, frames, padded, count, rate)


def _events(changes: Changes, rate: int) -> list[Event]:
    return [Event(frame / rate, kind) for frame, kind in changes]


def _sound(detector: Detector, samples: Samples, rate: int, thresholds: Thresholds) -> tuple[Changes, Detector]:
    rows, grades, detector = observe(detector, samples, rate)
    return _judged(detector, rows, grades, len(rows), rate, thresholds)


def _hole(detector: Detector, frames: int, rate: int, thresholds: Thresholds) -> tuple[Changes, Detector]:
    """Digital silence goes on for so many frames. It is quiet: it may end a sound, or lie within one."""
    changes, detector = _broken_off(detector, rate, thresholds)
    detector = replace(detector, frames=detector.frames + frames)
    some, tracker = sound_events.track(detector.tracker, _NO_ODDS, _ticks(detector, detector.frames, rate), thresholds)
    return changes + some, replace(detector, tracker=tracker)


_NO_ODDS = np.zeros(0, np.float32)


def _broken_off(detector: Detector, rate: int, thresholds: Thresholds) -> tuple[Changes, Detector]:
    """All that there is to tell where no more frames come, and a detector that stands at the edge of a hole."""
    if len(detector.silence.held):
        changes, detector = _sound(replace(detector, silence=Silence()), detector.silence.held, rate, thresholds)
        some, detector = _broken_off(detector, rate, thresholds)
        return changes + some, detector
    if not detector.step and not len(detector.rest):
        return [], detector
    changes, tracker = _last_instants(detector, rate, thresholds)
    edge = replace(detector, origin=detector.frames, step=0, rest=np.zeros(0, np.int16))
    return changes, replace(edge, tracker=tracker)


def _last_instants(detector: Detector, rate: int, thresholds: Thresholds) -> tuple[Changes, Tracker]:
    """What those that are left tell. Their windows reach beyond the last frame: there the sound is mirrored, and the
    last instant's features are taken to go on."""
    grid = sound_bands.grid(rate)
    instants = max(1, (detector.frames - detector.origin) // grid.block)
    # Whole rows, even if the last instant lies beyond the end.
    count = -(-(instants - detector.step) // PER_ROW) * PER_ROW
    before = 0 if detector.step else grid.before
    missing = grid.window + (count - 1) * grid.block - before - len(detector.rest)
    held = np.pad(detector.rest, (before, max(0, missing)), mode="reflect")
    rows, grades, after = _looked_at(detector, detector.frames, held, count, rate)
    ahead = np.concatenate((rows, np.repeat(rows[-1:], DELAY, axis=0)))
    grades = np.concatenate((grades, np.repeat(grades[-1:], PENDING)))
    changes, after = _judged(after, ahead, grades, len(rows), rate, thresholds)
    total, tracker = detector.frames, after.tracker
    if tracker.offset > detector.origin + grid.left(instants - 1):
        # It goes on for as long as there is sound.
        tracker = replace(tracker, offset=total)
    return [(min(frame, total), kind) for frame, kind in changes], tracker


def _resumed(detector: Detector, rate: int) -> Detector:
    """Sound comes again after a hole, or for the first time."""
    levels, trial = detector.levels, detector.trial
    if detector.frames - detector.origin >= APART * rate and 0 < trial < TRIAL:
        loud = np.median(levels[0, -trial:]) * noise_floor.STEP > noise_floor.START_CEILING
        levels = levels[:, :-trial] if loud else levels
    floor = noise_floor.estimate(levels) if levels.shape[1] else NoiseFloor.unknown()
    return replace(detector, origin=detector.frames, levels=levels, trial=0, floor=floor)


def _looked_at(
    detector: Detector, frames: int, held: Samples, count: int, rate: int
) -> tuple[Singles, Grades, Detector]:
    """As `observe` returns, of the next `count` instants, whose windows lie in `held`; so many frames have come."""
    grid = sound_bands.grid(rate)
    blocks = held[: (count + grid.width - 1) * grid.block].reshape(-1, grid.block)
    windows = sound_bands.windows(blocks, rate)
    rows, grades, known, floor = _featured(detector, windows, grid.width)
    step = detector.step + count
    after = replace(
        detector,
        frames=frames,
        step=step,
        rest=held[count * grid.block :].copy(),
        levels=known,
        trial=min(TRIAL, detector.trial + -(-step // grid.width) + detector.step // -grid.width),
        floor=floor,
    )
    return rows, grades, after


def _featured(detector: Detector, windows: Windows, width: int) -> tuple[Singles, Grades, Levels, NoiseFloor]:
    """The features and grades of the next instants; the background is estimated anew from one renewal to the next.
    width: windows that begin within one."""
    step, known, floor, count = detector.step, detector.levels, detector.floor, len(windows.mean)
    if not known.shape[1]:
        # Of the converter's offset the first window tells most.
        floor = replace(floor, offset=float(windows.mean[0]))
    levels = sound_bands.levels(windows.bands)
    floors, lengths, done = [], [], 0
    while done < count:
        young = known.shape[1] < noise_floor.SETTLED
        until = width if young else width * RENEWAL
        end = min(count, done + until - step % until)
        at = slice(done + -step % width, end, width)
        levels[0, at] = sound_bands.levels(sound_bands.whole(windows[at], floor.offset))
        known = noise_floor.remember(known, levels[:, at], windows[at])
        if young and step % width == 0 and known.shape[1] in noise_floor.EARLY:
            floor = noise_floor.estimate(known)
        floors.append(floor)
        lengths.append(end - done)
        step, done = step + end - done, end
        if not young and step % until == 0:
            floor = noise_floor.estimate(known)
    each = noise_floor.of_each(floors, lengths)
    powers = sound_bands.powers(windows, each.offset)
    levels[0] = sound_bands.levels(powers[0])
    features = sound_features.features(powers, levels, each)
    return sound_features.rows(features), audibility.grades(powers, windows.mean, each), known, floor


def _judged(
    detector: Detector, rows: Singles, grades: Grades, looked: int, rate: int, thresholds: Thresholds
) -> tuple[Changes, Detector]:
    """What the next rows tell. looked: how many of them are the detector's own, which stands after them."""
    odds, memory = network.score(network.load(MODEL), detector.memory, rows)
    grades = np.concatenate((detector.grades, grades))
    grid = sound_bands.grid(rate)
    first = detector.step - PER_ROW * (looked + DELAY)
    now = slice(max(0, -first), odds.size)
    around = grades[now.start : now.stop + audibility.BEFORE + audibility.AROUND]
    checked = audibility.checked(odds.ravel()[now], around)
    ticks = _ticks(detector, detector.origin + grid.left(max(0, first)), rate)
    changes, tracker = sound_events.track(detector.tracker, checked, ticks, thresholds)
    return changes, replace(detector, memory=memory, grades=grades[odds.size :], tracker=tracker)


def _ticks(detector: Detector, first: int, rate: int) -> Ticks:
    return Ticks(first, sound_bands.grid(rate).block, detector.origin, rate)

"""From the log odds of a sound, instant by instant, to its onset and its offset.

Goal: one event a sound. Conventions: all places are frames of the stream; an instant stands for one block of frames.
A stretch is a run of instants whose log odds are over the edge; a dip of BRIDGE does not end it. It becomes a sound
when it reaches the trigger, from where the stretch began (hysteresis with two thresholds; J. Canny, IEEE PAMI 8(6),
1986, section VIII). Stretches that reach it are one sound unless there was quiet for `min_silence` between them. Only
the trigger depends on the sensitivity, and it falls with it, so that more sensitivity never finds less.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

# The log odds of a stretch. Chosen: where mean errors of onset and offset are least.
EDGE = -0.5
# A stretch goes on over a dip of so many seconds. Chosen: one window.
BRIDGE = 0.02

Kind = Literal["sound_on", "sound_off"]
# At which frame what happened.
Changes = list[tuple[int, Kind]]


@dataclass(frozen=True)
class Thresholds:
    """What makes a sound.

    Attributes
    ----------
    trigger : in log odds.
    min_silence, min_duration : in seconds.
    """

    trigger: float
    min_silence: float
    min_duration: float


@dataclass(frozen=True)
class Tracker:
    """What is known of the present sound.

    Attributes
    ----------
    start, end : the latest stretch, from its first frame to the one after its last; end is None if there was none yet.
    reached : whether it reached the trigger.
    onset, offset : the present sound, likewise; onset is None if there is none.
    open : whether its onset was told.
    """

    start: int = 0
    end: int | None = None
    reached: bool = False
    onset: int | None = None
    offset: int = 0
    open: bool = False


@dataclass(frozen=True)
class Ticks:
    """Where instants lie.

    Attributes
    ----------
    first : the first frame of the first of them.
    block : frames in each.
    earliest : no sound begins before this frame.
    rate : in Hz.
    """

    first: int
    block: int
    earliest: int
    rate: int

    def frames(self, seconds: float) -> int:
        """In whole instants."""
        return round(seconds * self.rate / self.block) * self.block


def track(tracker: Tracker, odds: NDArray[np.float32], ticks: Ticks, thresholds: Thresholds) -> tuple[Changes, Tracker]:
    """Follow the sounds through the next instants.

    Each stretch is taken in turn: it goes on with the latest one, or is a new one, before which a sound whose time
    is up is closed. If it reaches the trigger, it becomes the present sound or is joined to it, and the onset is
    told once it has lasted for `min_duration`. After the last one the present sound is closed if it was quiet for
    `min_silence`, unless a stretch that goes on began in time and may yet be joined to it.

    Parameters
    ----------
    tracker : as the last call returned it; ``Tracker()`` at the beginning.
    odds : log odds, shape (n,). None: only time has passed, up to ``ticks.first``.
    ticks : where these instants lie; after the last ones, or after a hole.

    Returns
    -------
    What these instants tell, in order, and what is known after them. Onsets and offsets take turns.
    """
    changes: Changes = []
    bridge, patience = ticks.frames(BRIDGE), ticks.frames(thresholds.min_silence)
    for first, last, reached in _stretches(odds, ticks, thresholds.trigger):
        goes_on = tracker.end is not None and first - tracker.end < bridge
        if not goes_on:
            if tracker.onset is not None and first - tracker.offset >= patience:
                tracker = _closed(tracker, changes)
            tracker = replace(tracker, start=max(ticks.earliest, first), reached=False)
        tracker = replace(tracker, end=last, reached=tracker.reached or reached)
        if tracker.reached:
            tracker = _sounding(tracker, last, round(thresholds.min_duration * ticks.rate), changes)
    now = ticks.first + len(odds) * ticks.block
    if tracker.onset is not None and now - tracker.offset >= patience:
        may_join = tracker.end is not None and now - tracker.end < bridge
        if not (may_join and tracker.start - tracker.offset < patience):
            tracker = _closed(tracker, changes)
    return changes, tracker


def _stretches(odds: NDArray[np.float32], ticks: Ticks, trigger: float) -> list[tuple[int, int, bool]]:
    """First frame, the one after the last, and whether the trigger is reached, of each run over the edge."""
    over = np.flatnonzero(odds >= EDGE)
    if not len(over):
        return []
    cuts = np.flatnonzero(np.diff(over) > ticks.frames(BRIDGE) // ticks.block) + 1
    return [
        (
            ticks.first + int(run[0]) * ticks.block,
            ticks.first + int(run[-1] + 1) * ticks.block,
            bool(odds[run].max() >= trigger),
        )
        for run in np.split(over, cuts)
    ]


def _sounding(tracker: Tracker, last: int, min_duration: int, changes: Changes) -> Tracker:
    """The stretch is, or belongs to, a sound."""
    onset = tracker.start if tracker.onset is None else tracker.onset
    lasts = tracker.open or last - onset > min_duration
    if lasts and not tracker.open:
        changes.append((onset, "sound_on"))
    return replace(tracker, onset=onset, offset=last, open=lasts)


def _closed(tracker: Tracker, changes: Changes) -> Tracker:
    if tracker.open:
        changes.append((tracker.offset, "sound_off"))
    return replace(tracker, onset=None, open=False)


def closed(tracker: Tracker) -> Changes:
    """What is left to tell where a stream ends or breaks off."""
    return [(tracker.offset, "sound_off")] if tracker.open else []

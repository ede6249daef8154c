from __future__ import annotations

import numpy as np
import pytest

from audio.dsp.sound_events import Changes, Thresholds, Ticks, Tracker, closed, track

BLOCK, RATE = 64, 16_000
USUAL = Thresholds(trigger=2.0, min_silence=0.1, min_duration=0.0)
# min_silence and the bridge, in instants.
PATIENCE, BRIDGE = 25, 5


def changes(odds: list[float], thresholds: Thresholds = USUAL, size: int | None = None) -> Changes:
    tracker, out = Tracker(), []
    for start in range(0, len(odds), size or len(odds)):
        part = np.array(odds[start : start + (size or len(odds))], np.float32)
        some, tracker = track(tracker, part, Ticks(start * BLOCK, BLOCK, 0, RATE), thresholds)
        out += some
    return [(frame // BLOCK, kind) for frame, kind in out + closed(tracker)]


QUIET, EDGE, LOUD = [-5.0], [0.0], [4.0]


@pytest.mark.parametrize("size", [None, 1, 7])
def test_a_sound_begins_where_its_stretch_does_and_ends_with_it(size: int | None) -> None:
    odds = QUIET * 10 + EDGE * 5 + LOUD * 3 + EDGE * 4 + QUIET * 40
    assert changes(odds, size=size) == [(10, "sound_on"), (22, "sound_off")]


def test_a_stretch_that_does_not_reach_the_trigger_is_none() -> None:
    assert changes(QUIET * 10 + EDGE * 30 + QUIET * 40) == []


@pytest.mark.parametrize("size", [None, 1, 7])
@pytest.mark.parametrize(("gap", "events"), [(BRIDGE - 1, 2), (PATIENCE - 1, 2), (PATIENCE, 4)])
def test_quiet_of_min_silence_parts_two_sounds(gap: int, events: int, size: int | None) -> None:
    assert len(changes(LOUD * 10 + QUIET * gap + LOUD * 10 + QUIET * 40, size=size)) == events


def test_a_short_one_is_told_once_it_has_lasted_and_never_if_it_has_not() -> None:
    longer = Thresholds(2.0, 0.1, 0.05)
    assert changes(LOUD * 12 + QUIET * 40, longer) == []
    assert changes(LOUD * 14 + QUIET * 40, longer) == [(0, "sound_on"), (14, "sound_off")]


def test_time_alone_closes_a_sound() -> None:
    _, tracker = track(Tracker(), np.full(10, 4, np.float32), Ticks(0, BLOCK, 0, RATE), USUAL)
    none = np.zeros(0, np.float32)
    found, tracker = track(tracker, none, Ticks(10 * BLOCK + RATE // 20, BLOCK, 0, RATE), USUAL)
    assert found == []
    found, tracker = track(tracker, none, Ticks(10 * BLOCK + RATE // 5, BLOCK, 0, RATE), USUAL)
    assert found == [(10 * BLOCK, "sound_off")]
    assert closed(tracker) == []


def test_no_sound_begins_before_the_earliest_frame() -> None:
    found, _ = track(Tracker(), np.full(3, 4, np.float32), Ticks(100, BLOCK, 120, RATE), USUAL)
    assert found == [(120, "sound_on")]

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from audio.dsp.plain import pack, unpack
from audio.stores import codec
from audio.vision.tracker import Limits, Tracks, update

Floats = NDArray[np.float64]
STEP = 0.1
LIMITS = Limits()


def walker(start: float, speed: float, frame: int, *, y: float = 100.0) -> list[float]:
    """A person of 60 x 160; speed in px a frame."""
    return [start + speed * frame, y, 60.0, 160.0]


def follow(frames: list[list[list[float]]], scores: float = 0.9, limits: Limits = LIMITS) -> list[dict[int, Floats]]:
    """Of each frame, the confirmed tracks that got a box: identity to that box."""
    tracks, told = Tracks.none(), []
    for boxes in frames:
        given = np.array(boxes, float).reshape(-1, 4)
        tracks, got = update(tracks, given, np.full(len(given), scores), STEP, limits)
        sure = (got >= 0) & tracks.somebody
        told.append({int(i): given[g] for i, g in zip(tracks.identity[sure], got[sure], strict=True)})
    return told


def test_nobody() -> None:
    assert follow([[], [], []]) == [{}, {}, {}]


def test_somebody_is_told_from_the_third_box_on_and_keeps_the_identity() -> None:
    told = follow([[walker(100, 8, k)] for k in range(20)])
    assert [list(t) for t in told] == [[], []] + [[1]] * 18


def test_a_single_false_box_is_nobody() -> None:
    assert not any(follow([[walker(100, 0, 0)], [], [walker(400, 0, 0)], []]))


def test_weak_boxes_begin_nobody_but_keep_somebody() -> None:
    frames = [[walker(100, 8, k)] for k in range(10)]
    assert not any(follow(frames, scores=0.3))
    tracks = Tracks.none()
    for k, boxes in enumerate(frames):
        tracks, got = update(tracks, np.array(boxes), np.array([0.9 if k < 4 else 0.3]), STEP, LIMITS)
    assert tracks.identity.tolist() == [1] and got.tolist() == [0]


WEAK = Limits(begin=0.2)


def test_who_is_found_weakly_is_somebody_once_moved() -> None:
    moves = follow([[walker(100, 15, k)] for k in range(12)], scores=0.3, limits=WEAK)
    assert [list(t) for t in moves] == [[]] * 4 + [[1]] * 8
    assert not any(follow([[walker(100, 1, k)] for k in range(40)], scores=0.3, limits=WEAK))
    assert not any(follow([[walker(100, 15, k)] for k in range(12)], scores=0.19, limits=WEAK))


def test_who_was_never_sure_and_comes_back_is_not_told_twice() -> None:
    away_and_back = [[walker(100 + 80 * float(np.sin(k / 15)), 0, 0)] for k in range(90)]
    told = [1 in one for one in follow(away_and_back, scores=0.3, limits=WEAK)]
    first = told.index(True)
    assert any(told) and told[first:] == sorted(told[first:], reverse=True)


def test_a_weak_box_on_somebody_is_nobody_else() -> None:
    tracks = Tracks.none()
    for k in range(12):
        given = np.array([walker(100, 15, k), walker(85, 15, k)])  # a part of the same person, say
        tracks, _ = update(tracks, given, np.array([0.9, 0.3]), STEP, WEAK)
    assert tracks.identity.tolist() == [1]


@pytest.mark.parametrize("mirrored", [False, True])
def test_who_comes_in_where_another_leaves_is_somebody_else(mirrored: bool) -> None:
    def seen(left: float) -> list[float]:
        right = min(left + 60, 640.0)
        box = [left, 100.0, right - left, 160.0]
        return [640 - right, *box[1:]] if mirrored else box

    leaves = [[seen(480 + 12 * k)] for k in range(12)]
    comes = [[seen(612 - 12 * k)] for k in range(12)]
    aimless = Limits(place=0.5, heading=0.0)
    assert list(follow(leaves + comes, limits=replace(aimless, width=640))[-1]) != [1]
    assert list(follow(leaves + comes, limits=aimless)[-1]) == [1]
    assert list(follow(leaves + comes)[-1]) != [1]  # a heading tells it, too


@pytest.mark.parametrize("speed", [8, -8])
def test_of_two_boxes_alike_the_one_straight_on_is_taken(speed: float) -> None:
    """Where both overlap the same with where a walker must be now, one is ahead of where that was, the other is not."""
    walk = [[walker(300, speed, k)] for k in range(12)]
    now = walker(300, speed, 12)
    ahead, back = ([now[0] + way * 1.5 * speed, *now[1:]] for way in (1, -1))
    for boxes in ([ahead, back], [back, ahead]):
        assert follow([*walk, boxes], limits=Limits(heading=0.3))[-1][1].tolist() == ahead


def test_two_who_cross_keep_their_identities() -> None:
    """One is hidden for half a second while they pass."""
    frames = []
    for k in range(40):
        left, right = walker(50, 10, k), walker(450, -10, k, y=110)
        frames.append([left] if abs(left[0] - right[0]) < 50 else [left, right])
    told = follow(frames)
    assert set(told[10]) == set(told[-1]) == {1, 2}
    assert told[-1][1][0] == 440 and told[-1][2][0] == 60


def test_who_is_hidden_for_less_than_a_second_is_the_same() -> None:
    seen = [[walker(100, 6, k)] if k < 10 or k >= 18 else [] for k in range(25)]
    assert list(follow(seen)[-1]) == [1]


def test_who_was_away_longer_is_somebody_else() -> None:
    seen = [[walker(100, 0, k)] if k < 10 or k >= 25 else [] for k in range(35)]
    assert list(follow(seen)[-1]) == [2]


def test_looks_tell_two_who_stand_behind_each_other_apart() -> None:
    limits = Limits(look=0.8)
    tracks, red, blue = Tracks.none(2), [1.0, 0.0], [0.0, 1.0]
    place = np.array([walker(100, 0, 0), walker(118, 0, 0)])
    for k in range(12):
        swapped = k >= 6  # they change places within one frame
        looks = np.array([blue, red] if swapped else [red, blue])
        tracks, got = update(tracks, place, np.array([0.9, 0.9]), STEP, limits, looks)
    first = tracks.looks[tracks.identity == 1][0]
    assert first[0] > 0.9
    assert got[tracks.identity == 1] == 1


boxes = st.lists(st.tuples(*[st.floats(-50, 700)] * 2, *[st.floats(0.5, 300)] * 2), max_size=6)


@given(st.lists(st.tuples(boxes, st.floats(0, 3)), max_size=12))
def test_whatever_comes(frames: list[tuple[list[Any], float]]) -> None:
    """An identity is used once, a box is given once, and nothing is lost by being stored."""
    tracks, ever = Tracks.none(), 0
    for found, step in frames:
        given = np.array(found, float).reshape(-1, 4)
        scores = np.linspace(0.2, 1, len(given))
        stored = unpack(Tracks, codec.decode(codec.encode(pack(tracks))))
        again, _ = update(stored, given, scores, step, LIMITS)
        tracks, got = update(tracks, given, scores, step, LIMITS)
        assert np.array_equal(tracks.boxes, again.boxes) and np.array_equal(tracks.identity, again.identity)
        assert np.isfinite(tracks.boxes).all()
        assert len(set(tracks.identity.tolist())) == len(tracks.identity)
        assert len(set(got[got >= 0].tolist())) == (got >= 0).sum()
        assert tracks.following > max([ever, *tracks.identity.tolist()])
        ever = max([ever, *tracks.identity.tolist()])


def test_a_step_of_no_time_moves_nothing() -> None:
    tracks, _ = update(Tracks.none(), np.array([walker(100, 0, 0)]), np.array([0.9]), 0.0, LIMITS)
    tracks, got = update(tracks, np.array([walker(104, 0, 0)]), np.array([0.9]), 0.0, LIMITS)
    assert got.tolist() == [0] and not tracks.velocity.any()
    assert tracks.boxes[0].tolist() == pytest.approx(walker(104, 0, 0))

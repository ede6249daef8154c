from __future__ import annotations

import itertools

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from audio.vision.motion import NOTHING_KNOWN as NOBODY
from audio.vision.motion import SIDE, Group, between, reduced

Pixels = NDArray[np.uint8]


def texture(seed: int, rows: int, columns: int) -> NDArray[np.float32]:
    coarse = np.random.default_rng(seed).uniform(40, 200, (rows // 6, columns // 6)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (columns, rows), interpolation=cv2.INTER_CUBIC), np.float32)


WALL, THING = texture(1, 300, 420), texture(2, 90, 60)


Place = tuple[NDArray[np.float32], float, float]


def frame(
    x: float | None,
    *more: Place,
    y: float = 100.0,
    shake: tuple[float, float] = (0, 0),
    light: float = 1.0,
    thing: NDArray[np.float32] = THING,
) -> Pixels:
    """A thing of 60 x 90 before a wall, its left top at x, y; more of them; a camera that shakes; noise."""
    shift = np.array([[1, 0, shake[0] - 10], [0, 1, shake[1] - 10]], np.float32)
    seen = cv2.warpAffine(WALL, shift, (400, 280))
    for one, left, top in ([] if x is None else [(thing, x, y)]) + list(more):
        place = np.array([[1, 0, left + shake[0]], [0, 1, top + shake[1]]], np.float32)
        there = cv2.warpAffine(np.ones_like(one), place, (400, 280))
        seen = seen * (1 - there) + cv2.warpAffine(one, place, (400, 280)) * there
    noise = np.random.default_rng(abs(round(1000 * (x or 0)))).normal(0, 2, seen.shape)
    return np.clip(seen * light + noise, 0, 255).astype(np.uint8)


def watch(frames: list[Pixels]) -> list[Group]:
    """What moved into the last frame."""
    known, told = NOBODY, list[Group]()
    for before, now in itertools.pairwise(frames):
        told, known = between(before, now, known)
    return told


@pytest.mark.parametrize("speed", [2.0, 8.0, -12.0])
def test_where_it_is_and_by_how_much_it_moved(speed: float) -> None:
    (group,) = watch([frame(170 + speed * k) for k in range(4)])
    assert (group.x, group.y) == pytest.approx((170 + 3 * speed + 30, 145), abs=12)
    assert (group.vx, group.vy) == pytest.approx((speed, 0), abs=0.2)
    assert 0.3 < group.confidence <= 1


@pytest.mark.parametrize("seed", range(3))
def test_a_small_thing_that_moves_by_its_own_width(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    smooth = np.asarray(cv2.resize(texture(seed + 20, 102, 144), (420, 300), interpolation=cv2.INTER_CUBIC), np.float32)
    small = np.asarray(cv2.resize(texture(seed + 30, 48, 24), (16, 40), interpolation=cv2.INTER_AREA), np.float32)
    monkeypatch.setitem(globals(), "WALL", smooth)
    frames = [frame(100 + 13 * k, y=120 + 3 * k, thing=small) for k in range(12)]
    known, found = NOBODY, 0
    for k, (before, now) in enumerate(itertools.pairwise(frames), 1):
        told, known = between(before, now, known)
        found += any(abs(g.vx - 13) < 1 and abs(g.vy - 3) < 1 and abs(g.x - 108 - 13 * k) < 12 for g in told)
    assert found >= 8


def test_a_narrow_thing_that_passes_a_broad_one() -> None:
    """Nearly all of their points are the broad one's."""
    broad, narrow = texture(5, 108, 96), texture(6, 60, 24)
    told = watch([frame(260 - 8 * k, (broad, 30 + 4 * k, 60), y=90, thing=narrow) for k in range(8)])
    assert sorted(round(g.vx) for g in told) == [-8, 4]


def test_a_narrow_thing_that_is_fast_is_seen_whole() -> None:
    narrow = texture(8, 150, 72)
    frames = [frame(30 + 22 * k, y=80, thing=narrow) for k in range(9)]
    for k, (before, now) in enumerate(itertools.pairwise(frames), 1):
        (group,), _ = between(before, now, NOBODY)
        assert (group.x, group.y) == pytest.approx((66 + 22 * k, 155), abs=8)


@pytest.mark.parametrize("speed", [12.0, -12.0])
def test_what_leaves_is_where_all_of_it_is_and_gone_with_its_middle(speed: float) -> None:
    broad = texture(5, 120, 90)
    known, frames = NOBODY, [frame(155 + speed * k, y=80, thing=broad) for k in range(20)]
    for k, (before, now) in enumerate(itertools.pairwise(frames), 1):
        told, known = between(before, now, known)
        middle = 200 + speed * k
        if 8 < middle < 392:
            assert [group.x for group in told] == [pytest.approx(middle, abs=8)]
        elif not -8 < middle < 408:
            assert [group for group in told if abs(group.vx - speed) < 2] == []


def test_two_large_things_that_both_rise_do_not_make_the_wall_sink() -> None:
    """Most corners of the picture are theirs, and of them most rise: the wall has the most that agree in both axes."""
    broad, other = texture(5, 186, 150), texture(7, 186, 150)
    told = watch([frame(None, (broad, 10 + 6 * k, 90 - 3 * k), (other, 240 - 6 * k, 90 - 3 * k)) for k in range(4)])
    assert sorted((round(g.vx), round(g.vy)) for g in told) == [(-6, -3), (6, -3)]


def test_what_the_camera_does_is_taken_out() -> None:
    shakes = [(0.0, 0.0), (2.5, -1.5), (-2.0, 1.0), (1.0, 2.0)]
    (group,) = watch([frame(150 + 6 * k, shake=s) for k, s in enumerate(shakes)])
    assert (group.vx, group.vy) == pytest.approx((6, 0), abs=0.3)
    assert watch([frame(None, shake=s) for s in shakes]) == []


@pytest.mark.parametrize("seed", [9, 11, 12])
def test_what_comes_in_at_a_border_is_no_motion(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "WALL", texture(seed, 300, 420))
    rng = np.random.default_rng(seed)
    frames = [frame(None, shake=(rng.uniform(-4, 4), rng.uniform(-4, 4))) for _ in range(12)]
    assert all(len(between(a, b, NOBODY)[1]) == 0 for a, b in itertools.pairwise(frames))


@pytest.mark.parametrize("light", [0.7, 1.2])
def test_light_is_no_motion(light: float) -> None:
    assert watch([frame(100), frame(100, light=light), frame(100)]) == []


def test_nothing_moves() -> None:
    assert watch([frame(100)] * 3) == []
    dark = np.zeros((280, 400), np.uint8)
    assert watch([dark, dark, frame(None), dark]) == []


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (5, 5), (40, 2)])
def test_pictures_of_any_size(shape: tuple[int, int]) -> None:
    random = np.random.default_rng(1)
    watch([random.integers(0, 255, shape).astype(np.uint8) for _ in range(3)])


def test_a_small_group_is_told_once_it_was_there_before() -> None:
    few = Group(100, 100, 5, 0, 6)
    assert few.confidence < Group(100, 100, 5, 0, 60).confidence < 1


def test_a_large_picture_is_looked_at_smaller() -> None:
    small, scale = reduced(np.zeros((900, 1600), np.uint8))
    assert small.shape == (360, SIDE) and scale == 0.4
    assert reduced(small)[1] == 1.0

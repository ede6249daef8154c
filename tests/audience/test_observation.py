from __future__ import annotations

import math

import pytest

from audio.audience.observation import CONES, looking, observe
from tests.audience.people import held, person

AT_CAMERA = [0.0, 0.0]
FACING = CONES["facing"]


def degrees(yaw: float, pitch: float) -> list[float]:
    return [math.radians(yaw), math.radians(pitch)]


def test_the_body_is_the_place_and_the_longer_side_of_the_face_the_size() -> None:
    seen = observe(2.0, {**person(100), "face_roi": [100, 100, 30, 44]})
    assert seen is not None
    assert (seen.time, seen.x, seen.y, seen.height, seen.face) == (2.0, 120, 240, 280, 44)


def test_a_face_alone_is_the_place_and_a_body_alone_gives_the_size() -> None:
    alone = observe(0, {"face_roi": [100, 50, 40, 60], "face_roi_confidence": 0.5})
    assert alone is not None and (alone.x, alone.y, alone.height) == (120, 80, 60)
    headless = observe(0, person(height=210) | {"face_roi": [0, 0, 0, 0]})
    assert headless is not None and headless.face == pytest.approx(30)


def test_held_over_is_not_seen() -> None:
    assert observe(0, held(person(gaze=AT_CAMERA))) is None


@pytest.mark.parametrize(
    ("direction", "facing", "ceiling"),
    [
        ((0, 0), True, True),
        ((26, 0), False, False),
        ((-24, 0), True, True),
        ((0, 40), False, True),
        ((0, -15), True, False),
        ((0, 46), False, False),
        ((25, 20), True, True),
        ((25, -10), True, True),
    ],
)
def test_the_cone_towards_the_camera(direction: tuple[float, float], facing: bool, ceiling: bool) -> None:
    entity = person(gaze=degrees(*direction))
    assert looking(entity, FACING) == facing
    assert looking(entity, CONES["ceiling"]) == ceiling


def test_the_gaze_counts_then_the_head_then_nothing() -> None:
    away = degrees(60, 0)
    assert not looking(person(gaze=away, head=[*AT_CAMERA, 0]), FACING)
    assert looking(person(gaze=away, head=[*AT_CAMERA, 0], gaze_confidence=0.29), FACING)
    assert not looking(person(head=[*AT_CAMERA, 0], head_confidence=0.29), FACING)
    assert not looking(person(), FACING)


def test_happiness_is_read_from_who_looks_and_can_be_read() -> None:
    smile = {"emotion_happiness": 0.8, "emotion_confidence": 0.3}
    for entity, read in [
        (person(gaze=AT_CAMERA, **smile), 0.8),
        (person(gaze=degrees(60, 0), **smile), None),
        (person(gaze=AT_CAMERA, **{**smile, "emotion_confidence": 0.2}), None),
    ]:
        seen = observe(0, entity)
        assert seen is not None and seen.happiness == read

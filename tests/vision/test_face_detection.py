from __future__ import annotations

import numpy as np
import pytest

from audio.vision import face_detection
from audio.vision.boxes import iou
from audio.vision.face_detection import Face, detect
from tests.vision.pictures import FACE, Pixels, astronaut, grey_jpeg, mirrored, turned


def only(rgb: Pixels) -> Face:
    (face,) = detect(rgb, 0.5)
    return face


@pytest.mark.parametrize("seen", [lambda rgb: rgb, grey_jpeg, lambda rgb: rgb // 4])
def test_a_face_is_found_where_it_is(seen: object) -> None:
    """In colour, in grey as the clients of old send it, and in the dark."""
    face = only(seen(astronaut()))  # type: ignore[operator]
    assert face.score > 0.95
    assert iou(face.box[None], FACE)[0, 0] > 0.7
    left, right, nose, *mouth = face.points
    assert left[0] < nose[0] < right[0]
    assert max(left[1], right[1]) < nose[1] < min(m[1] for m in mouth)
    assert mouth[0][0] < mouth[1][0]


def test_mirrored() -> None:
    one, other = only(astronaut()), only(mirrored(astronaut()))
    assert np.allclose(512 - other.box[0] - other.box[2], one.box[0], atol=6)
    assert np.allclose(512 - other.points[[1, 0, 2, 4, 3], 0], one.points[:, 0], atol=6)


@pytest.mark.parametrize("degrees", [-40, 40])
def test_turned(degrees: float) -> None:
    line = np.subtract(*detect(turned(astronaut(), degrees), 0.5)[0].points[[1, 0]])
    straight = np.subtract(*only(astronaut()).points[[1, 0]])
    angle = np.degrees(np.arctan2(line[1], line[0]) - np.arctan2(straight[1], straight[0]))
    assert abs(angle - degrees) < 8


def test_several_the_best_first() -> None:
    both = np.full((260, 660, 3), 90, np.uint8)
    both[:130, :256] = astronaut()[:260:2, ::2]
    both[:, 340:] = astronaut()[:260, 80:400]
    faces = detect(both, 0.5)
    assert len(faces) == 2
    assert faces[0].score >= faces[1].score
    assert {bool(face.box[0] > 256) for face in faces} == {False, True}


def test_a_large_picture_is_seen_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    small = only(astronaut())
    monkeypatch.setattr(face_detection, "LONGEST_SIDE", 256)
    assert iou(only(astronaut()).box[None], small.box[None])[0, 0] > 0.8


@pytest.mark.parametrize("size", [(1, 1), (1, 700), (700, 1), (31, 33), (480, 640)])
def test_nothing_is_found_in_nothing(size: tuple[int, int]) -> None:
    assert detect(np.full((*size, 3), 90, np.uint8), 0.5) == []
    assert detect(np.random.default_rng(3).integers(0, 256, (*size, 3), np.uint8), 0.5) == []


def test_fewer_where_more_is_asked() -> None:
    assert len(detect(astronaut(), 0.02)) >= len(detect(astronaut(), 0.5)) >= len(detect(astronaut(), 1.0)) == 0

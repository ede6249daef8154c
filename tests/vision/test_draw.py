from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from audio.image import Image
from audio.services import registry
from audio.vision.draw import BOX, GAZE, HEAD, draw

ROOM = Image(np.full((480, 640, 3), 90, np.uint8))


def changed(answer: dict[str, Any], picture: Image = ROOM) -> np.ndarray:
    return np.any(draw(picture, answer).pixels != picture.rgb, axis=2)


def test_an_answer_without_places_is_the_picture() -> None:
    assert not changed({"faces": [], "nb_faces": 0, "input_size": [640, 480], "echo": "x"}).any()
    assert draw(Image(np.zeros((3, 4), np.uint8)), {}).pixels.shape == (3, 4, 3)


def test_a_box_and_words_under_it() -> None:
    seen = draw(ROOM, {"faces": [{"roi": [100, 50, 80, 90], "roi_confidence": 0.9}]}).pixels
    assert seen[95, 100].tolist() == seen[140, 140].tolist() == list(BOX)
    assert np.array_equal(seen[95, 140], ROOM.pixels[95, 140])
    assert (seen[145:170, 100:160] == 255).any()


def test_a_head_that_is_turned_right_and_up_points_there() -> None:
    face = {"roi": [200, 200, 100, 100], "nose": [250, 250], "head_yaw": 0.8, "head_pitch": 0.5, "head_roll": 0.0}
    face |= {"eye_left": [230, 230], "eye_right": [270, 230], "gaze_yaw": -0.8, "gaze_pitch": 0.0}
    seen = draw(ROOM, {"faces": [face]}).pixels
    rows, columns = np.nonzero(np.all(seen == HEAD, axis=2))
    assert columns.max() > 290
    assert rows.min() < 225
    rows, columns = np.nonzero(np.all(seen == GAZE, axis=2))
    assert columns.min() < 185
    assert np.ptp(rows) < 40


def test_where_things_move() -> None:
    seen = draw(ROOM, {"targets": [{"mean_position": [300, 200], "mean_velocity": [5, 0], "confidence": 0.5}]}).pixels
    rows, columns = np.nonzero(np.all(seen == GAZE, axis=2))
    assert columns.max() == pytest.approx(350, abs=4)
    assert rows.mean() == pytest.approx(200, abs=2)


@pytest.mark.parametrize("roi", [[0, 0, 640, 480], [600, 440, 40, 40], [0, 470, 10, 10], [630, 0, 10, 10]])
@pytest.mark.parametrize("name", ["Zoë Müller", "名前", "x" * 500, ""])
def test_words_stay_in_the_picture(roi: list[int], name: str) -> None:
    face = {
        "roi": roi,
        "names": [{"key": name, "confidence": 0.75}],
        "age": 30,
        "gender": "male",
        "gender_confidence": 1,
    }
    for picture in (ROOM, Image(np.zeros((9, 12), np.uint8))):
        assert draw(picture, {"faces": [face]}).size == picture.size
    assert changed({"type": "QRCODE", "data": name or "x"}).any()


def test_the_example_of_every_service_that_sees_can_be_drawn() -> None:
    seeing = [
        s for s in registry.services().values() if s.extra == "vision" and s.name.startswith(("face", "gaze", "age"))
    ]
    assert seeing
    for service in seeing:
        assert changed(dict(service.example[1])).any(), service.name


def test_a_person_of_a_scene_looks_from_both_eyes_and_needs_no_gender() -> None:
    person = {"face_roi": [200, 200, 100, 100], "face_roi_confidence": 0.9, "age": 30, "age_confidence": 0.4}
    eyes = {"face_eye": [[230, 230], [270, 230]], "gaze": [0.8, 0.0], "gaze_confidence": 0.9}
    rows, columns = np.nonzero(np.all(draw(ROOM, {"entities": {"x": person | eyes}}).pixels == GAZE, axis=2))
    assert columns.max() > 310 and columns.min() < 235 and np.ptp(rows) < 40
    held = {"entities": {"x": person | eyes | {"gaze_confidence": 0}}}
    assert not np.any(np.all(draw(ROOM, held).pixels == GAZE, axis=2))

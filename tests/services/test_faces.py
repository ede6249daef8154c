"""The five services of faces, on two that are known; what they find in many pictures is measured elsewhere."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from audio import image
from audio.errors import BadInput
from audio.image import Image
from audio.services import (
    age_and_gender_estimation,
    face_detection,
    face_expression_estimation,
    face_recognition,
    gaze_analysis,
)
from audio.services.base import Service, State
from audio.services.faces import Inputs
from audio.stores import codec
from tests.vision.pictures import Pixels, astronaut, grey_jpeg, hopper, mirrored, turned

ROOM = Image(np.full((480, 640, 3), 90, np.uint8))


def placed(*lefts: int, rgb: Pixels | None = None) -> Image:
    """The face in a room, as often and where it is wanted."""
    face = (astronaut() if rgb is None else rgb)[20:260, 100:340]
    room = ROOM.pixels.copy()
    for left in lefts:
        room[100:340, left : left + 240] = face
    return Image(room)


def watched(service: Service, pictures: list[Image], **given: Any) -> list[list[dict[str, Any]]]:
    """The faces of each picture of a session, whose state is stored in between."""
    inputs = service.inputs
    state: State | None = {}
    told = []
    for picture in pictures:
        output, state = service.compute(inputs(image=picture, **given), state)
        assert state is not None
        state = codec.decode(codec.encode(state))
        told.append(output["faces"])
    return told


def alone(service: Service, picture: Image, **given: Any) -> dict[str, Any]:
    output, state = service.compute(service.inputs(image=picture, **given), None)
    assert state is None
    (face,) = output["faces"]
    assert output["nb_faces"] == 1
    assert output["input_size"] == [640, 480]
    found: dict[str, Any] = face
    return found


def test_detection() -> None:
    face = alone(face_detection.SERVICE, placed(200))
    assert set(face) == {"roi", "roi_confidence"}
    left, top, width, height = face["roi"]
    assert 260 < left < left + width < 400
    assert 130 < top < top + height < 300
    nothing, _ = face_detection.SERVICE.compute(Inputs(image=ROOM), None)
    assert nothing == {"input_size": [640, 480], "nb_faces": 0, "faces": []}


def test_age_gender_expression_and_gaze() -> None:
    face = alone(age_and_gender_estimation.SERVICE, placed(200))
    assert type(face["age"]) is int
    assert face["gender"] == "female"
    face = alone(face_expression_estimation.SERVICE, placed(200))
    assert face["happiness"] == max(face[name] for name in face_expression_estimation.NAMES)
    face = alone(gaze_analysis.SERVICE, placed(200))
    assert face["eye_left"][0] < face["nose"][0] < face["eye_right"][0]
    assert all(type(v) is int for v in (*face["eye_left"], *face["eye_right"], *face["nose"]))
    assert abs(face["head_roll"]) < 0.3


def test_in_a_session_a_face_is_told_from_the_fourth_picture_on() -> None:
    told = watched(face_detection.SERVICE, [placed(200)] * 5)
    assert [len(faces) for faces in told] == [0, 0, 0, 1, 1]
    assert told[3][0] == alone(face_detection.SERVICE, placed(200))


def test_who_moves_is_followed_and_who_comes_later_is_told_later() -> None:
    pictures = [placed(10 * i) for i in range(5)] + [placed(50 + 10 * i, 390) for i in range(4)]
    assert [len(faces) for faces in watched(face_detection.SERVICE, pictures)] == [0, 0, 0, 1, 1, 1, 1, 1, 2]


def test_a_face_of_a_moment_is_none() -> None:
    pictures = [ROOM, placed(200), ROOM, ROOM, placed(200), ROOM, ROOM, placed(200), ROOM]
    assert not any(watched(face_detection.SERVICE, pictures))


def test_one_that_looks_away_for_a_picture_is_known_when_it_is_back() -> None:
    pictures = [placed(200)] * 4 + [ROOM] * 3 + [placed(200)]
    assert [len(faces) for faces in watched(age_and_gender_estimation.SERVICE, pictures)] == [0, 0, 0, 1, 0, 0, 0, 1]


def test_what_stays_the_same_is_averaged_over_a_session() -> None:
    views = [placed(200, rgb=turned(astronaut(), degrees)) for degrees in (-12, -6, 0, 6, 12, 0)]
    ages = [alone(age_and_gender_estimation.SERVICE, view)["age"] for view in views]
    told = watched(age_and_gender_estimation.SERVICE, views)
    assert min(ages) <= told[-1][0]["age"] <= max(ages)
    assert abs(told[-1][0]["age"] - np.mean(ages)) <= 1.5


EILEEN, GRACE = Image(astronaut()), Image(hopper())


def side_by_side() -> Image:
    """Eileen on the left, Grace on the right, darker than in the album and seen in a mirror."""
    room = placed(20).pixels.copy()
    room[60:420, 320:627] = cv2.resize(mirrored(hopper()), (307, 360), interpolation=cv2.INTER_AREA) // 2
    return Image(room)


def named(face: dict[str, Any]) -> dict[str, float]:
    """Who it is said to be, and how surely; the surest first."""
    return {name["key"]: name["confidence"] for name in face["names"]}


@pytest.mark.parametrize(
    "view", [placed(200), Image(grey_jpeg(placed(200).rgb)), placed(200, rgb=turned(astronaut(), 12))]
)
def test_who_of_two_it_is(view: Image) -> None:
    names = named(alone(face_recognition.SERVICE, view, album={"grace": [GRACE], "eileen": [EILEEN]}))
    assert list(names) == ["eileen", "grace"]
    assert names["eileen"] > 0.9
    assert names["grace"] < 0.1


def test_who_is_not_in_the_album_is_nobody() -> None:
    names = named(alone(face_recognition.SERVICE, placed(200), album={"grace": [GRACE, Image(mirrored(hopper()))]}))
    assert names["grace"] < 0.1


def test_the_nearest_of_the_samples_says_who_it_is() -> None:
    album = {"both": [GRACE, EILEEN], "grace": [GRACE]}
    names = named(alone(face_recognition.SERVICE, placed(200), album=album))
    assert names["both"] == named(alone(face_recognition.SERVICE, placed(200), album={"eileen": [EILEEN]}))["eileen"]
    assert names["grace"] < 0.1 < names["both"]


def test_two_in_one_picture_are_told_apart_all_through_a_session() -> None:
    album = {"eileen": [EILEEN], "grace": [GRACE]}
    told = watched(face_recognition.SERVICE, [side_by_side()] * 5, album=album)
    assert [len(faces) for faces in told] == [0, 0, 0, 2, 2]
    for faces in told[3:]:
        left, right = sorted(faces, key=lambda face: face["roi"][0])
        assert (list(named(left)), list(named(right))) == (["eileen", "grace"], ["grace", "eileen"])
        assert (
            min(named(left)["eileen"], named(right)["grace"]) > 0.5 > max(named(left)["grace"], named(right)["eileen"])
        )


def test_a_sample_without_a_face_is_named() -> None:
    album = {"eileen": [Image(astronaut()), ROOM]}
    with pytest.raises(BadInput, match="sample 2 of 'eileen'") as caught:
        face_recognition.SERVICE.compute(face_recognition.Inputs(image=placed(200), album=album), None)
    assert caught.value.field == "album"


def test_a_sample_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    data = image.encode(Image(turned(astronaut(), 7)), "jpg")
    asked = [face_recognition.Inputs(image=placed(200), album={"a": [image.decode(data)]}) for _ in range(3)]
    looked = []
    look = face_recognition._looked_at
    monkeypatch.setattr(face_recognition, "_looked_at", lambda sample: looked.append(sample) or look(sample))
    for inputs in asked:
        face_recognition.SERVICE.compute(inputs, None)
    assert len(looked) == 1
    assert "pixels" not in vars(looked[0])  # it takes no memory while it waits


class Part:
    def __init__(self, data: bytes) -> None:
        self.data = data


GOOD = Part(image.encode(Image(np.zeros((4, 4), np.uint8))))


@pytest.mark.parametrize(
    ("album", "said"),
    [
        ("x", 'an object of lists of pictures, such as {"jamel"'),
        ([], "a list came"),
        ({}, "must hold 1 to 1000 people; 0 came"),
        ({"": [GOOD]}, "1 to 200 characters; 0 came"),
        ({"a": GOOD}, "a list of 1 to 100 pictures"),
        ({"a": []}, "0 came"),
        ({"a": ["http://elsewhere.org/1.jpg"]}, "must be a picture"),
        ({"a": [Part(b"GIF89a")]}, "a GIF file"),
        ({str(i): [GOOD] for i in range(1001)}, "1001 came"),
    ],
)
def test_albums_that_are_refused(album: object, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        face_recognition.SERVICE.read({"image": GOOD, "album": album})
    assert said in caught.value.message
    assert caught.value.field == "album"
    assert face_recognition.SERVICE.read({"image": GOOD, "album": {"a": [GOOD]}}).album["a"][0].size == [4, 4]

"""Age, gender, expression and recognition on a face that is known. Figures over many are measured elsewhere."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.vision import age_gender, face_expression, face_mesh, face_recognition
from audio.vision.age_gender import Guess
from audio.vision.face_detection import Face, detect
from audio.vision.face_mesh import Mesh
from tests.vision.pictures import Pixels, astronaut, grey_jpeg, mirrored, turned

VIEWS = [lambda rgb: rgb, grey_jpeg, mirrored, lambda rgb: turned(rgb, 15)]


def found(rgb: Pixels) -> tuple[Pixels, Face, Mesh]:
    (face,) = detect(rgb, 0.5)
    return rgb, face, face_mesh.fit(rgb, face)


@pytest.mark.parametrize("view", VIEWS)
def test_a_woman_of_forty_who_smiles(view: object) -> None:
    rgb, face, mesh = found(view(astronaut()))  # type: ignore[operator]
    guess = age_gender.guess(rgb, mesh)
    assert 25 <= guess.age <= 50
    assert guess.gender == "female"
    assert 0.6 < guess.gender_confidence <= 1
    assert 0 <= guess.age_confidence <= 1
    shares = face_expression.estimate(rgb, face, mesh)
    assert list(shares) == ["neutral", "happiness", "surprise", "anger", "sadness"]
    assert max(shares, key=shares.__getitem__) == "happiness"
    assert abs(sum(shares.values()) - 1) < 1e-6


@given(st.floats(-5, 120), st.floats(-14, 14))
def test_what_is_told_of_any_guess(looks: float, odds: float) -> None:
    guess = Guess(looks, odds)
    assert guess.age >= 0
    assert guess.age >= looks
    assert 0.3 < guess.age_confidence < 1
    assert 0.5 <= guess.gender_confidence < 1
    assert guess.gender == ("male" if odds > 0 else "female")
    surer = Guess(looks, 2 * odds)
    assert surer.gender_confidence >= guess.gender_confidence
    assert Guess(looks + 1, odds).age > guess.age or looks < 0


def vector(rgb: Pixels) -> np.ndarray:
    seen, face, _ = found(rgb)
    return face_recognition.vector(seen, face)


def test_one_person_is_one_however_the_picture_is_taken() -> None:
    one = vector(astronaut())
    assert one.shape == (128,)
    smaller = np.asarray(cv2.resize(astronaut(), (256, 256), interpolation=cv2.INTER_AREA), np.uint8)
    for other in (grey_jpeg(astronaut()), smaller, mirrored(astronaut()), turned(astronaut(), 15), astronaut() // 2):
        assert face_recognition.confidence(vector(other), one[None]) > 0.9


def test_the_nearest_sample_decides() -> None:
    one = np.zeros(128, np.float32)
    near, far = one + 0.01, one + 0.1
    assert face_recognition.confidence(one, far[None]) < 0.01
    both = face_recognition.confidence(one, np.stack([far, near]))
    assert both == face_recognition.confidence(one, near[None]) > 0.99
    at_the_limit = one.copy()
    at_the_limit[0] = 0.505
    assert abs(face_recognition.confidence(one, at_the_limit[None]) - 0.5) < 1e-6

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
from tests.vision.pictures import Pixels, astronaut, grey_jpeg, hopper, mirrored, turned

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


def test_how_a_face_is_held_is_read_off_its_mesh_however_the_head_is_turned() -> None:
    _, _, mesh = found(astronaut())
    held = face_expression.held(mesh)
    corners, width = held[4], held[6]
    assert min(corners, width) > 1, "she smiles"
    turn = cv2.Rodrigues(np.array([0.2, -0.4, 0.5]))[0].astype(np.float32)
    turned_mesh = Mesh(1.7 * mesh.points @ turn.T + 30, 1.0)
    assert face_expression.held(turned_mesh) == pytest.approx(held, abs=0.01)


def with_lower_corners(mesh: Mesh) -> Mesh:
    points = mesh.points.copy()
    points[[61, 291], 1] += 12
    return Mesh(points, mesh.presence)


def test_corners_of_the_mouth_that_hang_speak_against_a_smile() -> None:
    rgb, face, mesh = found(astronaut())
    before, after = (face_expression.estimate(rgb, face, m) for m in (mesh, with_lower_corners(mesh)))
    assert after["happiness"] < before["happiness"]
    assert after["sadness"] > before["sadness"]


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
    assert abs(np.linalg.norm(one) - 1) < 1e-5
    smaller = np.asarray(cv2.resize(astronaut(), (256, 256), interpolation=cv2.INTER_AREA), np.uint8)
    for other in (grey_jpeg(astronaut()), smaller, mirrored(astronaut()), turned(astronaut(), 15), astronaut() // 2):
        assert face_recognition.confidence(vector(other), one[None]) > 0.9


def test_two_people_are_two_however_their_pictures_are_taken() -> None:
    samples = np.stack([vector(hopper()), vector(mirrored(hopper()))])
    for other in (
        astronaut(),
        grey_jpeg(astronaut()),
        mirrored(astronaut()),
        turned(astronaut(), 15),
        astronaut() // 2,
    ):
        assert face_recognition.confidence(vector(other), samples) < 0.1


def test_the_nearest_sample_decides() -> None:
    one, near, at_the_limit, far = (at_a_distance(d) for d in (0, 0.1, 0.353, 0.6))
    assert face_recognition.confidence(one, far[None]) < 0.01
    both = face_recognition.confidence(one, np.stack([far, near]))
    assert both == face_recognition.confidence(one, near[None]) > 0.99
    assert abs(face_recognition.confidence(one, at_the_limit[None]) - 0.5) < 1e-4


@given(st.floats(0, 2), st.floats(0.05, 20))
def test_the_length_of_a_vector_says_nothing_of_who_it_is(distance: float, length: float) -> None:
    one, other = at_a_distance(0), at_a_distance(distance)
    expected = face_recognition.confidence(one, other[None])
    assert face_recognition.confidence(length * one, other[None]) == pytest.approx(expected, abs=1e-4)


def at_a_distance(distance: float) -> np.ndarray:
    """A unit vector that is as far from the first axis, the one at a distance of 0."""
    angle = 2 * np.arcsin(distance / 2)
    made = np.zeros(128, np.float32)
    made[:2] = np.cos(angle), np.sin(angle)
    return made

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.vision import gaze
from audio.vision.face_detection import detect
from audio.vision.face_mesh import Mesh
from audio.vision.gaze import Look
from tests.vision.pictures import Pixels, astronaut, grey_jpeg, mirrored, turned

ANGLE = st.floats(-1.2, 1.2)


def look(rgb: Pixels) -> Look:
    (face,) = detect(rgb, 0.5)
    return gaze.look(rgb, face)


def rotation(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """From the axes of a face to those of the camera, as the module has it: x right, y up, z to the camera."""
    (cy, cp, cr), (sy, sp, sr) = np.cos([yaw, pitch, roll]), np.sin([yaw, pitch, roll])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
    about_z = np.array([[cr, sr, 0], [-sr, cr, 0], [0, 0, 1]])
    return about_y @ about_x @ about_z


def drawn(angles: tuple[float, float, float], scale: float = 9) -> Mesh:
    """The canonical face, turned, in a picture."""
    shape, _ = gaze._canonical()
    points = (shape @ rotation(*angles).T * scale + (300, -200, 0)) * (1, -1, -1)
    return Mesh(np.vstack([points, np.zeros((10, 3))]).astype(np.float32), 1)


@given(ANGLE, ANGLE, ANGLE)
def test_a_turned_face_is_told_exactly(yaw: float, pitch: float, roll: float) -> None:
    found = gaze.pose(drawn((yaw, pitch, roll)))
    assert np.allclose(found.yaw_pitch_roll, (yaw, pitch, roll), atol=1e-3)
    assert abs(found.scale - 9) < 0.01


def test_what_the_signs_mean() -> None:
    """The nose points where the face does: right in the picture, up; clockwise, its right eye goes down."""
    for angles, axis, sign in [((0.5, 0, 0), 0, 1), ((0, 0.5, 0), 1, -1)]:
        mesh = drawn(angles)
        off = mesh.points[1, :2] - mesh.points[[33, 263, 61, 291], :2].mean(axis=0)
        still = drawn((0, 0, 0)).points
        assert sign * (off - (still[1, :2] - still[[33, 263, 61, 291], :2].mean(axis=0)))[axis] > 5
    clockwise = drawn((0, 0, 0.5)).points
    assert clockwise[263, 1] > clockwise[33, 1] + 10


def test_one_who_looks_into_the_camera() -> None:
    seen = look(astronaut())
    assert np.all(np.abs(np.degrees(seen.head)) < 25)
    assert np.all(np.abs(np.degrees(seen.gaze)) < 15)
    assert seen.eyes[0][0] < seen.nose[0] < seen.eyes[1][0]


def test_mirrored_she_looks_the_other_way() -> None:
    one, other = look(astronaut()), look(mirrored(astronaut()))
    assert np.allclose(np.degrees(other.head) * (-1, 1, -1), np.degrees(one.head), atol=4)
    assert np.allclose(np.degrees(other.gaze) * (-1, 1), np.degrees(one.gaze), atol=6)


@pytest.mark.parametrize("degrees", [-25, 25])
def test_turned_it_is_the_roll_that_changes(degrees: float) -> None:
    one, other = look(astronaut()), look(turned(astronaut(), degrees))
    assert abs(np.degrees(other.head[2] - one.head[2]) - degrees) < 4
    assert np.allclose(look(grey_jpeg(astronaut())).head, one.head, atol=np.radians(4))

from __future__ import annotations

import numpy as np
import pytest

from audio.vision import face_mesh
from audio.vision.face_detection import Face, detect
from audio.vision.face_mesh import LEFT_IRIS, RIGHT_IRIS, SURFACE, Mesh
from tests.vision.pictures import Pixels, astronaut, grey_jpeg, turned


def fitted(rgb: Pixels) -> tuple[Face, Mesh]:
    (face,) = detect(rgb, 0.5)
    return face, face_mesh.fit(rgb, face)


@pytest.mark.parametrize("seen", [lambda rgb: rgb, grey_jpeg])
def test_it_lies_on_the_face(seen: object) -> None:
    face, mesh = fitted(seen(astronaut()))  # type: ignore[operator]
    assert mesh.points.shape == (478, 3)
    assert mesh.presence > 0.99
    assert np.allclose(mesh.points[list(LEFT_IRIS), :2].mean(axis=0), face.points[0], atol=8)
    assert np.allclose(mesh.points[list(RIGHT_IRIS), :2].mean(axis=0), face.points[1], atol=8)
    low, high = mesh.points[:SURFACE, :2].min(axis=0), mesh.points[:SURFACE, :2].max(axis=0)
    assert np.all(low > face.box[:2] - 20)
    assert np.all(high < face.box[:2] + face.box[2:] + 20)


@pytest.mark.parametrize("degrees", [0, 30])
def test_fitted_again_it_lies_where_it_lay(degrees: float) -> None:
    rgb = turned(astronaut(), degrees)
    _, mesh = fitted(rgb)
    again = face_mesh.refit(rgb, mesh, np.radians(degrees))
    assert np.abs(again.points[:, :2] - mesh.points[:, :2]).mean() < 3
    assert again.presence > 0.99


def test_where_no_face_is_none_is_seen() -> None:
    face, _ = fitted(astronaut())
    assert face_mesh.fit(np.full_like(astronaut(), 90), face).presence < 0.1


def test_a_square_around_it() -> None:
    _, mesh = fitted(astronaut())
    square = mesh.square(1.1)
    assert mesh.square(2.2).side == 2 * square.side
    assert 100 < square.side < 170
    assert np.allclose([square.x, square.y], [222, 138], atol=15)

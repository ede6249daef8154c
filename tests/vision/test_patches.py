from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.vision.patches import Square, batch, cut, fitted, mirrored
from tests.vision.pictures import astronaut

SQUARES = st.builds(
    Square, st.floats(-50, 600), st.floats(-50, 600), st.floats(0.5, 900), st.floats(-3.1, 3.1)
)  # fmt: skip


def test_an_upright_square_of_its_own_size_is_the_picture() -> None:
    rgb = astronaut()
    assert np.array_equal(cut(rgb, Square(232, 132, 64), 64), rgb[100:164, 200:264])


def test_outside_is_black() -> None:
    patch = cut(np.full((10, 10, 3), 200, np.uint8), Square(0, 5, 20), 20)
    assert not patch[:, :9].any()
    assert (patch[6:14, 11:19] == 200).all()
    assert not cut(np.full((10, 10, 3), 200, np.uint8), Square(500, 500, 20), 20).any()


def test_turned_clockwise() -> None:
    """What lies to the right in the square lies down in the picture."""
    picture = np.zeros((100, 100, 3), np.uint8)
    picture[70:80, 45:55] = 255
    patch = cut(picture, Square(50, 50, 80, np.pi / 2), 80)[:, :, 0]
    rows, columns = np.nonzero(patch > 128)
    assert 62 < columns.mean() < 67
    assert 38 < rows.mean() < 42


@pytest.mark.parametrize("size", [16, 40])
def test_every_pixel_counts_where_it_gets_smaller(size: int) -> None:
    """A fine chequerboard is grey, not black or white."""
    board = np.indices((320, 320)).sum(axis=0) % 2 * 255
    patch = cut(np.repeat(board[:, :, None], 3, 2).astype(np.uint8), Square(160, 160, 320), size)
    assert abs(float(patch.mean()) - 127.5) < 3
    assert patch[2:-2, 2:-2].std() < 3


@given(SQUARES)
@settings(max_examples=50, deadline=None)
def test_any_square_can_be_cut(square: Square) -> None:
    patch = cut(astronaut(), square, 32)
    assert patch.shape == (32, 32, 3)
    assert patch.dtype == np.uint8


@given(st.floats(-100, 700), st.floats(-100, 700), st.floats(5, 900), st.floats(-3, 3))
def test_points_that_lie_as_wanted_give_the_square_back(x: float, y: float, side: float, angle: float) -> None:
    template = np.array([[20, 30], [70, 28], [50, 80], [44, 60]], np.float32)
    matrix = Square(x, y, side, angle).matrix(100)
    found = fitted(template @ matrix[:, :2].T + matrix[:, 2], template, 100)
    assert abs(found.x - x) < 0.01 * side + 0.1
    assert abs(found.y - y) < 0.01 * side + 0.1
    assert abs(found.side / side - 1) < 0.01
    assert abs(found.angle - angle) < 0.01


def test_points_that_coincide_harm_nothing() -> None:
    same = np.full((5, 2), 7, np.float32)
    assert fitted(same, np.eye(5, 2, dtype=np.float32), 100) == Square(7, 7, 1)


def test_a_batch_is_normalised() -> None:
    patch = np.zeros((2, 2, 3), np.uint8)
    patch[0, 1] = (255, 100, 50)
    values = batch([patch, mirrored(patch)], np.array([5, 0, 0], np.float32), 10)
    assert values.shape == (2, 3, 2, 2)
    assert values[0, :, 0, 1].tolist() == values[1, :, 0, 0].tolist() == [25, 10, 5]

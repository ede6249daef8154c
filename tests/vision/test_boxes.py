from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from audio.vision.boxes import clipped, iou, suppress

SIDE = st.floats(-500, 500, width=32)
BOX = st.tuples(SIDE, SIDE, st.floats(0, 400, width=32), st.floats(0, 400, width=32))


def rows(*boxes: tuple[float, ...]) -> np.ndarray:
    return np.array(boxes, np.float32).reshape(-1, 4)


def test_iou() -> None:
    one = rows((0, 0, 10, 10))
    others = rows((0, 0, 10, 10), (5, 0, 10, 10), (10, 0, 10, 10), (2, 2, 5, 5))
    assert np.allclose(iou(one, others)[0], [1, 1 / 3, 0, 0.25])
    assert iou(rows(), others).shape == (0, 4)


def test_the_best_of_those_that_overlap_stays() -> None:
    boxes = rows((0, 0, 10, 10), (1, 0, 10, 10), (30, 0, 10, 10), (0, 1, 10, 10), (36, 0, 10, 10))
    assert suppress(boxes, 0.4) == [0, 2, 4]
    assert suppress(boxes, 0.2) == [0, 2]
    assert suppress(rows(), 0.4) == []


@given(BOX, st.integers(1, 300), st.integers(1, 300))
def test_a_clipped_box_is_in_the_picture(box: tuple[float, ...], width: int, height: int) -> None:
    left, top, wide, high = clipped(rows(box)[0], width, height)
    assert 0 <= left < left + wide <= width
    assert 0 <= top < top + high <= height


def test_a_box_inside_is_rounded_alone() -> None:
    assert clipped(rows((3.4, 4.6, 10.2, 20.2))[0], 100, 100) == [3, 5, 11, 20]

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from audio.vision import qrcode

Pixels = NDArray[np.uint8]


def room(text: str, module: float, *, angle: float = 0.0, blur: float = 0.4, noise: float = 4.0) -> Pixels:
    """A code in a textured room of 640 x 480, `module` pixels a module."""
    rng = np.random.default_rng(3)
    wall = cv2.resize(rng.uniform(60, 180, (24, 32)).astype(np.float32), (640, 480), interpolation=cv2.INTER_CUBIC)
    code = cv2.copyMakeBorder(cv2.QRCodeEncoder.create().encode(text), 3, 3, 3, 3, cv2.BORDER_CONSTANT, value=255)
    middle = (code.shape[1] / 2, code.shape[0] / 2)
    turn = cv2.getRotationMatrix2D(middle, angle, module)
    turn[:, 2] += np.array([320, 240]) - middle
    how = {"flags": cv2.INTER_AREA if module < 1 else cv2.INTER_NEAREST}
    code_there = cv2.warpAffine(code, turn, (640, 480), **how).astype(np.float32)
    mask = cv2.warpAffine(np.full_like(code, 255), turn, (640, 480), **how) > 127
    seen = cv2.GaussianBlur(np.where(mask, code_there, wall).astype(np.float32), (0, 0), blur)
    return np.clip(seen + rng.normal(0, noise, seen.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("module", [8.0, 3.0, 2.0, 1.7])
@pytest.mark.parametrize("angle", [0.0, 30.0, 180.0])
def test_large_small_and_turned(module: float, angle: float) -> None:
    code = qrcode.read(room("http://www.angus.ai", module, angle=angle))
    assert code is not None and code.text == "http://www.angus.ai"


def test_a_soft_and_dark_one() -> None:
    code = qrcode.read((room("ticket-00000042", 2.2, blur=1.0) * 0.25).astype(np.uint8))
    assert code is not None and code.text == "ticket-00000042"


def test_where_it_is_whatever_look_found_it() -> None:
    for module in (8.0, 2.0):
        code = qrcode.read(room("http://www.angus.ai", module))
        assert code is not None
        assert np.allclose(code.corners.mean(axis=0), (320, 240), atol=3)
        assert np.ptp(code.corners[:, 0]) == pytest.approx(25 * module, rel=0.15)


def test_the_content_is_what_was_written() -> None:
    for text in (
        "Caf\u00e9 n\u00b0 3, \u00e0 gauche",
        "\u4f60\u597d 7",
        "BEGIN:VCARD\nVERSION:3.0\nN:Doe;J\nEND:VCARD",
    ):
        code = qrcode.read(room(text, 5.0))
        assert code is not None and code.text == text


def test_a_large_picture() -> None:
    large = cv2.resize(room("http://www.angus.ai", 4.0), None, fx=8, fy=8, interpolation=cv2.INTER_CUBIC)
    code = qrcode.read(large)
    assert code is not None and code.text == "http://www.angus.ai"
    assert np.allclose(code.corners.mean(axis=0), (320 * 8, 240 * 8), atol=30)


def test_of_two_codes_the_larger() -> None:
    seen = np.hstack([room("small", 4.0)[:, 200:440], room("large", 8.0)])
    code = qrcode.read(seen)
    assert code is not None and code.text == "large"


@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (700, 1), (480, 640)])
def test_none(shape: tuple[int, int]) -> None:
    assert qrcode.read(np.zeros(shape, np.uint8)) is None
    assert qrcode.read(np.random.default_rng(1).integers(0, 255, shape).astype(np.uint8)) is None

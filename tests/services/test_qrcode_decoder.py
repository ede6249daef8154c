from __future__ import annotations

import cv2
import numpy as np

from audio.image import Image
from audio.services.qrcode_decoder import SERVICE, Inputs


def test_a_code_and_none() -> None:
    code = cv2.copyMakeBorder(cv2.QRCodeEncoder.create().encode("hello"), 4, 4, 4, 4, cv2.BORDER_CONSTANT, value=255)
    large = cv2.resize(code, None, fx=6, fy=6, interpolation=cv2.INTER_NEAREST)
    assert SERVICE.compute(Inputs(Image(large)), None) == ({"type": "QRCODE", "data": "hello"}, None)
    colours = Image(np.repeat(large[:, :, None], 3, axis=2))
    assert SERVICE.compute(Inputs(colours), {})[0]["data"] == "hello"
    assert SERVICE.compute(Inputs(Image(np.zeros((480, 640, 3), np.uint8))), {}) == ({}, {})

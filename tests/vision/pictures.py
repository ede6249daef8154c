"""Two faces that are known: Eileen Collins, photographed by NASA, and Grace Hopper, by the US Navy."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from audio import image
from tests.conftest import FIXTURES

Pixels = NDArray[np.uint8]

FACE = np.array([[176, 68, 94, 130]], np.float32)  # read off the picture, from the hairline to the chin


@cache
def astronaut() -> Pixels:
    return image.decode((FIXTURES / "astronaut.jpg").read_bytes()).rgb


@cache
def hopper() -> Pixels:
    return image.decode((FIXTURES / "hopper.jpg").read_bytes()).rgb


def turned(rgb: Pixels, degrees: float) -> Pixels:
    """Turned clockwise about its middle, in a picture of the same size."""
    height, width = rgb.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1)
    return np.asarray(cv2.warpAffine(rgb, matrix, (width, height)), np.uint8)


def grey_jpeg(rgb: Pixels) -> Pixels:
    """As the clients of old send it: grey, JPEG of quality 80."""
    _, data = cv2.imencode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), [cv2.IMWRITE_JPEG_QUALITY, 80])
    return image.decode(data.tobytes()).rgb


def mirrored(rgb: Pixels) -> Pixels:
    return np.ascontiguousarray(rgb[:, ::-1])

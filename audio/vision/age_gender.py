"""How old a face looks, and what a network of two labels makes of it.

Two networks are heard: face-api's, on three squares, for both; and dlib's (Cydral, CC0) on an aligned chip, for the
gender.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.vision import models
from audio.vision.face_detection import Face
from audio.vision.face_mesh import Mesh
from audio.vision.patches import Square, batch, cut, fitted

MODELS = ("age_gender", "gender")
MEAN = np.array([122.782, 117.001, 104.298], np.float32)
# Where dlib's chips have the five points, in parts of a chip without padding (dlib, get_face_chip_details).
TEMPLATE = np.array(
    [
        [0.8595675, 0.2134982],
        [0.6460605, 0.2289674],
        [0.1205751, 0.2137275],
        [0.3340851, 0.2290642],
        [0.4901123, 0.6277975],
    ],
    np.float32,
)
_SIZE, _CHIP, _PADDING = 112, 32, 0.2


@dataclass(frozen=True)
class Guess:
    """age: in years. male: a probability, as the networks give it."""

    age: float
    male: float

    @property
    def gender(self) -> str:
        return "male" if self.male >= 0.5 else "female"

    @property
    def gender_confidence(self) -> float:
        return max(self.male, 1 - self.male)

    @property
    def age_confidence(self) -> float:
        return 0.6


def template(size: int, padding: float) -> NDArray[np.float32]:
    """dlib's five points in a chip of size x size with padding on every side."""
    return (TEMPLATE + padding) / (1 + 2 * padding) * size


def guess(rgb: NDArray[np.uint8], face: Face, mesh: Mesh) -> Guess:
    squares = [around(face, 1.1), mesh.square(1.1), mesh.square(1.3)]
    ages, male = models.load("age_gender")(batch([cut(rgb, s, _SIZE) for s in squares], MEAN, 255))
    chip = cut(rgb, fitted(mesh.five, template(_CHIP, _PADDING), _CHIP), _CHIP)
    (other,) = models.load("gender")(batch([chip], MEAN, 256))
    return Guess(float(ages.mean()), float(male.mean() + other[0, 1]) / 2)


def around(face: Face, factor: float) -> Square:
    left, top, width, height = (float(v) for v in face.box)
    return Square(left + width / 2, top + height / 2, max(width, height) * factor)

"""How old a face looks, and which of two genders networks take it for.

Two networks are heard: face-api's, on three squares and their mirror images, for both; and dlib's (Cydral), on three
aligned chips and theirs, for the gender.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.vision import models
from audio.vision.face_mesh import Mesh
from audio.vision.gaze import straightened
from audio.vision.patches import batch, cut, fitted, mirrored

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
_SIZE, _SQUARES = 112, (1.0, 1.1, 1.2)
_CHIP, _PADDINGS = 32, (0.15, 0.2, 0.25)
_SUREST = 1e-3  # of one network alone

# Fitted to development sets of 675 faces (216 of known age), in colour and in grey.
# The networks make old people younger: what is over 55 years is stretched.
_OLD, _STRETCH = 55.0, 0.25
# The share within 5 years of the truth, by the age that is told.
_AGES, _WITHIN = (0, 10, 20, 40, 60, 80), (0.9, 0.75, 0.5, 0.38, 0.42, 0.5)
# The odds that a gender is right, by the odds of the networks; of a child they count less, down to a part.
_BASE, _GAIN, _GROWN, _CHILD = -0.38, 0.55, 20.0, 0.61


@dataclass(frozen=True)
class Guess:
    """looks: years, as the network gives them. odds: log odds of male, of both networks together.

    Both may be means over several pictures of somebody.
    """

    looks: float
    odds: float

    @property
    def age(self) -> float:
        """In years."""
        return max(0.0, self.looks + _STRETCH * max(0.0, self.looks - _OLD))

    @property
    def age_confidence(self) -> float:
        """The probability that the age is within 5 years of the truth."""
        return float(np.interp(self.age, _AGES, _WITHIN))

    @property
    def gender(self) -> str:
        return "male" if self.odds > 0 else "female"

    @property
    def gender_confidence(self) -> float:
        """The probability that the gender is right; at least one half."""
        odds = _BASE + _GAIN * abs(self.odds) * float(np.clip(self.age / _GROWN, _CHILD, 1))
        return max(0.5, float(1 / (1 + np.exp(-odds))))


def guess(rgb: NDArray[np.uint8], mesh: Mesh) -> Guess:
    """What the networks make of a face that the mesh was fitted to."""
    mesh, roll = straightened(rgb, mesh)
    patches = [cut(rgb, mesh.square(factor, roll), _SIZE) for factor in _SQUARES]
    ages, male = models.load("age_gender")(batch([*patches, *map(mirrored, patches)], MEAN, 255))
    chips = [cut(rgb, fitted(mesh.five, template(_CHIP, padding), _CHIP), _CHIP) for padding in _PADDINGS]
    (other,) = models.load("gender")(batch([*chips, *map(mirrored, chips)], MEAN, 256))
    return Guess(float(ages.mean()), _log_odds(male) + _log_odds(other[:, 1]))


def template(size: int, padding: float) -> NDArray[np.float32]:
    """dlib's five points in a chip of size x size with padding on every side."""
    return (TEMPLATE + padding) / (1 + 2 * padding) * size


def _log_odds(chances: NDArray[np.float32]) -> float:
    """The mean of what several looks give."""
    chances = np.clip(chances, _SUREST, 1 - _SUREST)
    return float(np.log(chances / (1 - chances)).mean())

"""The shape of a face as one of five expressions: face-api's network, heard on five squares and their mirror images."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audio.vision import models
from audio.vision.age_gender import MEAN
from audio.vision.face_detection import Face
from audio.vision.face_mesh import Mesh
from audio.vision.patches import Square, batch, cut, mirrored

MODEL = "face_expression"
NAMES = ("neutral", "happiness", "surprise", "anger", "sadness")
# The network's seven: neutral, happy, sad, angry, fearful, disgusted, surprised. Fear looks like surprise to it, and
# disgust like anger.
_FOLDED = ((0,), (1,), (6, 4), (3, 5), (2,))
# Chosen once, not fitted: the network says neutral too readily, surprise and sadness too seldom.
_WEIGHTS = np.array([0.5, 1.0, 2.0, 1.0, 1.3])
_SIZE = 112


def estimate(rgb: NDArray[np.uint8], face: Face, mesh: Mesh) -> dict[str, float]:
    """What each of NAMES has; together 1."""
    squares = [_around(face, 1.1), *(mesh.square(f) for f in (0.9, 1.0, 1.1, 1.2))]
    patches = [cut(rgb, s, _SIZE) for s in squares]
    (chances,) = models.load(MODEL)(batch([*patches, *map(mirrored, patches)], MEAN, 255))
    mean = chances.mean(axis=0)
    weighted = _WEIGHTS * [float(mean[list(group)].sum()) for group in _FOLDED]
    return dict(zip(NAMES, map(float, weighted / weighted.sum()), strict=True))


def _around(face: Face, factor: float) -> Square:
    left, top, width, height = (float(v) for v in face.box)
    return Square(left + width / 2, top + height / 2, max(width, height) * factor)

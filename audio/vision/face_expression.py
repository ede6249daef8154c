"""The shape of a face as one of five expressions, from two witnesses.

face-api's network is heard on five squares and their mirror images. The mesh, with the head's pose taken out, says how
lips, lids and brows are held, as the facial action coding system describes expressions (Ekman and Friesen 1978).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audio.vision import gaze, models
from audio.vision.age_gender import MEAN
from audio.vision.face_detection import Face
from audio.vision.face_mesh import Mesh
from audio.vision.patches import Square, batch, cut, mirrored

Floats = NDArray[np.float64]

MODEL = "face_expression"
NAMES = ("neutral", "happiness", "surprise", "anger", "sadness")
# The network's seven: neutral, happy, sad, angry, fearful, disgusted, surprised. Fear looks like surprise to it, and
# disgust like anger.
_FOLDED = ((0,), (1,), (6, 4), (3, 5), (2,))
# Chosen once, not fitted: the network says neutral too readily, surprise and sadness too seldom.
_WEIGHTS = np.array([0.5, 1.0, 2.0, 1.0, 1.3])
_SIZE, _LEAST = 112, 1e-3

# Points of the mesh: the corners of the mouth; the lips at their middle, inside and outside; under the nose; the lids;
# the inner ends of the brows, and what they are above.
_CORNERS, _INNER, _OUTER, _NOSE = (61, 291), (13, 14), (0, 17), 2
_UPPER_LIDS, _LOWER_LIDS = (159, 386), (145, 374)
_BROWS, _BELOW = (55, 107, 285, 336), (133, 133, 362, 362)
# Mean and spread over a development set, in centimetres of the canonical face, of: the open mouth, the open lids, the
# height of the brows and their distance, the corners of the mouth above the lips and above the nose, its width.
_USUAL = np.array([1.200, 0.832, 1.956, 2.686, 0.256, -2.748, 5.545])
_SPREAD = np.array([0.981, 0.287, 0.349, 0.179, 0.295, 0.535, 0.728])
_FARTHEST = 3.0
# What of these speaks for an expression, and what against it. Chosen once by that system, not fitted.
_SPEAKS = np.array(
    [
        [-1, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 1, 1, 1],
        [1, 1, 1, 0, 0, 0, 0],
        [1, 0, -1, -1, 0, 0, 0],
        [-1, 0, 0, 0, -1, 0, -1],
    ],
    np.float64,
)
_SPEAKS /= np.linalg.norm(_SPEAKS, axis=1, keepdims=True)
# Chosen: how much the mesh counts beside the network. Anything from a tenth to one is better than none.
_SHAPE = 0.5


def estimate(rgb: NDArray[np.uint8], face: Face, mesh: Mesh) -> dict[str, float]:
    """What each of NAMES has; together 1."""
    odds = np.log(_WEIGHTS * np.maximum(_heard(rgb, face, mesh), _LEAST)) + _SHAPE * _SPEAKS @ held(mesh)
    shares = np.exp(odds - odds.max())
    return dict(zip(NAMES, map(float, shares / shares.sum()), strict=True))


def held(mesh: Mesh) -> Floats:
    """How the face is held: the seven measures, each as far from what is usual as it is spread."""
    posed = gaze.pose(mesh)
    points = mesh.points.astype(np.float64) * (1, -1, -1) @ posed.rotation / posed.scale
    height = points[:, 1]
    corners = float(height[list(_CORNERS)].mean())
    found = [
        height[_INNER[0]] - height[_INNER[1]],
        (height[list(_UPPER_LIDS)] - height[list(_LOWER_LIDS)]).mean(),
        (height[list(_BROWS)] - height[list(_BELOW)]).mean(),
        np.linalg.norm(points[_BROWS[0]] - points[_BROWS[2]]),
        corners - height[list(_OUTER)].mean(),
        corners - height[_NOSE],
        np.linalg.norm(points[_CORNERS[0]] - points[_CORNERS[1]]),
    ]
    return np.asarray(np.clip((np.array(found) - _USUAL) / _SPREAD, -_FARTHEST, _FARTHEST), np.float64)


def _heard(rgb: NDArray[np.uint8], face: Face, mesh: Mesh) -> Floats:
    """The network's probabilities of NAMES."""
    squares = [_around(face, 1.1), *(mesh.square(f) for f in (0.9, 1.0, 1.1, 1.2))]
    patches = [cut(rgb, s, _SIZE) for s in squares]
    (chances,) = models.load(MODEL)(batch([*patches, *map(mirrored, patches)], MEAN, 255))
    mean = chances.mean(axis=0)
    return np.array([mean[list(group)].sum() for group in _FOLDED], np.float64)


def _around(face: Face, factor: float) -> Square:
    left, top, width, height = (float(v) for v in face.box)
    return Square(left + width / 2, top + height / 2, max(width, height) * factor)

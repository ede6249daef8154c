"""The 478 points of a face, among them the irises: MediaPipe's face mesh, version 2.

Source: Kartynnik et al., "Real-time facial surface geometry from monocular video on mobile GPUs" (2019), and the
model card of the face landmarker. Left and right are those of the picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.vision import models
from audio.vision.face_detection import Face
from audio.vision.patches import Square, batch, cut

Floats = NDArray[np.float32]

MODEL = "face_mesh"
SIZE = 256
# What dlib's templates are for: the corners of the eyes, right one first and outer before inner; under the nose.
FIVE = (263, 362, 33, 133, 2)
LEFT_EYE, RIGHT_EYE = (33, 133), (362, 263)
LEFT_IRIS, RIGHT_IRIS = range(468, 473), range(473, 478)
NOSE = 1
SURFACE = 468
# Chosen on pictures of the detector's boxes: what the mesh was fitted to is lower and narrower than they are.
_SQUARE, _LOWER = 1.26, 0.12
# Chosen on rendered heads: of 1.2, 1.3 and 1.5 the one with the smallest errors of the pose.
_CLOSE = 1.3
_ZERO, _BYTE = np.zeros(3, np.float32), 255.0


@dataclass(frozen=True)
class Mesh:
    """points: 478 x 3, x and y in pixels of the picture, z in the same unit, growing away from the camera.
    presence: the network's probability that there is a face."""

    points: Floats
    presence: float

    @property
    def five(self) -> Floats:
        return self.points[list(FIVE), :2]

    def square(self, factor: float, roll: float = 0.0) -> Square:
        """The square around the surface, turned by `roll` (clockwise); its side is that of the longer one x factor."""
        turn = np.array([[np.cos(roll), np.sin(roll)], [-np.sin(roll), np.cos(roll)]])
        upright = self.points[:SURFACE, :2] @ turn.T
        low, high = upright.min(axis=0), upright.max(axis=0)
        x, y = turn.T @ ((low + high) / 2)
        return Square(float(x), float(y), float((high - low).max()) * factor, roll)


def fit(rgb: NDArray[np.uint8], face: Face) -> Mesh:
    """The mesh on a face that was detected."""
    return _fit(rgb, around(face))


def refit(rgb: NDArray[np.uint8], mesh: Mesh, roll: float) -> Mesh:
    """The mesh once more, in a square that is close around its surface and turned by its roll (clockwise)."""
    return _fit(rgb, mesh.square(_CLOSE, roll))


def _fit(rgb: NDArray[np.uint8], square: Square) -> Mesh:
    points, presence = models.load(MODEL)(batch([cut(rgb, square, SIZE)], _ZERO, _BYTE))
    found = points.reshape(-1, 3)
    matrix = square.matrix(SIZE)
    flat = found[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    depth = found[:, 2:] * (square.side / SIZE)
    return Mesh(np.hstack([flat, depth]).astype(np.float32), float(1 / (1 + np.exp(-presence.item()))))


def around(face: Face) -> Square:
    """The square that the mesh is fitted in: upright on the line of the eyes."""
    line = face.points[1] - face.points[0]
    angle = float(np.arctan2(line[1], line[0]))
    left, top, width, height = (float(v) for v in face.box)
    return Square(left + width / 2, top + height / 2 + _LOWER * height, _SQUARE * height, angle)

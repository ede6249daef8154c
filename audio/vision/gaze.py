"""Where a head is turned, and where its eyes look.

yaw > 0 is towards the right side of the picture, pitch > 0 up, roll > 0 clockwise, as one sees the picture; all in
radians, and 0 towards the camera. Axes here: x right, y up, z to the camera.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from audio.vision import face_mesh
from audio.vision.face_detection import Face
from audio.vision.face_mesh import LEFT_EYE, LEFT_IRIS, NOSE, RIGHT_EYE, RIGHT_IRIS, SURFACE, Mesh

Floats = NDArray[np.float64]

# Centimetres of the canonical face: the eyeball's radius, and how far its middle lies behind that of the corners.
_EYEBALL, _DEEP = 1.2, 0.75


@dataclass(frozen=True)
class Pose:
    """rotation: 3 x 3, from the face's axes to the camera's. scale: pixels a centimetre."""

    rotation: Floats
    scale: float

    @property
    def yaw_pitch_roll(self) -> tuple[float, float, float]:
        """rotation = Y(yaw) X(-pitch) Z(-roll)."""
        r = self.rotation
        pitch = np.arcsin(np.clip(r[1, 2], -1, 1))
        return float(np.arctan2(r[0, 2], r[2, 2])), float(pitch), float(np.arctan2(-r[1, 0], r[1, 1]))


@dataclass(frozen=True)
class Look:
    """Angles in radians; the middles of the eyes and the tip of the nose in pixels, left in the picture first."""

    head: tuple[float, float, float]
    gaze: tuple[float, float]
    eyes: tuple[Floats, Floats]
    nose: Floats


def look(rgb: NDArray[np.uint8], face: Face) -> Look:
    """The head's yaw, pitch and roll, and the yaw and pitch of the gaze, the mean of both eyes."""
    mesh, _ = straightened(rgb, face_mesh.fit(rgb, face))
    return read(mesh)


def read(mesh: Mesh) -> Look:
    """The same of a mesh that is there already."""
    posed = pose(mesh)
    eyes = [_eye(mesh, posed, *parts) for parts in ((LEFT_EYE, LEFT_IRIS), (RIGHT_EYE, RIGHT_IRIS))]
    towards = eyes[0] + eyes[1]
    yaw, pitch = np.arctan2(towards[0], towards[2]), np.arctan2(towards[1], np.hypot(towards[0], towards[2]))
    middles = [mesh.points[list(iris), :2].mean(axis=0).astype(np.float64) for iris in (LEFT_IRIS, RIGHT_IRIS)]
    nose = mesh.points[NOSE, :2].astype(np.float64)
    return Look(posed.yaw_pitch_roll, (float(yaw), float(pitch)), (middles[0], middles[1]), nose)


def straightened(rgb: NDArray[np.uint8], mesh: Mesh) -> tuple[Mesh, float]:
    """The mesh once more, in a square that is turned by the head's roll; and that roll."""
    roll = pose(mesh).yaw_pitch_roll[2]
    return face_mesh.refit(rgb, mesh, roll), roll


def pose(mesh: Mesh) -> Pose:
    """The rotation and scale that lay the canonical face on the mesh best (weighted Procrustes)."""
    shape, weights = _canonical()
    points = mesh.points[:SURFACE].astype(np.float64) * (1, -1, -1)
    total = weights.sum()
    source = shape - weights @ shape / total
    target = points - weights @ points / total
    u, s, vt = np.linalg.svd(target.T @ (source * weights[:, None]))
    flip = np.array([1, 1, np.sign(np.linalg.det(u @ vt))])
    scale = float((s * flip).sum() / (weights @ (source**2).sum(axis=1)))
    return Pose(u @ (flip[:, None] * vt), max(scale, 1e-6))


def _eye(mesh: Mesh, posed: Pose, corners: tuple[int, int], iris: range) -> Floats:
    """Where an eye looks: from the middle of its ball to its iris, as a unit vector."""
    middle = mesh.points[list(corners)].astype(np.float64).mean(axis=0) * (1, -1, -1)
    ball = middle - posed.rotation[:, 2] * (_DEEP * posed.scale)
    seen = mesh.points[list(iris), :2].astype(np.float64).mean(axis=0) * (1, -1)
    aside = (seen - ball[:2]) / (_EYEBALL * posed.scale)
    length = np.linalg.norm(aside)
    aside *= min(1.0, 0.95 / length) if length > 0 else 1
    return np.array([*aside, np.sqrt(1 - aside @ aside)])


@cache
def _canonical() -> tuple[Floats, Floats]:
    with files("audio.vision.data").joinpath("face_shape.npz").open("rb") as stream, np.load(stream) as data:
        return data["points"].astype(np.float64), data["weights"].astype(np.float64)

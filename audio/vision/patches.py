"""Pictures made smaller, and squares cut out of them, turned and scaled: what networks of faces are fed with."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Square:
    """A square in a picture: its centre and its side in pixels; turned clockwise, as one sees the picture."""

    x: float
    y: float
    side: float
    angle: float = 0.0

    def matrix(self, size: int) -> Floats:
        """2 x 3: from points of a patch of size x size to points of the picture."""
        scale = max(self.side, 1e-3) / size
        cos, sin = scale * np.cos(self.angle), scale * np.sin(self.angle)
        turn = np.array([[cos, -sin], [sin, cos]])
        origin = np.array([self.x, self.y]) - turn @ np.array([size / 2, size / 2])
        return np.column_stack([turn, origin]).astype(np.float32)


def reduced(pixels: Pixels, longest: int) -> tuple[Pixels, float]:
    """The picture with a longest side of so many pixels at most, and by what it was scaled."""
    scale = min(1.0, longest / max(pixels.shape[:2]))
    if scale == 1.0:
        return pixels, scale
    size = [max(1, round(n * scale)) for n in pixels.shape[1::-1]]
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8), scale


def cut(rgb: Pixels, square: Square, size: int) -> Pixels:
    """The square as size x size x 3. What lies outside the picture is black."""
    matrix = square.matrix(size)
    half = 0.75 * square.side + 2  # holds the square however it is turned
    left, top = (max(0, int(c - half)) for c in (square.x, square.y))
    right, bottom = (int(np.clip(c + half, 1, n)) for c, n in zip((square.x, square.y), rgb.shape[1::-1], strict=True))
    region = rgb[top:bottom, left:right]
    if region.size == 0:
        return np.zeros((size, size, 3), np.uint8)
    shrink = np.ones(2)
    if square.side >= 2 * size:  # bilinear sampling alone would see a part of the pixels
        wanted = [max(1, round(n * size / square.side)) for n in region.shape[1::-1]]
        shrink = np.array(wanted) / region.shape[1::-1]
        region = np.asarray(cv2.resize(region, wanted, interpolation=cv2.INTER_AREA), np.uint8)
    matrix[:, 2] -= (left, top)
    matrix *= shrink[:, None]
    matrix[:, 2] += matrix[:, :2].sum(axis=1) / 2 - 0.5  # a pixel's value is that of its middle
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(region, matrix, (size, size), flags=flags), np.uint8)


def fitted(points: Floats, template: Floats, size: int) -> Square:
    """The square whose patch of size x size has the points where the template (n x 2, in pixels) wants them.

    A similarity transform, by least squares. Points that coincide give a square of one pixel.
    """
    source, target = (p[:, 0] + 1j * p[:, 1] for p in (points.astype(float), template.astype(float)))
    centred, wanted = source - source.mean(), target - target.mean()
    spread = float(np.sum(np.abs(centred) ** 2))
    turn = np.sum(np.conj(centred) * wanted) / spread if spread > 0 else 0
    if abs(turn) < 1e-6:
        return Square(float(source.mean().real), float(source.mean().imag), 1.0)
    centre = source.mean() + (size / 2 * (1 + 1j) - target.mean()) / turn
    return Square(float(centre.real), float(centre.imag), size / abs(turn), float(-np.angle(turn)))


def lay(rgb: Pixels, planes: Floats, mean: Floats, scale: Floats | float) -> None:
    """(RGB less the mean) / scale as planes, 3 x rows x columns, of the size of the pixels. Planes that are turned
    round, [::-1], have blue first."""
    for colour, plane in enumerate(planes):
        np.subtract(rgb[:, :, colour], mean[colour], out=plane, dtype=np.float32)
        if np.ndim(scale) or scale != 1:
            plane /= np.broadcast_to(np.float32(scale), 3)[colour]


def batch(patches: list[Pixels], mean: Floats, scale: float) -> Floats:
    """n x 3 x size x size: (RGB less the mean) / scale."""
    laid = np.empty((len(patches), 3, *patches[0].shape[:2]), np.float32)
    for patch, planes in zip(patches, laid, strict=True):
        lay(patch, planes, mean, scale)
    return laid


def mirrored(patch: Pixels) -> Pixels:
    return patch[:, ::-1]

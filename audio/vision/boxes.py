"""Boxes as rows of left, top, width, height."""

from __future__ import annotations

from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Real = TypeVar("Real", np.float32, np.float64)


def iou(a: Floats, b: Floats) -> Floats:
    """Intersection over union of each of n boxes with each of m: n x m, 0 where they do not meet."""
    both = shared(a, b)
    union = np.prod(a[:, 2:], axis=1)[:, None] + np.prod(b[:, 2:], axis=1)[None] - both
    return np.asarray(both / np.maximum(union, 1e-9), np.float32)


def shared(a: NDArray[Real], b: NDArray[Real]) -> NDArray[Real]:
    """The area that each of n boxes has in common with each of m: n x m."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, :2] + a[:, None, 2:], b[None, :, :2] + b[None, :, 2:])
    return np.asarray(np.prod(np.maximum(high - low, 0), axis=2))


def suppress(boxes: Floats, overlap: float) -> list[int]:
    """Non-maximum suppression: of boxes, the best first, the rows that overlap none before them by more."""
    if not len(boxes):
        return []
    worth = np.arange(len(boxes), 0, -1, dtype=np.float32)
    return [int(row) for row in cv2.dnn.NMSBoxes(boxes.astype(np.float64), worth, 0, overlap)]  # type: ignore[arg-type]


def clipped(box: Floats, width: int, height: int) -> list[int]:
    """The box in whole pixels inside a picture, at least one pixel large."""
    left, top = (int(np.clip(round(float(v)), 0, n - 1)) for v, n in zip(box[:2], (width, height), strict=True))
    right, bottom = (
        int(np.clip(round(float(v)), 1, n)) for v, n in zip(box[:2] + box[2:], (width, height), strict=True)
    )
    return [left, top, max(1, right - left), max(1, bottom - top)]

"""Where the corners of a small thing were in the earlier picture: blocks that are sought and vote.

What moves by its own width between two pictures is lost in the coarse levels of a pyramid, which see the background.
Here each corner's block is compared with every place in reach, and the displacement that most of them find is the start
from which all are followed at the finest level, there and back again.

Source: J. R. Jain and A. K. Jain, "Displacement measurement and its application in interframe image coding", IEEE
Transactions on Communications, 1981; J. P. Lewis, "Fast normalized cross-correlation", 1995.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

# Blocks of 9 x 9 pixels, up to 28 pixels away. All are chosen: on made scenes, those that lost small things least and
# told nothing where the camera shakes.
_BLOCK, _REACH = 4, 28
_BLOCKS, _BETTER = 24, 0.5
_VOTES, _SHARE, _AGREE = 4, 0.2, 2.0
_WINDOW, _STRAYS, _RETURNS = (11, 11), 3.0, 1.0
_STANDS = 2.0


def matched(now: Pixels, before: Pixels, points: Floats, camera: Floats) -> tuple[Floats, Floats] | None:
    """Those of a small thing's corners that move as one, and where they were; n x 2 each, None where no such are found.

    points: n x 2 of the later picture, the strongest first. camera: x, y by which everything moved since the earlier.
    """
    if len(points) < _VOTES:
        return None
    margin = _REACH + _BLOCK
    left, top = np.maximum(0, points.min(axis=0).astype(int) - margin)
    right, bottom = points.max(axis=0).astype(int) + margin + 1
    now, before = now[top:bottom, left:right], before[top:bottom, left:right]
    corner = np.array([left, top], np.float32)
    points = points - corner
    displacement = _voted(_displacements(now, before, points[:_BLOCKS], camera), len(points[:_BLOCKS]))
    if displacement is None or np.hypot(*(displacement + camera)) < _STANDS:
        return None
    at, there = followed(now, before, points, displacement)
    return at + corner, there + corner


def followed(now: Pixels, before: Pixels, points: Floats, displacement: Floats) -> tuple[Floats, Floats]:
    """Those of the points that are found at nearly that displacement in the earlier picture, and back again, and where
    they are there; n x 2 each."""
    if not len(points):
        return points, points
    follow: Any = cv2.calcOpticalFlowPyrLK
    how = {"winSize": _WINDOW, "maxLevel": 0, "flags": cv2.OPTFLOW_USE_INITIAL_FLOW}
    start = points + displacement
    there, found, _ = follow(now, before, points, start.copy(), **how)
    back, again, _ = follow(before, now, there, there - displacement, **how)
    kept = (found.ravel() > 0) & (again.ravel() > 0)
    kept &= (np.hypot(*(back - points).T) < _RETURNS) & (np.hypot(*(there - start).T) < _STRAYS)
    return points[kept], there[kept]


def _displacements(now: Pixels, before: Pixels, points: Floats, camera: Floats) -> Floats:
    """From each corner to where its block is found best; without those that stand still nearly as well."""
    pad = _REACH + _BLOCK
    now, before = np.pad(now, pad), np.pad(before, pad)
    column, row = np.clip(_REACH - np.round(camera).astype(int), 2, 2 * _REACH - 2)
    found = []
    for x, y in np.round(points).astype(int):
        block = now[y + _REACH : y + pad + _BLOCK + 1, x + _REACH : x + pad + _BLOCK + 1]
        around = before[y : y + 2 * pad + 1, x : x + 2 * pad + 1]
        alike = cv2.matchTemplate(around, block, cv2.TM_CCOEFF_NORMED)
        _, best, _, at = cv2.minMaxLoc(alike)
        if 1 - best < _BETTER * (1 - alike[row - 2 : row + 3, column - 2 : column + 3].max()):
            found.append([at[0] - _REACH, at[1] - _REACH])
    return np.array(found, np.float32).reshape(-1, 2)


def _voted(displacements: Floats, blocks: int) -> Floats | None:
    """The one that most agree on, of so many blocks; None where too few do."""
    if not len(displacements):
        return None
    agree = np.linalg.norm(displacements[:, None] - displacements[None], axis=2) < _AGREE
    most = agree[agree.sum(axis=1).argmax()]
    if most.sum() < max(_VOTES, _SHARE * blocks):
        return None
    return np.asarray(np.median(displacements[most], axis=0), np.float32)

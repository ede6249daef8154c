"""Where faces are: RetinaFace on MobileNet, with five points a face.

Source: Deng et al., "RetinaFace: Single-stage dense face localisation in the wild" (2019); the network is that of
Pytorch_Retinaface, whose anchors and variances are below.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from audio.vision import models
from audio.vision.boxes import iou, suppress
from audio.vision.patches import lay, reduced

Floats = NDArray[np.float32]

MODEL = "face_detection"
# Chosen: a picture is seen at its own size up to that of a photograph of a class, whose smallest faces have 40 px.
# Smaller pictures are never enlarged, as that makes false faces (measured: in a third of faceless pictures at 1280 px).
LONGEST_SIDE = 1600
_MEAN = np.array([123, 117, 104], np.float32)
_STRIDES = ((8, (16, 32)), (16, (64, 128)), (32, (256, 512)))
_CENTRE, _SIZE = 0.1, 0.2
_OVERLAP = 0.4
# Chosen: boxes that overlap the best one by this and have this score are averaged with it, each by its score and
# overlap. On a development set that lifts the average precision from 95.1 to 96.2, and costs nothing.
_ALIKE, _HEARD = 0.5, 0.1
_MULTIPLE = 32
_MOST = 1000


@dataclass(frozen=True)
class Face:
    """box: left, top, width, height. points: the eyes, the nose, the corners of the mouth, left in the picture first;
    5 x 2. score: the network's, which is no probability."""

    box: Floats
    points: Floats
    score: float


def detect(rgb: NDArray[np.uint8], least: float) -> list[Face]:
    """Faces with a score of `least` or more, the best first; none in a picture without one."""
    seen, scale = reduced(rgb, LONGEST_SIDE)
    rows, columns = (-(-n // _MULTIPLE) * _MULTIPLE for n in seen.shape[:2])
    with models.canvas(1, 3, rows, columns) as canvas:
        canvas[:, :, seen.shape[0] :] = canvas[:, :, :, seen.shape[1] :] = 0
        lay(seen, canvas[0, ::-1, : seen.shape[0], : seen.shape[1]], _MEAN, 1)  # it knows blue first
        boxes, scores, points = models.load(MODEL)(canvas)
    heard = np.flatnonzero(scores[0] >= min(least, _HEARD))
    heard = heard[np.argsort(-scores[0, heard], kind="stable")][:_MOST]
    sure, anchors = scores[0, heard], _anchors(rows, columns)[heard]
    decoded = _boxes(boxes[0, heard], anchors) / scale
    corners = (anchors[:, None, :2] + points[0, heard].reshape(-1, 5, 2) * _CENTRE * anchors[:, None, 2:]) / scale
    kept = [k for k in suppress(decoded, _OVERLAP) if sure[k] >= least]
    overlap = iou(decoded[kept], decoded)
    weights = np.where(overlap >= _ALIKE, overlap * sure, 0)
    weights /= weights.sum(axis=1, keepdims=True)
    voted, spots = weights @ decoded, np.einsum("kn,nij->kij", weights, corners)
    return [Face(voted[i], spots[i], float(sure[k])) for i, k in enumerate(kept)]


def _boxes(values: Floats, anchors: Floats) -> Floats:
    centres = anchors[:, :2] + values[:, :2] * _CENTRE * anchors[:, 2:]
    sizes = anchors[:, 2:] * np.exp(np.minimum(values[:, 2:] * _SIZE, 8))
    return np.concatenate([centres - sizes / 2, sizes], axis=1)


@lru_cache(maxsize=32)
def _anchors(rows: int, columns: int) -> Floats:
    """Centre and size of every anchor, in the order of the network's rows."""
    levels = []
    for stride, sizes in _STRIDES:
        y, x = np.mgrid[0 : rows // stride, 0 : columns // stride]
        centres = (np.stack([x, y], axis=-1).reshape(-1, 1, 2) + 0.5) * stride
        shape = np.repeat(np.array(sizes, np.float32)[None, :, None], 2, axis=2)
        both = np.concatenate(np.broadcast_arrays(centres, shape), axis=2)
        levels.append(both.reshape(-1, 4))
    return np.concatenate(levels).astype(np.float32)

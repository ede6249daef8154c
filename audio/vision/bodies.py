"""Where people are: NanoDet-g, which sees them whole, from any side.

A picture is seen at one or more sizes; boxes of several looks at it are fused: those that overlap become one, at their
mean, weighed by score. Who is seen in one look alone counts less.

Source: the network is NanoDet-g of github.com/RangiLyu/nanodet, whose boxes are distances as distributions (Li et al.,
"Generalized focal loss", 2020); the fusion is that of R. Solovyev et al., "Weighted boxes fusion", 2021, simplified.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from audio.vision import models
from audio.vision.boxes import iou, suppress
from audio.vision.patches import lay, mirrored

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]

MODEL = "bodies"
_MEAN = np.array([123.675, 116.28, 103.53], np.float32)
_SCALE = np.array([58.395, 57.12, 57.375], np.float32)
_GREY = 114
_STRIDES = (8, 16, 32)
_BINS = np.arange(11, dtype=np.float32)
_MULTIPLE = 32
_LEAST = 0.05
_MOST = 300
_OVERLAP = 0.55
_ALONE = 0.6
# Logistic regression of what was right on those pictures, in colour and in grey.
_SLOPE, _SHIFT = 2.99, 0.79


@dataclass(frozen=True)
class Look:
    """One look at a picture. side: its longest side, in pixels. mirrored: left and right change places."""

    side: int
    mirrored: bool = False


@dataclass(frozen=True)
class Bodies:
    """boxes: n x 4, left, top, width, height of the whole visible person. scores: n, falling, 0 to 1."""

    boxes: Floats
    scores: Floats

    def only(self, rows: NDArray[np.generic] | list[int]) -> Bodies:
        return Bodies(self.boxes[rows], self.scores[rows])


# AP of upper bodies at IoU .5 on 91 COCO pictures, and on the same in grey: .78 and .73; .83 and .79.
ONE = (Look(416),)
TWO = (Look(416), Look(512))


def upper(box: Sequence[float]) -> list[float]:
    """The upper body of a whole one: all of it where it is not tall, as of who sits or is cut off; else the upper half,
    or 1.3 times its width where that is more."""
    left, top, width, height = box
    return [left, top, width, height if height <= 1.3 * width else max(1.3 * width, height / 2)]


def chance(scores: Floats) -> Floats:
    """The probability that there is a person, from scores of TWO."""
    odds = _SLOPE * np.log(np.clip(scores, 1e-6, 1 - 1e-6) / (1 - np.clip(scores, 1e-6, 1 - 1e-6))) + _SHIFT
    return np.asarray(1 / (1 + np.exp(-odds)), np.float32)


def detect(rgb: Pixels, looks: Sequence[Look] = ONE) -> Bodies:
    """People with a score of at least 0.05, the best first."""
    return fuse([_seen(rgb, look) for look in looks])


def fuse(found: Sequence[Bodies]) -> Bodies:
    """What several looks found, as one."""
    if len(found) == 1:
        return found[0]
    boxes, scores = (np.concatenate([getattr(f, name) for f in found]) for name in ("boxes", "scores"))
    source = np.repeat(np.arange(len(found)), [len(f.scores) for f in found])
    order = np.argsort(-scores, kind="stable")
    boxes, scores, source = boxes[order], scores[order], source[order]
    fused, left = [], np.ones(len(boxes), bool)
    overlap = (iou(boxes, boxes) > _OVERLAP) | np.eye(len(boxes), dtype=bool)
    for first in range(len(boxes)):
        if left[first]:
            group = np.flatnonzero(left & overlap[first])
            left[group] = False
            mean = scores[group] @ boxes[group] / scores[group].sum()
            fused.append((mean, scores[first] * (1 if np.ptp(source[group]) else _ALONE)))
    merged = np.array([f[0] for f in fused], np.float32).reshape(-1, 4)
    worth = np.array([f[1] for f in fused], np.float32)
    return Bodies(merged, worth).only(np.argsort(-worth, kind="stable"))


def _seen(rgb: Pixels, look: Look) -> Bodies:
    scale = look.side / max(rgb.shape[:2])
    width, height = (max(1, round(n * scale)) for n in rgb.shape[1::-1])
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = np.asarray(cv2.resize(rgb, (width, height), interpolation=how), np.uint8)
    rows, columns = (-(-n // _MULTIPLE) * _MULTIPLE for n in (height, width))
    framed = np.full((rows, columns, 3), _GREY, np.uint8)
    framed[:height, :width] = mirrored(small) if look.mirrored else small
    with models.canvas(1, 3, rows, columns) as canvas:
        lay(framed, canvas[0, ::-1], _MEAN, _SCALE)  # it was trained with blue first
        found = _decoded(models.load(MODEL)(canvas), rows, columns)
    if look.mirrored:
        found.boxes[:, 0] = width - found.boxes[:, 0] - found.boxes[:, 2]
    found.boxes[:] /= np.array([width, height, width, height], np.float32) / np.tile(rgb.shape[1::-1], 2)
    return found


def _decoded(heads: list[Floats], rows: int, columns: int) -> Bodies:
    boxes, scores = [], []
    for head, stride in zip(heads, _STRIDES, strict=True):
        logits = head[0, :, 0]
        likely = np.flatnonzero(logits > np.log(_LEAST / (1 - _LEAST)))
        bins = head[0, likely, 1:].reshape(-1, 4, len(_BINS))
        odds = np.exp(bins - bins.max(axis=2, keepdims=True))
        sides = (odds @ _BINS) / odds.sum(axis=2) * stride
        centres = _centres(-(-rows // stride), -(-columns // stride), stride)[likely]
        boxes.append(np.hstack([centres - sides[:, :2], sides[:, :2] + sides[:, 2:]]))
        scores.append(1 / (1 + np.exp(-logits[likely])))
    all_boxes, all_scores = np.concatenate(boxes).astype(np.float32), np.concatenate(scores).astype(np.float32)
    best = np.argsort(-all_scores, kind="stable")[:_MOST]
    kept = best[suppress(all_boxes[best], _OVERLAP)]
    return Bodies(all_boxes[kept], all_scores[kept])


@lru_cache(maxsize=32)
def _centres(rows: int, columns: int, stride: int) -> Floats:
    y, x = np.mgrid[0:rows, 0:columns]
    return ((np.stack([x, y], axis=-1).reshape(-1, 2) + 0.5) * stride).astype(np.float32)

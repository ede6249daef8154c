"""The bodies and the faces of one picture of a scene, brought together and followed from the picture before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from audio.image import Image
from audio.services import scene_faces
from audio.services.scene_faces import Seen

if TYPE_CHECKING:
    from audio.vision.tracker import Limits, Tracks

Floats = NDArray[np.float64]

# A body for a face without one, in sizes of the face: width, height, how far it begins over the face. Chosen.
_WIDE, _TALL, _OVER = 2.6, 6.5, 0.25
_FACE_ALONE = 0.6
# Scores of bodies: from which on one is one, and is somebody where it moves for long enough. Fitted to staged walks.
LEAST_BODY, LEAST_ALONE = 0.15, 0.2
_LEVELS = 4
COLOURS = _LEVELS**3


def followed(image: Image, tracks: Tracks, since: float, limits: Limits) -> tuple[Tracks, dict[int, Seen]]:
    """The tracks after a look at the picture, and the face that was seen of some of them, by row."""
    from audio.vision import bodies, tracker

    found = bodies.detect(image.rgb)
    found = found.only(found.scores >= LEAST_BODY)
    boxes, scores = found.boxes.astype(np.float64), found.scores.astype(np.float64)
    limit = np.array([image.width, image.height, image.width, image.height], np.float64)
    corners = np.clip(np.hstack([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]]), 0, limit)
    boxes = np.hstack([corners[:, :2], np.maximum(corners[:, 2:] - corners[:, :2], 1)])
    faces = scene_faces.see(image)
    sure = boxes[scores >= limits.sure]
    bare = [f for f in faces if not any(_holds(box, f) for box in sure)]
    boxes = np.vstack([boxes, *[_body_of(f, image)[None] for f in bare]])
    scores = np.concatenate([scores, np.full(len(bare), _FACE_ALONE)])
    looks = np.array([_colours(image, box) for box in boxes]).reshape(-1, COLOURS)
    tracks, got = tracker.update(tracks, boxes, scores, since, limits, looks)
    return tracks, _owned(tracks.boxes, got >= 0, faces)


def _holds(box: Floats, seen: Seen) -> bool:
    """Whether a face lies where that of a body can be: in its upper part."""
    x, y = seen.face.box[0] + seen.face.box[2] / 2, seen.face.box[1] + seen.face.box[3] / 2
    return bool(box[0] <= x <= box[0] + box[2] and box[1] - 0.1 * box[3] <= y <= box[1] + 0.5 * box[3])


def _owned(boxes: Floats, there: NDArray[np.bool_], faces: list[Seen]) -> dict[int, Seen]:
    """Each face is that of the body in whose upper middle it is; a body has one."""
    pairs = []
    for seen in faces:
        left, top, width, _ = (float(v) for v in seen.face.box)
        for k in np.flatnonzero(there).tolist():
            if _holds(boxes[k], seen):
                aside = abs(left + width / 2 - boxes[k, 0] - boxes[k, 2] / 2) / boxes[k, 2]
                pairs.append((aside + abs(top - boxes[k, 1]) / boxes[k, 3], k, id(seen), seen))
    owned: dict[int, Seen] = {}
    given: set[int] = set()
    for _, k, name, seen in sorted(pairs, key=lambda pair: pair[0]):
        if k not in owned and name not in given:
            owned[k] = seen
            given.add(name)
    return owned


def _body_of(seen: Seen, image: Image) -> Floats:
    left, top, width, height = (float(v) for v in seen.face.box)
    x0, y0 = max(0.0, left + width / 2 * (1 - _WIDE)), max(0.0, top - _OVER * height)
    x1, y1 = min(image.width, left + width / 2 * (1 + _WIDE)), min(image.height, top + (_TALL - _OVER) * height)
    return np.array([x0, y0, max(x1 - x0, 1), max(y1 - y0, 1)])


def _colours(image: Image, box: Floats) -> Floats:
    """A histogram of the colours of the chest; of a grey picture, of its greys."""
    left, top, width, height = box
    x0, x1 = int(left + 0.25 * width), int(left + 0.75 * width) + 1
    y0, y1 = int(top + 0.15 * height), int(top + 0.5 * height) + 1
    chest = image.rgb[max(y0, 0) : y1, max(x0, 0) : x1].reshape(-1, 3).astype(np.int64) // (256 // _LEVELS)
    bins = (chest[:, 0] * _LEVELS + chest[:, 1]) * _LEVELS + chest[:, 2]
    counts = np.bincount(bins, minlength=COLOURS).astype(np.float64)
    return np.asarray(counts / max(counts.sum(), 1), np.float64)

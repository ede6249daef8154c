"""`audio serve` whose cameras see the visitors of a list, as a perfect detector and tracker would.

    python -m benchmarks.busy_shop.eyes VISITS CAMERAS SEED --port 0 ...

Models alone are replaced: what is made of what they see, the session, the transaction and all else is the gateway's.
A picture says in its first pixels which frame it is, and of which camera.
"""

from __future__ import annotations

import math
import sys
from typing import Any, cast

import cv2
import numpy as np

from audio import cli
from audio.image import Image
from audio.services import scene_analysis, scene_faces
from audio.services.scene_faces import Seen
from audio.services.scene_people import COLOURS
from audio.vision import age_gender
from audio.vision.age_gender import Guess
from audio.vision.face_detection import Face
from audio.vision.face_mesh import Mesh
from audio.vision.tracker import Tracks
from benchmarks.busy_shop.visitors import Visitor, by_frame, draw

WIDTH, HEIGHT = 640, 360
_FACE, _SMALL = 30.0, 20.0  # px: a face that is read, and one that is not
# People walk in a circle: 6 face sizes a second, and never still, however long.
_RADIUS, _SPEED = 120.0, 1.5
_AWAY = 1.0  # rad
_SURE = 8.0  # log odds of a gender


def picture(camera: int, frame: int) -> bytes:
    """The picture of a frame."""
    pixels = np.full((HEIGHT, WIDTH), 110, np.uint8)
    pixels[0, :5] = [*frame.to_bytes(4, "big"), camera]
    return bytes(cv2.imencode(".png", pixels, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1])


class Eyes:
    """What is seen of these visitors."""

    def __init__(self, visitors: list[Visitor]) -> None:
        self._visitors = visitors
        self._present: dict[tuple[int, int], list[int]] = {}
        for frame, numbers in by_frame(visitors):
            for number in numbers:
                self._present.setdefault((visitors[number].camera, frame), []).append(number)

    def followed(self, image: Image, tracks: Tracks, _since: float, _limits: object) -> tuple[Tracks, dict[int, Seen]]:
        """In place of `scene_people.followed`."""
        first = image.pixels[0, :5].tolist()
        camera, frame = first[4], int.from_bytes(bytes(first[:4]), "big")
        numbers = self._present.get((camera, frame), [])
        them = [self._visitors[number] for number in numbers]
        centre = np.array([_place(one, frame) for one in them]).reshape(-1, 2)
        count = len(them)
        after = Tracks(
            following=tracks.following,
            identity=np.array(numbers, np.int64),
            centre=centre,
            velocity=np.zeros((count, 2)),
            size=np.tile([70.0, 7 * _FACE], (count, 1)),
            hits=np.full(count, 9),
            lost=np.zeros(count),
            score=np.full(count, 0.9),
            best=np.full(count, 0.9),
            start=centre,
            somebody=np.ones(count, bool),
            looks=np.zeros((count, COLOURS)),
        )
        return after, {k: _seen(one, frame) for k, one in enumerate(them) if one.looks}


def _place(one: Visitor, frame: int) -> tuple[float, float]:
    angle = one.walked(frame) * _SPEED
    return WIDTH / 2 + _RADIUS * math.cos(angle), HEIGHT / 2 + _RADIUS * math.sin(angle)


def _seen(one: Visitor, frame: int) -> Seen:
    size = _SMALL if one.age is None else _FACE
    left, top = (round(v - size / 2) for v in _place(one, frame))
    yaw = 0.0 if one.looking(frame) else _AWAY
    fields = {
        "face_roi": [left, top, int(size), int(size)],
        "face_roi_confidence": 0.9,
        "face_confidence": 0.9,
        "head": [yaw, 0.0, 0.0],
        "head_confidence": 0.9,
        "gaze": [yaw, 0.0],
        "gaze_confidence": 0.9,
    }
    box = np.array([left, top, size, size], np.float32)
    face = Face(box, 0.9, np.zeros((5, 2), np.float32))
    return Seen(face, cast(Mesh, one), fields)  # what is read of the face is read of the visitor


def _expression(_image: Image, seen: Seen) -> dict[str, Any]:
    return {"emotion_happiness": cast(Visitor, seen.mesh).happiness, "emotion_confidence": 0.9}


def _guess(_rgb: object, mesh: object) -> Guess:
    one = cast(Visitor, mesh)
    assert one.age is not None
    over = max(0.0, one.age - age_gender._OLD)
    looks = one.age - over + over / (1 + age_gender._STRETCH)
    return Guess(looks, {"male": _SURE, "female": -_SURE, None: 0.0}[one.gender])


def see(visitors: list[Visitor]) -> None:
    """Let scene_analysis, in this process and those that it forks, see these and nobody else."""
    scene_analysis.followed = Eyes(visitors).followed  # type: ignore[assignment]
    scene_faces.expression = _expression
    age_gender.guess = _guess  # type: ignore[assignment]


if __name__ == "__main__":
    see(draw(*map(int, sys.argv[1:4])))
    sys.exit(cli.main(["serve", *sys.argv[4:]]))

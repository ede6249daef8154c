"""What the services of faces share: they find them, follow them through a session, and say something of each.

Goal: one contract for the five. A face's roi is [left, top, width, height] in whole pixels inside the picture. Without
a session each picture stands alone. In one a face is told once it was found in four pictures, so that what is a face
for a moment is none; pictures are its clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from audio.dsp.plain import pack, unpack
from audio.image import Image, turn
from audio.services.base import Output, Service, State
from audio.services.fields import probability, roi, size
from audio.services.inputs import Schema, picture

if TYPE_CHECKING:
    from audio.vision.face_detection import Face

# The detector's score from which a face is one. On a development set 97 % of 213 faces are found so, and a false one in
# 5 of 61 pictures without a face; at .6 in 2 of them, but small faces are lost first; at .8 94 % are found.
LEAST_SCORE = 0.5

# In a session, who is known is known again from this score on.
_LEAST_KNOWN = 0.3
# Seconds that a picture takes the tracker: chosen, as clients send them as fast as they can. One picture without it is
# forgiven to a face that is not told yet, half a second to one that is.
_STEP = 0.1

Numbers = NDArray[np.float64]
Measure = Callable[[Any, "Face"], Sequence[float]]
Describe = Callable[[Any, Numbers], dict[str, Any]]


@dataclass(frozen=True)
class Inputs:
    image: Image = picture(about="The picture to look at.")


ROI: dict[str, Schema] = {"roi": roi("face"), "roi_confidence": probability("The probability that there is a face.")}


def service(
    *,
    name: str,
    description: str,
    measure: Measure,
    describe: Describe,
    averaged: bool,
    fields: Mapping[str, Schema],
    example: Mapping[str, Any],
    models: Sequence[str],
    inputs: type[Any] = Inputs,
    given: Mapping[str, Any] | None = None,
) -> Service:
    """The service that says `fields` of each face: `measure` makes numbers of it, `describe` makes fields of them.

    averaged: whether in a session the numbers are averaged over the pictures, as what they tell of a person stays.
    example: those fields. given: the inputs of the example beside the picture. models: what `measure` uses.
    """

    def compute(asked: Any, state: State | None) -> tuple[Output, State | None]:
        with turn(asked.image):
            return look(asked, state)

    def look(asked: Any, state: State | None) -> tuple[Output, State | None]:
        from audio.vision import face_detection

        found = face_detection.detect(asked.image.rgb, LEAST_SCORE if state is None else _LEAST_KNOWN)
        measured = [np.asarray(measure(asked, face), np.float64) for face in found]
        if state is not None:
            found, measured, state = _followed(found, measured, state, averaged)
        faces = [
            {**_roi(asked.image, face), **describe(asked, numbers)}
            for face, numbers in zip(found, measured, strict=True)
        ]
        return {"input_size": asked.image.size, "nb_faces": len(faces), "faces": faces}, state

    def prepare() -> None:
        from audio.vision import face_detection
        from audio.vision import models as networks

        for model in (face_detection.MODEL, *models):
            networks.load(model)

    shown = {"roi": [345, 223, 34, 54], "roi_confidence": 0.89, **example}
    return Service(
        name=name,
        version=1,
        description=description,
        inputs=inputs,
        outputs={
            "input_size": size(),
            "nb_faces": {"type": "integer", "minimum": 0, "description": "How many faces there are."},
            "faces": {
                "type": "array",
                "description": "The faces, the surest first.",
                "items": {"type": "object", "properties": {**ROI, **fields}, "required": [*ROI, *fields]},
            },
        },
        compute=compute,
        example=(
            {"image": "attachment://image.jpg", **(given or {})},
            {"input_size": [640, 480], "nb_faces": 1, "faces": [shown]},
        ),
        requires=("cv2", "onnxruntime", "scipy"),
        extra="vision",
        prepare=prepare,
    )


def _followed(
    found: list[Face], measured: list[Numbers], state: State, averaged: bool
) -> tuple[list[Face], list[Numbers], State]:
    """Of the faces of a picture those that are known by now, with their numbers; and the state after it."""
    from audio.vision import tracker

    width = len(measured[0]) if measured and averaged else state.get("width", 0)
    tracks = unpack(tracker.Tracks, state["tracks"]) if state.get("width") == width else tracker.Tracks.none(width)
    limits = tracker.Limits(sure=LEAST_SCORE, weak=_LEAST_KNOWN, confirm=4, keep=0.5, tentative=1.5 * _STEP)
    boxes = np.array([face.box for face in found], np.float64).reshape(-1, 4)
    scores = np.array([face.score for face in found], np.float64)
    looks = np.array(measured, np.float64).reshape(len(found), width) if averaged else None
    tracks, got = tracker.update(tracks, boxes, scores, _STEP, limits, looks)
    told = sorted(
        (int(got[row]), row) for row in np.flatnonzero((got >= 0) & (tracks.hits >= limits.confirm))
    )  # the surest first, as they were found
    faces = [found[index] for index, _ in told]
    numbers = [tracks.looks[row] if averaged else measured[index] for index, row in told]
    return faces, numbers, {"tracks": pack(tracks), "width": width}


def _roi(image: Image, face: Face) -> dict[str, Any]:
    from audio.vision.boxes import clipped

    return {"roi": clipped(face.box, image.width, image.height), "roi_confidence": round(face.score, 4)}

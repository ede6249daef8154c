"""What the services of faces share: they find them, and say something of each.

Goal: one contract for the five. A face's roi is [left, top, width, height] in whole pixels inside the picture.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audio.image import Image
from audio.services.base import Output, Service, State
from audio.services.inputs import Schema, picture

if TYPE_CHECKING:
    from audio.vision.face_detection import Face

# The detector's score from which a face is one. On a development set 97 % of 213 faces are found so, and a false one in
# 5 of 61 pictures without a face; at .6 in 2 of them, but small faces are lost first; at .8 94 % are found.
LEAST_SCORE = 0.5

Say = Callable[[Any, "Face"], dict[str, Any]]


@dataclass(frozen=True)
class Inputs:
    image: Image = picture(about="The picture to look at.")


def chance(description: str) -> Schema:
    return {"type": "number", "minimum": 0, "maximum": 1, "description": description}


def point(description: str) -> Schema:
    pair: Schema = {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2}
    return {**pair, "description": description}


ROI: dict[str, Schema] = {
    "roi": {
        "type": "array",
        "items": {"type": "integer", "minimum": 0},
        "minItems": 4,
        "maxItems": 4,
        "description": "Left, top, width and height of the face, in pixels.",
    },
    "roi_confidence": chance("The probability that there is a face."),
}


def service(
    *,
    name: str,
    description: str,
    say: Say,
    fields: Mapping[str, Schema],
    example: Mapping[str, Any],
    models: Sequence[str],
    inputs: type[Any] = Inputs,
    given: Mapping[str, Any] | None = None,
) -> Service:
    """The service that says `fields` of each face: `say` makes them of the inputs and a face.

    example: those fields. given: the inputs of the example beside the picture. models: what `say` uses.
    """

    def compute(asked: Any, state: State | None) -> tuple[Output, State | None]:
        from audio.vision import face_detection

        found = face_detection.detect(asked.image.rgb, LEAST_SCORE)
        faces = [{**_roi(asked.image, face), **say(asked, face)} for face in found]
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
            "input_size": point("Width and height of the picture in pixels."),
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
        requires=("cv2", "onnxruntime"),
        extra="vision",
        packages=("audio.vision",),
        prepare=prepare,
    )


def _roi(image: Image, face: Face) -> dict[str, Any]:
    from audio.vision.boxes import clipped

    return {"roi": clipped(face.box, image.width, image.height), "roi_confidence": round(face.score, 4)}

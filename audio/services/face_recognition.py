"""Who of an album is in the picture?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from audio.errors import BadInput
from audio.image import Image
from audio.services import faces
from audio.services.fields import probability
from audio.services.inputs import Album, album, picture

if TYPE_CHECKING:
    from audio.vision.face_detection import Face

# A sample is known to show a face: so a weaker one is taken than elsewhere.
_LEAST_SAMPLE = 0.1
_REMEMBERED = 4096


@dataclass(frozen=True)
class Inputs:
    image: Image = picture(about="The picture to look at.")
    album: Album = album(about="Whom to look for: by the name of each, pictures with that face alone. More is better.")

    @cached_property
    def known(self) -> dict[str, NDArray[np.float32]]:
        """What the samples of each are like, n x 128: looked up once, however many faces the picture has."""
        return {key: _samples(key, samples) for key, samples in self.album.items()}


def measure(asked: Inputs, face: Face) -> list[float]:
    from audio.vision import face_recognition

    return list(face_recognition.vector(asked.image.rgb, face))


def describe(asked: Inputs, numbers: faces.Numbers) -> dict[str, Any]:
    from audio.vision import face_recognition

    vector = numbers.astype(np.float32)
    names = [
        {"key": key, "confidence": round(face_recognition.confidence(vector, samples), 4)}
        for key, samples in asked.known.items()
    ]
    return {"names": sorted(names, key=lambda name: -name["confidence"])}


def _samples(key: str, samples: list[Image]) -> NDArray[np.float32]:
    vectors = []
    for number, sample in enumerate(samples, 1):
        vector = _vector(sample)
        if vector is None:
            raise BadInput(
                f"No face is found in sample {number} of '{key[:40]}': send a picture that shows one.", field="album"
            )
        vectors.append(vector)
    return np.stack(vectors)


_known: dict[bytes, NDArray[np.float32] | None] = {}


def _vector(sample: Image) -> NDArray[np.float32] | None:
    """That of the largest face; remembered, as an album comes with every picture. None where there is no face."""
    key = sample.digest
    if key in _known:
        return _known[key]
    vector = _looked_at(sample)
    sample.forget()
    _known[key] = vector
    if len(_known) > _REMEMBERED:
        _known.pop(next(iter(_known)), None)
    return vector


def _looked_at(sample: Image) -> NDArray[np.float32] | None:
    from audio.vision import face_detection, face_recognition

    found = face_detection.detect(sample.rgb, _LEAST_SAMPLE)
    sure = [face for face in found if face.score >= faces.LEAST_SCORE] or found[:1]
    if not sure:
        return None
    largest = max(sure, key=lambda face: float(face.box[2] * face.box[3]))
    return face_recognition.vector(sample.rgb, largest)


SERVICE = faces.service(
    name="face_recognition",
    description="Says who of an album of people each face in a picture is. Not for letting anybody in.",
    measure=measure,
    describe=describe,
    averaged=True,
    fields={
        "names": {
            "type": "array",
            "description": "Everybody of the album, the likeliest first.",
            "items": {
                "type": "object",
                "properties": {
                    "key": {"type": "string", "description": "The name that the album has for somebody."},
                    "confidence": probability("That it is this person: from one half on it is, below it is not."),
                },
                "required": ["key", "confidence"],
            },
        }
    },
    example={"names": [{"key": "jamel", "confidence": 0.75}, {"key": "melissa", "confidence": 0.1}]},
    models=("face_mesh", "face_recognition"),
    inputs=Inputs,
    given={"album": {"jamel": ["attachment://jamel.jpg"], "melissa": ["attachment://melissa.jpg"]}},
)

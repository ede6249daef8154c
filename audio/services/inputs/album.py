"""An album: pictures of people, by the name of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from audio.errors import BadInput
from audio.image import Image
from audio.services.inputs.declaration import MISSING, Schema, declare, describe
from audio.services.inputs.picture import Picture

Album = dict[str, list[Image]]

# Chosen: a household, a team or a class with a few samples of each. A stranger's chance grows with the album.
MOST_PEOPLE, MOST_SAMPLES, LONGEST_NAME = 1000, 100, 200


@dataclass(frozen=True)
class AlbumInput:
    about: str

    def read(self, name: str, value: object) -> Album:
        if not isinstance(value, dict):
            raise BadInput(
                f"'{name}' must be an object of lists of pictures, such as "
                f'{{"jamel": [BLOB, BLOB], "melissa": [BLOB]}}; {describe(value)} came.',
                field=name,
            )
        if not 1 <= len(value) <= MOST_PEOPLE:
            raise BadInput(f"'{name}' must hold 1 to {MOST_PEOPLE} people; {len(value)} came.", field=name)
        return {key: self._samples(name, key, samples) for key, samples in value.items()}

    def _samples(self, name: str, key: str, samples: object) -> list[Image]:
        if not 1 <= len(key) <= LONGEST_NAME:
            raise BadInput(f"A key of '{name}' must have 1 to {LONGEST_NAME} characters; {len(key)} came.", field=name)
        if not isinstance(samples, list) or not 1 <= len(samples) <= MOST_SAMPLES:
            came = f"{len(samples)} came" if isinstance(samples, list) else f"{describe(samples)} came"
            raise BadInput(
                f"'{name}' must have a list of 1 to {MOST_SAMPLES} pictures for {describe(key)}; {came}.", field=name
            )
        picture = Picture(self.about)
        read: list[Image] = [picture.read(name, sample) for sample in samples]
        return read

    def schema(self) -> Schema:
        sample = {"type": "string", "format": "uri"}
        return {
            "type": "object",
            "propertyNames": {"minLength": 1, "maxLength": LONGEST_NAME},
            "additionalProperties": {"type": "array", "items": sample, "minItems": 1, "maxItems": MOST_SAMPLES},
            "minProperties": 1,
            "maxProperties": MOST_PEOPLE,
            "description": f"{self.about} Each sample is {Picture(self.about).wanted}: the URL of a blob of this "
            "gateway, or attachment://NAME of a part of this request.",
        }


def album(*, about: str) -> Any:
    """A required field that holds an Album."""
    return declare(AlbumInput(about), MISSING)

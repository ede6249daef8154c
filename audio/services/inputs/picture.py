"""A picture: JPEG or PNG. Its pixels are decoded when a service asks for them, not while the request waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from audio import image
from audio.image import Image
from audio.services.inputs.declaration import MISSING, declare
from audio.services.inputs.file import FileInput


@dataclass(frozen=True)
class Picture(FileInput):
    noun: ClassVar[str] = "a picture"
    media_type: ClassVar[str] = "image/jpeg"
    suffix: ClassVar[str] = ".jpg"

    @property
    def wanted(self) -> str:
        return f"{image.WANTED} of up to {image.MOST_PIXELS // 10**6} million pixels"

    def decode(self, name: str, data: bytes | memoryview) -> Image:
        return image.decode(data, field=name)

    def facts(self) -> dict[str, Any]:
        return {
            "media_types": ["image/jpeg", "image/png"],
            "suffixes": [".jpg", ".jpeg", ".png"],
            "maximum_pixels": image.MOST_PIXELS,
        }


def picture(*, about: str) -> Any:
    """A required field that holds an Image."""
    return declare(Picture(about), MISSING)

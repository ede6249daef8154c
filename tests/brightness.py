"""A toy service of pictures, of a kind that nothing else knows: how bright is it, and is it brighter than before?

It is what a service of another kind of file takes: the kind, the service, and a maker for the contract tests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from audio.errors import BadInput, UnsupportedFormat
from audio.services.base import Output, Service, State
from audio.services.inputs import Clock, FileInput, Gap, declare
from tests.offered import offered

Grey = NDArray[np.uint8]


class PictureClock:
    """Time in pictures."""

    unit = "picture"

    def length(self, value: Grey) -> int:
        return 1

    def identity(self, value: Grey) -> dict[str, int]:
        return {"width": value.shape[1], "height": value.shape[0]}

    def describe(self, identity: Mapping[str, int]) -> str:
        return f"pictures of {identity['width']} x {identity['height']}"

    def seconds(self, length: int, identity: Mapping[str, int]) -> float:
        return length / 10


@dataclass(frozen=True)
class Pgm(FileInput):
    noun: ClassVar[str] = "a picture"
    media_type: ClassVar[str] = "image/x-portable-graymap"
    suffix: ClassVar[str] = ".pgm"
    clock: ClassVar[Clock | None] = PictureClock()

    @property
    def wanted(self) -> str:
        return "PGM, binary, of 8 bit"

    def decode(self, name: str, data: bytes | memoryview) -> Grey:
        try:
            magic, width, height, rest = bytes(data).split(maxsplit=3)
            most, pixels = rest[:3], rest[4:]
            shape = int(height), int(width)
        except ValueError as exc:
            raise UnsupportedFormat(f"'{name}' must be {self.wanted}; another file came.", field=name) from exc
        if magic != b"P5" or most != b"255":
            raise UnsupportedFormat(f"'{name}' must be {self.wanted}; another file came.", field=name)
        if len(pixels) != shape[0] * shape[1]:
            raise BadInput(f"'{name}' is cut short.", field=name)
        return np.frombuffer(pixels, np.uint8).reshape(shape)

    def facts(self) -> dict[str, Any]:
        return {}


@dataclass(frozen=True)
class Inputs:
    image: Grey = declare(Pgm("The picture to look at."))  # noqa: RUF009 - it makes a field


def compute(inputs: Inputs, state: State | None) -> tuple[Output, State | None]:
    before = state or {}
    mean = float(inputs.image.mean())
    place = before.get("place", 0)
    changes = [{"index": 0, "picture": place, "mean": mean}] if abs(mean - before.get("mean", 0.0)) > 10 else []
    output = {"mean": mean, "changes": changes}
    return output, None if state is None else {"place": place + 1, "mean": mean}


def skip(state: State, gap: Gap) -> State:
    return {**state, "place": state.get("place", 0) + gap.length}


SERVICE = Service(
    name="brightness",
    version=1,
    description="Says how bright a picture is, and when it changes.",
    inputs=Inputs,
    outputs={
        "mean": {"type": "number"},
        "changes": {"type": "array", "items": {"type": "object"}},
    },
    compute=compute,
    skip=skip,
    example=({"image": "attachment://image"}, {"mean": 7.0, "changes": []}),
)


class Pictures:
    """For the contract tests: pictures that get brighter and darker."""

    def chunks(self, file: Pgm) -> Sequence[Grey]:
        return [np.full((4, 6), 40 + 60 * (i % 3), np.uint8) for i in range(6)]

    def quiet(self, value: Grey) -> Grey:
        return np.zeros_like(value)

    def shorter(self, value: Grey) -> None:
        return None

    def other(self, file: Pgm) -> Grey:
        return np.zeros((8, 8), np.uint8)

    def encode(self, value: Grey) -> bytes:
        return b"P5 %d %d 255\n" % (value.shape[1], value.shape[0]) + value.tobytes()


def registered() -> AbstractContextManager[None]:
    """The service among the others, for as long as this lasts."""
    return offered("brightness", 1, "tests.brightness")

"""A sound: WAV, PCM of 16 bit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from audio import wav
from audio.errors import UnsupportedFormat
from audio.pcm import Pcm
from audio.services.inputs.declaration import MISSING, declare
from audio.services.inputs.file import Clock, FileInput


class SoundClock:
    """Time in frames of the sound as it was sent."""

    unit = "frame"

    def length(self, value: Pcm) -> int:
        return value.frames

    def identity(self, value: Pcm) -> dict[str, int]:
        return {"rate": value.rate, "channels": value.channels}

    def describe(self, identity: Mapping[str, int]) -> str:
        return f"{identity['rate']} Hz and {identity['channels']} channel(s)"

    def seconds(self, length: int, identity: Mapping[str, int]) -> float:
        return length / identity["rate"]


@dataclass(frozen=True)
class Sound(FileInput):
    """channels None: any number. Rates in Hz."""

    channels: int | None
    minimum_rate: int
    maximum_rate: int
    preferred_rate: int

    noun: ClassVar[str] = "a sound"
    media_type: ClassVar[str] = "audio/wav"
    suffix: ClassVar[str] = ".wav"
    clock: ClassVar[Clock | None] = SoundClock()

    @property
    def wanted(self) -> str:
        wanted = "" if self.channels is None else f", {_channels(self.channels)}"
        return f"{wav.WANTED}{wanted}, {self.minimum_rate} to {self.maximum_rate} Hz"

    def decode(self, name: str, data: bytes | memoryview) -> Pcm:
        pcm = wav.decode(data, field=name)
        if self.channels is not None and pcm.channels != self.channels:
            raise UnsupportedFormat(
                f"'{name}' must be {_channels(self.channels)}; {_channels(pcm.channels)} came.", field=name
            )
        if not self.minimum_rate <= pcm.rate <= self.maximum_rate:
            raise UnsupportedFormat(
                f"'{name}' must have a rate from {self.minimum_rate} to {self.maximum_rate} Hz; {pcm.rate} Hz came.",
                field=name,
            )
        return pcm

    def facts(self) -> dict[str, Any]:
        return {
            "channels": self.channels,
            "minimum_rate": self.minimum_rate,
            "maximum_rate": self.maximum_rate,
            "preferred_rate": self.preferred_rate,
        }


def sound(
    *,
    about: str,
    channels: int | None = None,
    minimum_rate: int = 8000,
    maximum_rate: int = 192_000,
    preferred_rate: int = 16_000,
) -> Any:
    """A required field that holds a Pcm. `channels` None: any number. preferred_rate: worth its bytes."""
    return declare(Sound(about, channels, minimum_rate, maximum_rate, preferred_rate), MISSING)


def _channels(count: int) -> str:
    return {1: "mono", 2: "stereo"}.get(count, f"{count} channels")

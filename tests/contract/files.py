"""Files of each kind, as the contract tests need them: one maker a kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from audio import image, wav
from audio.image import Image
from audio.pcm import Pcm
from audio.services.inputs import FileInput, Picture, Sound
from tests import brightness
from tests.conftest import FIXTURES

MONO, STEREO = FIXTURES / "voice.wav", FIXTURES / "moving_speaker.wav"
CHUNK = 8192


class Maker(Protocol):
    def chunks(self, file: Any) -> Sequence[Any]:
        """The values of a session, one after the other, in which something happens."""

    def quiet(self, value: Any) -> Any:
        """One of the same identity and length in which nothing is."""

    def shorter(self, value: Any) -> Any | None:
        """One of the same identity that takes the clock less far; None where all take it as far."""

    def other(self, file: Any) -> Any:
        """One that does not fit a session of `chunks`."""

    def encode(self, value: Any) -> bytes: ...


class Sounds:
    def chunks(self, file: Sound) -> Sequence[Pcm]:
        return lively(file, 3.0).chunks(CHUNK)

    def quiet(self, value: Pcm) -> Pcm:
        return Pcm(np.zeros_like(value.samples), value.rate)

    def shorter(self, value: Pcm) -> Pcm | None:
        return Pcm(value.samples[: value.frames // 2], value.rate)

    def other(self, file: Sound) -> Pcm:
        usual = rate(file)
        return lively(file, 0.5, at=file.minimum_rate if usual != file.minimum_rate else file.maximum_rate)

    def encode(self, value: Pcm) -> bytes:
        return wav.encode(value)


class Pictures:
    """A face that moves through an empty room."""

    def chunks(self, file: Picture) -> Sequence[Image]:
        face = image.decode((FIXTURES / "astronaut.jpg").read_bytes()).rgb[20:260:2, 100:340:2]
        pictures = []
        for left in range(10, 80, 10):
            room = np.full((180, 240, 3), 90, np.uint8)
            room[30 : 30 + len(face), left : left + len(face)] = face
            pictures.append(Image(room))
        return pictures

    def quiet(self, value: Image) -> Image:
        return Image(np.full_like(value.pixels, 90))

    def shorter(self, value: Image) -> None:
        return None

    def other(self, file: Picture) -> Image:
        return Image(np.full((20, 30), 90, np.uint8))

    def encode(self, value: Image) -> bytes:
        return image.encode(value, "jpg")


MAKERS: dict[type[FileInput], Maker] = {
    Sound: Sounds(),
    Picture: Pictures(),
    brightness.Pgm: brightness.Pictures(),
}


def maker(file: FileInput) -> Maker:
    return MAKERS[type(file)]


def rate(file: Sound) -> int:
    """A rate that it takes, and that real sources have."""
    usual = 48000 if file.channels == 2 else 16000
    return min(max(usual, file.minimum_rate), file.maximum_rate)


def lively(file: Sound, seconds: float, *, at: int | None = None) -> Pcm:
    """Sound that goes on and off and, in stereo, moves: the recording that comes with the project, else noise."""
    frequency, channels = at or rate(file), file.channels or 1
    recorded = wav.decode((STEREO if channels == 2 else MONO).read_bytes())
    if recorded.rate == frequency and recorded.channels == channels and recorded.seconds >= seconds:
        return Pcm(recorded.samples[: round(seconds * frequency)], frequency)
    return bursts(frequency, channels, seconds)


def bursts(rate: int, channels: int, seconds: float) -> Pcm:
    """Noise of half a second on, half a second off, one channel later than the other."""
    random = np.random.default_rng(7)
    frames = round(seconds * rate)
    lag = 8 * (channels - 1)
    source = random.normal(0, 1, frames + lag)
    time = np.arange(frames + lag) / rate
    source *= np.where(time % 1.0 >= 0.5, 4000, 8)
    shifted = [source[lag - 8 * c : lag - 8 * c + frames] for c in range(channels)]
    return Pcm(np.clip(np.stack(shifted, axis=1), -32768, 32767).astype(np.int16), rate)

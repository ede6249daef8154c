"""Inputs for any service, made from what it declares."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from audio import wav
from audio.pcm import Pcm
from audio.services.base import Number, Service, Sound
from tests.conftest import FIXTURES

MONO, STEREO = FIXTURES / "voice.wav", FIXTURES / "moving_speaker.wav"


def sound_name(service: Service) -> str:
    """The name of its sound; it has one."""
    return next(n for n, d in service.declarations.items() if isinstance(d, Sound))


def sound_declaration(service: Service) -> Sound:
    declaration = service.declarations[sound_name(service)]
    assert isinstance(declaration, Sound)
    return declaration


def channels(service: Service) -> int:
    return sound_declaration(service).channels or 1


def rate(service: Service) -> int:
    """A rate that it takes, and that real sources have."""
    declared = sound_declaration(service)
    usual = 48000 if declared.channels == 2 else 16000
    return min(max(usual, declared.minimum_rate), declared.maximum_rate)


def largest_state(service: Service) -> int:
    """Bytes: those of a second of its sound, or 96 KB."""
    return max(2 * channels(service) * rate(service), 96 * 1024)


def lively(service: Service, seconds: float, *, at: int | None = None) -> Pcm:
    """Sound that goes on and off and, in stereo, moves: the recording that comes with the project, else noise."""
    frequency = at or rate(service)
    file = STEREO if channels(service) == 2 else MONO
    if file.is_file():
        recorded = wav.decode(file.read_bytes())
        if recorded.rate == frequency and recorded.channels == channels(service) and recorded.seconds >= seconds:
            return Pcm(recorded.samples[: round(seconds * frequency)], frequency)
    return bursts(frequency, channels(service), seconds)


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


def constant(service: Service, frames: int, value: int = 0) -> Pcm:
    return Pcm(np.full((frames, channels(service)), value, np.int16), rate(service))


def values(service: Service, **given: object) -> dict[str, Any]:
    """JSON values for all that it requires: those of its example, and what is given here."""
    example = service.example[0]
    chosen: dict[str, Any] = {}
    for name, declaration in service.declarations.items():
        if isinstance(declaration, Sound):
            chosen[name] = f"attachment://{name}"
        elif name in example:
            chosen[name] = example[name]
        elif name in service.input_schema()["required"]:
            assert isinstance(declaration, Number), f"the example of {service.name} lacks '{name}'"
            chosen[name] = (declaration.minimum + declaration.maximum) / 2
    return {**chosen, **given}


class _Data:
    def __init__(self, data: bytes) -> None:
        self.data = data


def typed(service: Service, pcm: Pcm | None, /, **given: object) -> Any:
    """The inputs of one compute."""
    if pcm is None:
        return service.read(values(service, **given))
    return service.read(values(service, **{sound_name(service): _Data(wav.encode(pcm)), **given}))


def request(service: Service, sound: Pcm | bytes | None = None, /, **given: object) -> dict[str, Any]:
    """The body of a job, as arguments for `requests`: multipart where there is sound, JSON where there is none."""
    meta = {"async": False, **values(service, **given)}
    if not any(isinstance(d, Sound) for d in service.declarations.values()):
        return {"data": json.dumps(meta), "headers": {"Content-Type": "application/json"}}
    if sound is None:
        sound = lively(service, 1.0)
    data = sound if isinstance(sound, bytes) else wav.encode(sound)
    return {
        "files": {
            "meta": (None, json.dumps(meta), "application/json"),
            f"attachment://{sound_name(service)}": ("sound.wav", data, "audio/wav"),
        }
    }

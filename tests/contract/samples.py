"""Inputs for any service, made from what it declares."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from audio.pcm import Pcm
from audio.services.base import Service
from audio.services.inputs import AlbumInput, FileInput, Number, Sound
from tests.conftest import FIXTURES
from tests.contract import files
from tests.contract.files import bursts, maker

__all__ = ["bursts"]


PEOPLE = {"eileen": "astronaut.jpg", "grace": "hopper.jpg"}  # of an album


def file_name(service: Service) -> str:
    """The name of its first file; it has one."""
    return next(iter(service.files))


def file_of(service: Service) -> FileInput:
    return service.files[file_name(service)]


def sound_declaration(service: Service) -> Sound:
    declaration = file_of(service)
    assert isinstance(declaration, Sound)
    return declaration


def channels(service: Service) -> int:
    return sound_declaration(service).channels or 1


def rate(service: Service) -> int:
    return files.rate(sound_declaration(service))


def largest_state(service: Service) -> int:
    """Bytes: those of a second of its sound, or 96 KB."""
    file = file_of(service)
    return max(2 * channels(service) * rate(service) if isinstance(file, Sound) else 0, 96 * 1024)


def lively(service: Service, seconds: float) -> Pcm:
    return files.lively(sound_declaration(service), seconds)


def constant(service: Service, frames: int, value: int = 0) -> Pcm:
    return Pcm(np.full((frames, channels(service)), value, np.int16), rate(service))


def chunks(service: Service) -> Sequence[Any]:
    """The files of a session, one after the other, in which something happens."""
    return maker(file_of(service)).chunks(file_of(service))


def length(service: Service, value: Any) -> int:
    """How far a file takes the clock of its session."""
    assert service.timed is not None
    return service.timed.clock.length(value)


def values(service: Service, **given: object) -> dict[str, Any]:
    """JSON values for all that it requires: those of its example, and what is given here."""
    example = service.example[0]
    chosen: dict[str, Any] = {}
    for name, declaration in service.declarations.items():
        if name in service.files:
            chosen[name] = f"attachment://{name}"
        elif isinstance(declaration, AlbumInput):
            chosen[name] = {key: [f"attachment://{file}"] for key, file in PEOPLE.items()}
        elif name in example:
            chosen[name] = example[name]
        elif name in service.input_schema()["required"]:
            assert isinstance(declaration, Number), f"the example of {service.name} lacks '{name}'"
            chosen[name] = (declaration.minimum + declaration.maximum) / 2
    return {**chosen, **given}


def sample(key: str) -> bytes:
    """A picture of one of PEOPLE."""
    return (FIXTURES / PEOPLE[key]).read_bytes()


class _Data:
    def __init__(self, data: bytes) -> None:
        self.data = data


def encoded(service: Service, value: Any = None) -> dict[str, bytes]:
    """Bytes for all its files: those of the value for the first."""
    found = {}
    for name, file in service.files.items():
        chosen = value if value is not None and name == file_name(service) else maker(file).chunks(file)[0]
        found[name] = chosen if isinstance(chosen, bytes) else maker(file).encode(chosen)
    return found


def typed(service: Service, value: Any = None, /, **given: object) -> Any:
    """The inputs of one compute."""
    parts = {name: _Data(data) for name, data in encoded(service, value).items()}
    album = {name: {key: [_Data(sample(key))] for key in PEOPLE} for name in albums(service)}
    return service.read({**values(service), **parts, **album, **given})


def request(service: Service, value: Any = None, /, **given: object) -> dict[str, Any]:
    """The body of a job, as arguments for `requests`: multipart where there are files, JSON where there are none."""
    meta = {"async": False, **values(service, **given)}
    if not service.files:
        return {"data": json.dumps(meta), "headers": {"Content-Type": "application/json"}}
    parts = {
        f"attachment://{name}": (f"{name}{service.files[name].suffix}", data, service.files[name].media_type)
        for name, data in encoded(service, value).items()
    }
    if albums(service):
        parts |= {f"attachment://{file}": (file, sample(key), "image/jpeg") for key, file in PEOPLE.items()}
    return {"files": {"meta": (None, json.dumps(meta), "application/json"), **parts}}


def albums(service: Service) -> list[str]:
    return [name for name, declaration in service.declarations.items() if isinstance(declaration, AlbumInput)]

"""Parameters -> the body of a request.

Whatever holds bytes becomes an attachment, at any depth: an open file, a Path, bytes, a Pcm (as WAV). A resource, such
as a Blob, becomes its URL. All bytes are read here and now: the caller may close its files, and a request can be sent
again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from audio import wav
from audio.errors import BadInput
from audio.pcm import Pcm


@dataclass(frozen=True)
class Body:
    """A request's JSON, and the attachments that it names, by name."""

    meta: bytes
    attachments: Mapping[str, bytes]

    def arguments(self) -> dict[str, Any]:
        """What `requests` wants of it: multipart where there are attachments, else JSON."""
        if not self.attachments:
            return {"data": self.meta, "headers": {"Content-Type": "application/json"}}
        files: list[tuple[str, tuple[str | None, bytes, str]]] = [
            (f"attachment://{name}", (name, data, "application/octet-stream"))
            for name, data in self.attachments.items()
        ]
        return {"files": [*files, ("meta", (None, self.meta, "application/json"))]}


def encode(parameters: Mapping[str, Any]) -> Body:
    """The body for these parameters. Raises BadInput, which names the parameter that is at fault."""
    attachments: dict[str, bytes] = {}
    plain = {name: _plain(value, attachments, name) for name, value in parameters.items()}
    return Body(json.dumps(plain).encode("ascii"), attachments)


def _plain(value: Any, attachments: dict[str, bytes], name: str) -> Any:
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(inner, attachments, f"{name}.{key}") for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner, attachments, f"{name}.{i}") for i, inner in enumerate(value)]
    if isinstance(value, np.generic):
        return value.item()
    endpoint = getattr(value, "endpoint", None)
    if isinstance(endpoint, str):
        return endpoint
    part = str(len(attachments) + 1)
    attachments[part] = _content(value, name)
    return f"attachment://{part}"


def _content(value: Any, name: str) -> bytes:
    if isinstance(value, Pcm):
        return wav.encode(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    if isinstance(value, Path):
        return _file(value, name)
    if not hasattr(value, "read"):
        raise BadInput(
            f"'{name}' is of type {type(value).__name__}, which cannot be sent. What can: text, numbers, lists, dicts, "
            "open files, paths, bytes, Pcm, blobs.",
            field=name,
        )
    data = value.read()
    if not isinstance(data, bytes):
        raise BadInput(f"'{name}' is a file opened as text; open it with mode 'rb'.", field=name)
    return data


def _file(path: Path, name: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise BadInput(f"The file {path} cannot be read: {exc.strerror or exc}.", field=name) from exc

"""What a job is asked to compute: its values, its session, and when it came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from audio.services.base import Service
from audio.stores import codec


@dataclass(frozen=True)
class Part:
    """Bytes that came with a request, as an attachment or as a blob."""

    data: bytes | memoryview
    content_type: str = "application/octet-stream"


@dataclass(frozen=True)
class SessionRef:
    """The session of a request.

    offset: where in it this chunk starts; None: where the last one ended. received: when the request came, Unix time.
    store: whether what it tells is stored; None: as the service does where nobody says.
    """

    session_id: str
    offset: int | None
    received: float
    store: bool | None = None


@dataclass(frozen=True)
class Request:
    """What an asynchronous job is to compute: the values that it came with, its session, and when it came (UTC, s)."""

    values: dict[str, Any]
    ref: SessionRef | None
    received: float

    def pack(self, service: Service) -> bytes:
        """As bytes for the database, with the declared inputs alone."""
        declared = {name: self.values[name] for name in service.declarations if name in self.values}
        content = {
            "values": {name: _pack(value) for name, value in declared.items()},
            "ref": self.ref and [self.ref.session_id, self.ref.offset, self.ref.received, self.ref.store],
            "received": self.received,
        }
        return codec.encode(content)

    @staticmethod
    def unpack(data: bytes) -> Request:
        content = codec.decode(data)
        values = {name: _unpack(value) for name, value in content["values"].items()}
        return Request(values, content["ref"] and SessionRef(*content["ref"]), content["received"])


def _pack(value: Any) -> Any:
    """A value with its parts, at any depth, told apart from what is plain."""
    if isinstance(value, Part):
        return ["part", bytes(value.data), value.content_type]
    if isinstance(value, list):
        return ["list", [_pack(v) for v in value]]
    if isinstance(value, dict):
        return ["dict", {k: _pack(v) for k, v in value.items()}]
    return ["plain", value]


def _unpack(packed: Any) -> Any:
    kind, value, *rest = packed
    if kind == "part":
        return Part(value, *rest)
    if kind == "list":
        return [_unpack(v) for v in value]
    return {k: _unpack(v) for k, v in value.items()} if kind == "dict" else value

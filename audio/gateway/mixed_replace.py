"""multipart/x-mixed-replace, as the SDK sends and reads it: parts with a length, one after the other.

A part is read as soon as its last byte is there; nothing is waited for behind it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from audio.errors import BadInput
from audio.gateway.inputs import decode

BOUNDARY = b"myboundary"  # of what the gateway sends: the SDK looks for no other
TYPE = "multipart/x-mixed-replace; boundary=myboundary; charset=utf-8"
END = b"--" + BOUNDARY + b"--\r\n"
_HEAD = 16 * 1024  # bytes of the head of a part


@dataclass(frozen=True)
class InputPart:
    """headers: by their names in lower case."""

    headers: Mapping[str, str]
    data: bytes

    def values(self, parameters: Mapping[str, Any], wrap: Any) -> dict[str, Any]:
        """The inputs of this part: the stream's parameters, its own, and its bytes in the field that it names."""
        try:
            own = decode(self.headers.get("x-angus-parameters", "{}"))
        except ValueError as exc:
            raise BadInput(f"X-Angus-Parameters is no JSON: {exc}.") from exc
        if not isinstance(own, dict):
            raise BadInput("X-Angus-Parameters must be a JSON object.")
        field = self.headers.get("x-angus-datafield", "")
        return {**parameters, **own, **({field: wrap(self.data)} if field else {})}


class Parser:
    """Takes bytes as they come, gives parts as they are whole. largest: bytes of one part."""

    def __init__(self, boundary: bytes, largest: int) -> None:
        self._line = b"--" + boundary
        self._largest = largest
        self._buffer = bytearray()
        self._headers: dict[str, str] | None = None
        self._length = 0
        self.ended = False

    def feed(self, data: bytes) -> Iterator[InputPart]:
        """Raises BadInput where what comes cannot be parts: nothing more can be read then."""
        self._buffer += data
        while not self.ended:
            if self._headers is None and not self._head():
                return
            if self._headers is None or len(self._buffer) < self._length:
                return
            part = InputPart(self._headers, bytes(self._buffer[: self._length]))
            del self._buffer[: self._length]
            self._headers = None
            yield part

    def _head(self) -> bool:
        """Read a boundary and the headers behind it; False where they are not whole yet."""
        while self._buffer.startswith((b"\r", b"\n")):
            del self._buffer[:1]
        if len(self._buffer) >= len(self._line) + 2 and self._buffer.startswith(self._line + b"--"):
            self.ended = True
            return False
        if not (self._line + b"--").startswith(
            bytes(self._buffer[: len(self._line) + 2])
        ) and not self._buffer.startswith(self._line):
            raise BadInput(f"A part must begin with {self._line.decode('latin-1')}.")
        end, size = self._end_of_head()
        if end < 0:
            if len(self._buffer) > _HEAD:
                raise BadInput(f"The head of a part may take {_HEAD} bytes.")
            return False
        lines = bytes(self._buffer[:end]).decode("utf-8", "replace").splitlines()[1:]
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = headers.get("content-length", "")
        if not length.isascii() or not length.isdigit():
            raise BadInput("A part must have a Content-Length.")
        if int(length) > self._largest:
            raise BadInput(f"A part may take {self._largest} bytes.")
        del self._buffer[: end + size]
        self._headers, self._length = headers, int(length)
        return True

    def _end_of_head(self) -> tuple[int, int]:
        """Where the empty line is, and its length with the line's end before it."""
        for mark in (b"\r\n\r\n", b"\n\n"):
            end = self._buffer.find(mark)
            if end >= 0:
                return end, len(mark)
        return -1, 0


def part(body: str) -> bytes:
    """A result as a part. The SDK counts characters, so the JSON is ASCII; CRLF at once, as it waits for one more."""
    data = json.dumps(json.loads(body)).encode("ascii") if not body.isascii() else body.encode("ascii")
    head = b"--%b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (BOUNDARY, len(data))
    return head + data + b"\r\n"

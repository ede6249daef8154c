"""The parts of a multipart message.

Clients write the heads of their parts the same way each time, so what was parsed of one is kept. What is unusual about
a message is left to the parser of the package `multipart`, and so is every new head.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import unquote

from multipart import MultipartError, PushMultipartParser

from audio.gateway.errors import HttpError

PARTS = 256  # of one message
_EXTENDED = re.compile(r"\bfilename\*\s*=\s*\"?(utf-8|iso-8859-1)'[^']*'([^\s;\"]*)", re.IGNORECASE)  # RFC 8187
_LONGEST_HEAD = 512  # bytes of one that is kept
_ALONE = "3d1c0f1ba2bd4dd8a4d6c7a1b4c9e2f0"  # boundary of a message around one head


class Head(NamedTuple):
    """filename: None where the part has none. encoding: its Content-Transfer-Encoding."""

    name: str
    filename: str | None
    content_type: str
    encoding: str


Segment = tuple[str, str | None, str, bytes]


def split(body: bytes, boundary: str) -> list[Segment]:
    """The parts of a multipart message: name, filename (None: it has none), type, bytes. Raises MultipartError."""
    found = _plain(body, boundary.encode()) if boundary.isascii() else None
    whole = _careful(body, boundary) if found is None else found
    return [(head.name, head.filename, head.content_type, _decoded(head, data)) for head, data in whole]


def _plain(body: bytes, boundary: bytes) -> list[tuple[Head, bytes]] | None:
    """The parts of a message that has nothing before, between and after them; None for any other."""
    delimiter = b"\r\n--" + boundary
    size = len(delimiter)
    if not boundary or body[:size] != delimiter[2:] + b"\r\n":
        return None
    found: list[tuple[Head, bytes]] = []
    begin = size
    while len(found) < PARTS:
        end = body.find(delimiter, begin)
        middle = body.find(b"\r\n\r\n", begin, end) if end >= 0 else -1
        if middle < 0 or middle - begin > _LONGEST_HEAD:
            return None
        try:
            found.append((_head(body[begin:middle]), body[middle + 4 : end]))
        except (MultipartError, UnicodeError):
            return None
        begin = end + size + 2
        if body[end + size : begin] == b"--":
            return found if body[begin:] in (b"", b"\r\n") else None
        if body[end + size : begin] != b"\r\n":
            return None
    return None


@lru_cache(maxsize=1024)
def _head(lines: bytes) -> Head:
    if b"content-length" in lines.lower():  # which is to be held against the bytes of each part
        raise MultipartError("The length of this part is not known here")
    ((head, _),) = _careful(f"--{_ALONE}\r\n".encode() + lines + f"\r\n\r\n\r\n--{_ALONE}--".encode(), _ALONE)
    return head


def _careful(body: bytes, boundary: str) -> list[tuple[Head, bytes]]:
    return list(_parsed(body, boundary))


def _parsed(body: bytes, boundary: str) -> Iterator[tuple[Head, bytes]]:
    with PushMultipartParser(boundary, content_length=len(body), max_segment_count=PARTS) as parser:
        head: Any = None
        pieces: list[bytes | bytearray | memoryview] = []
        for event in parser.parse(body):
            if event is None:
                data = bytes(pieces[0]) if len(pieces) == 1 else b"".join(pieces)
                encoding = head.header("Content-Transfer-Encoding", "binary").strip().lower()
                yield Head(head.name or "", _filename(head), head.content_type or "", encoding), data
            elif isinstance(event, bytes | bytearray | memoryview):
                pieces.append(event)
            else:
                head, pieces = event, []


def _filename(head: Any) -> str | None:
    """The filename of a part, also where it stands in the extended form alone, which says its encoding."""
    if head.filename is not None:
        return str(head.filename)
    extended = _EXTENDED.search(head.header("Content-Disposition", ""))
    return unquote(extended[2], extended[1]) if extended else None


def _decoded(head: Head, data: bytes) -> bytes:
    """The bytes of a part, behind the encoding that it names."""
    encoding = head.encoding
    if encoding in ("binary", "8bit", "7bit", ""):
        return data
    if encoding == "quoted-printable":
        return quopri.decodestring(data)
    try:
        if encoding == "base64":
            return base64.b64decode(b"".join(data.split()), validate=True)
    except binascii.Error as exc:
        problem = f"The part {head.name} is no base64, as its Content-Transfer-Encoding says: {exc}."
        raise HttpError(400, "bad_request", problem) from exc
    problem = f"Content-Transfer-Encoding {encoding[:40]} of a part is not taken: send its bytes as they are."
    raise HttpError(415, "unsupported_media_type", problem)

"""`Service.stream()`: parts go to a service over one open connection, and results come back over another.

The input is sent in a thread of its own while the results are read: a generator of parts may well wait for a result.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from typing import Any

import requests

from audio.client.errors import ClientError
from audio.client.transport import Transport

Part = tuple[Mapping[str, Any], str, bytes]

TYPE = "multipart/x-mixed-replace; boundary=myboundary"
_LINE = b"--myboundary"
SILENCE = 90.0  # seconds without a result after which the connection is dead; the gateway ends an idle one earlier


def exchange(transport: Transport, input_url: str, output_url: str, parts: Iterable[Part]) -> Iterator[str]:
    """The results of these parts, in order, each as JSON. Raises ClientError where the gateway refuses.

    parts: (parameters of this part, the field that its bytes are for, its bytes).
    """
    failures: list[BaseException] = []

    def send() -> None:
        try:
            transport.send_stream(input_url, _encoded(parts), TYPE).close()
        except BaseException as exc:  # noqa: BLE001  (it is raised again for whoever reads, in another thread)
            failures.append(exc)

    sender = threading.Thread(target=send, name="audio-stream-input", daemon=True)
    response = transport.open(output_url, {}, accept="multipart/x-mixed-replace", silence=SILENCE)
    sender.start()
    with closing(response):
        yield from _results(response)
    sender.join(SILENCE)
    if failures and not isinstance(failures[0], ClientError):
        raise failures[0]


def _encoded(parts: Iterable[Part]) -> Iterator[bytes]:
    for parameters, field, data in parts:
        head = [
            _LINE,
            b"Content-Type: application/octet-stream",
            b"Content-Length: %d" % len(data),
            b"X-Angus-DataField: " + field.encode(),
            b"X-Angus-Parameters: " + json.dumps(dict(parameters)).encode(),
        ]
        yield b"\r\n".join(head) + b"\r\n\r\n" + data + b"\r\n"
    yield _LINE + b"--"


def _results(response: requests.Response) -> Iterator[str]:
    """Parts as they come, each as soon as its last byte is there."""
    raw = response.raw
    while (line := raw.readline().strip()) != _LINE + b"--":
        if not line:
            if raw.closed or raw.isclosed():
                return
            continue
        length = 0
        while header := raw.readline().strip():
            name, _, value = header.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        yield _read(raw, length).decode()


def _read(raw: Any, length: int) -> bytes:
    data = b""
    while len(data) < length:
        piece = raw.read(length - len(data))
        if not piece:
            raise ClientError("The output of the stream broke amid a result: begin a new one with what got none.")
        data += piece
    return data

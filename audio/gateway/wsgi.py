"""The Flask application under ASGI: its environ, its answer. It runs in a thread, with the whole body at hand."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable, Mapping
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from audio.gateway.forwarded import App

_PIECE = 256 * 1024


class File:
    """A file as an answer: it is sent by the event loop, and keeps no thread."""

    def __init__(self, file: IO[bytes], _size: int = 0) -> None:
        self._file = file

    def __iter__(self) -> File:
        return self

    def __next__(self) -> bytes:
        if piece := self._file.read(_PIECE):
            return piece
        raise StopIteration

    def close(self) -> None:
        self._file.close()


class Answer:
    """A status, headers, and the pieces of a body."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes | File
    quick = False  # whether its headers were made here, with its length among them, and its body is there

    def parts(self) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        """Of one that is quick."""
        return self.status, self.headers, self.body  # type: ignore[return-value]

    @staticmethod
    def of_json(body: Mapping[str, Any]) -> Answer:
        """A JSON object, whose `status` is that of the answer."""
        made = Answer()
        data = json.dumps(body).encode() + b"\n"
        made.status, made.body = body["status"], data
        length = str(len(data)).encode()
        made.headers = [(b"content-type", b"application/json"), (b"content-length", length)]
        made.headers.append((b"cache-control", b"no-store"))
        return made

    def start(self, status: str, headers: list[tuple[str, str]], _exc_info: Any = None) -> None:
        self.status = int(status[:3])
        self.headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def call(app: App, environ: dict[str, Any]) -> Answer:
    """Answer one request."""
    answer = Answer()
    pieces = app(environ, answer.start)
    file = getattr(pieces, "response", pieces)
    if isinstance(file, File):
        answer.body = file
        return answer
    try:
        answer.body = b"".join(pieces)
    finally:
        getattr(pieces, "close", lambda: None)()
    return answer


def environ_of(scope: Mapping[str, Any], headers: Mapping[str, str], body: Iterable[bytes]) -> dict[str, Any]:
    """What WSGI says of a request. Headers with an underscore are dropped: they would look like others."""
    data = b"".join(body)
    host, port = scope.get("server") or ("localhost", 80)
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "RAW_URI": scope["raw_path"].decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "REMOTE_ADDR": (scope.get("client") or ("",))[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": io.BytesIO(data),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
        "wsgi.file_wrapper": File,
    }
    for name, value in headers.items():
        if "_" not in name:
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        environ.pop(f"HTTP_{name}", None)
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    if "content-type" in headers:
        environ["CONTENT_TYPE"] = headers["content-type"]
    if data or "content-length" in headers or "transfer-encoding" in headers:
        environ["CONTENT_LENGTH"] = str(len(data))
    return environ

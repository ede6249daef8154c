"""One HTTP connection: uvicorn's protocol with deadlines for slow clients, bounds for heads, errors in one shape.

A client has HEAD_SECONDS for a whole head, `receive_seconds` of silence within a body, which comes at SLOWEST or
faster on average, and STALL_SECONDS in which nothing that was sent to it leaves. Deadlines are looked at by one sweep
a second over all connections: a connection that is slow costs its buffer, and no timer.
"""

from __future__ import annotations

import asyncio
import json
import math
import select
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

HEAD_SECONDS = 10.0
STALL_SECONDS = 30.0
LINGER_SECONDS = 3.0  # for which what a client still sends is read on after it was refused
SLOWEST = 1024  # bytes a second
_FIELDS, _FIELD_BYTES, _HEAD_BYTES = 100, 8190, 65536

STOPPING = "The gateway is being stopped: send this again in a few seconds."
CUT_SHORT = "The request ended before its body did."


class _Refused(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


class Connection(HttpToolsProtocol):
    """A connection. `scope["connection"]` is it, for the application in front."""

    def __init__(
        self,
        config: Config,
        state: ServerState,
        receive_seconds: float,
        count: Callable[[str, int], None],
        ended: Callable[[], None],
        stopping: Callable[[], bool],
    ) -> None:
        super().__init__(config, state, {}, asyncio.get_running_loop())
        self.access_log = False
        self._receive_seconds = receive_seconds
        self._count = count
        self._ended = ended
        self._stopping = stopping
        self._due = math.inf
        self._in_head = True
        self._head = 0
        self._fields = 0
        self._body_from = 0.0
        self._taken = 0
        self._endless = False
        self._half_closed = False
        self._lingers = False
        self._unsent: int | None = None

    def gone(self) -> bool:
        """Whether nobody reads an answer any more. A client that closes its half counts as gone: both look alike."""
        return self._half_closed or self.transport.is_closing()

    def endless(self) -> None:
        """The request at hand may last: no deadline for what it sends, and its end is the end of the answer."""
        self._endless = True
        self._due = math.inf

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._due = time.monotonic() + HEAD_SECONDS

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._ended()

    def data_received(self, data: bytes) -> None:
        if self._lingers or self.parser is None:
            return
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            if self.cycle is not None:
                self.cycle.keep_alive = False  # answered as if it had not been asked for
        except httptools.HttpParserError as exc:
            self._parser_failed(exc)
            return
        if self._in_head:
            self._head += len(data)
            if self._head > _HEAD_BYTES:
                self.refuse(431, "bad_request", f"The head of a request may take {_HEAD_BYTES} bytes.")

    def _parser_failed(self, error: Exception) -> None:
        cause = error.__context__
        if isinstance(cause, _Refused):
            self.refuse(cause.status, cause.code, str(cause))
        else:
            self.refuse(400, "bad_request", f"This is no HTTP: {str(error) or 'it cannot be read'}.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._head, self._fields, self._taken, self._endless = True, 0, 0, 0, False
        self._due = time.monotonic() + HEAD_SECONDS
        self.scope["connection"] = self  # type: ignore[typeddict-unknown-key]

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > _FIELD_BYTES:
            raise _Refused(414, "bad_request", f"A URL may take {_FIELD_BYTES} bytes.")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._fields += 1
        if self._fields > _FIELDS or len(name) > _FIELD_BYTES or len(value) > _FIELD_BYTES:
            limits = f"A request may have {_FIELDS} headers of {_FIELD_BYTES} bytes."
            raise _Refused(431, "bad_request", limits)
        if self._in_head:  # not one behind the body
            name = name.lower()
            if name == b"expect" and value.lower() == b"100-continue":
                self.expect_100_continue = True
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        if self.parser.get_http_version() not in ("1.0", "1.1"):
            raise _Refused(505, "bad_request", "This version of HTTP is not spoken here: send HTTP/1.1 or 1.0.")
        self._in_head = False
        self._body_from = time.monotonic()
        self._due = self._body_from + self._receive_seconds
        super().on_headers_complete()
        if self._stopping():  # the answer says that it is the last one here
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        self._taken += len(body)
        if not self._endless:
            now = time.monotonic()
            slowest = self._body_from + self._taken / SLOWEST
            self._due = min(now, slowest) + self._receive_seconds

    def on_message_complete(self) -> None:
        self._due = math.inf
        self.cycle.scope["complete"] = time.monotonic()  # type: ignore[typeddict-unknown-key]
        super().on_message_complete()

    def eof_received(self) -> bool | None:  # type: ignore[override]
        """The client sends no more. Where its request is whole, it may still read the answer."""
        self._half_closed = True
        if self._endless or self._lingers or self.scheme == "https":
            return None
        if self.cycle is None or self.cycle.response_complete:
            return None
        if self.cycle.more_body:
            self.refuse(400, "bad_request", CUT_SHORT)
        else:
            self.cycle.keep_alive = False
        return True

    def whole(self, scope: Any, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> bool:
        """Write a whole answer, whose headers hold its length, at once; False where it must be sent as any other.

        What the application sends by ASGI is looked at header by header, and written in two pieces.
        """
        cycle = self.cycle
        usual = cycle.scope is scope and cycle.keep_alive and not cycle.response_started and not cycle.disconnected
        if not usual or self.flow.write_paused or self.transport.is_closing():
            return False
        fields = [b"%b: %b\r\n" % field for field in (*cycle.default_headers, *headers)]
        self.transport.write(b"".join((STATUS_LINE[status], *fields, b"\r\n", body)))
        cycle.response_started = cycle.response_complete = True
        cycle.message_event.set()
        cycle.on_response()
        return True

    def shutdown(self) -> None:
        """The process ends: answer what is whole, refuse what is not, end what rests.

        A connection that is closed with a request that was not yet read would be reset: it is left until it is read.
        """
        resting = self.cycle is None or self.cycle.response_complete
        if not resting and self.cycle.more_body and not self._endless:
            self.refuse(503, "busy", STOPPING, {"retry-after": "5"})
        elif not (resting and self._unread()):
            super().shutdown()

    def _unread(self) -> bool:
        """Whether something has arrived that the loop has not read."""
        if self.transport.is_closing():
            return False
        poll = select.poll()
        poll.register(self.transport.get_extra_info("socket").fileno(), select.POLLIN)
        return bool(poll.poll(0))

    def cut_off(self) -> None:
        """There is no time left: say so, where nothing was answered yet."""
        if self.cycle is not None and not self.cycle.response_started:
            self.refuse(503, "busy", STOPPING, {"retry-after": "5"})
        else:
            self.transport.close()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unsent = self.transport.get_write_buffer_size()
        self._due = time.monotonic() + STALL_SECONDS

    def resume_writing(self) -> None:
        super().resume_writing()
        self._unsent = None
        self._due = math.inf

    def sweep(self, now: float) -> None:
        """End what is over its deadline."""
        if now < self._due or self.transport.is_closing():
            return
        if self._unsent is not None:
            left = self.transport.get_write_buffer_size()
            if self._unsent - left >= SLOWEST * STALL_SECONDS:
                self._unsent, self._due = left, now + STALL_SECONDS
            else:
                self.transport.abort()
        elif self._lingers:
            self.transport.abort()
        elif self._in_head:
            if self._head:
                self.refuse(408, "bad_request", f"The head of the request did not come within {HEAD_SECONDS:.0f} s.")
            else:
                self.transport.close()
        else:
            self.refuse(400, "bad_request", CUT_SHORT)

    def refuse(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        """Answer before the request is whole, and end: what still comes is read on for a moment and thrown away.

        A connection that is closed while its client sends would be reset, and the client would not see the answer.
        """
        if self._lingers or self.transport.is_closing():
            return
        self._lingers = True
        self._due = time.monotonic() + LINGER_SECONDS
        self._count("-", status)
        answering = self.cycle is not None and self.cycle.response_started and not self.cycle.response_complete
        if self.cycle is not None:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if answering:  # it cannot be told any more
            self.transport.close()
            return
        self.transport.write(answer(status, code, message, headers or {}))
        if self.transport.can_write_eof():
            self.transport.write_eof()
            self.flow.resume_reading()
        else:
            self.transport.close()

    def send_400_response(self, msg: str) -> None:
        self.refuse(400, "bad_request", msg)


def answer(status: int, code: str, message: str, headers: dict[str, str]) -> bytes:
    """A whole HTTP message with an error in the one shape, after which the connection ends."""
    body = json.dumps({"status": status, "error": message, "code": code}).encode() + b"\n"
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Error"
    fields: dict[str, Any] = {
        "content-type": "application/json",
        "content-length": len(body),
        "cache-control": "no-store",
        "connection": "close",
        **headers,
    }
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body

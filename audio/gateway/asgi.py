"""The application in front: what it refuses, what it answers itself, and Flask in threads for everything else.

Bodies are read here, by the event loop: a client that is slow costs a buffer. Native handlers, for answers that stay
open, are in one table: `Front.route`.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import Flask

from audio import memory
from audio.engine.engine import Engine
from audio.errors import Busy
from audio.gateway import auth, wsgi
from audio.gateway.connection import Connection
from audio.gateway.cors import Cors, Headers
from audio.gateway.errors import answer_of, body_of
from audio.gateway.fast_path import FastPath
from audio.gateway.forwarded import client_of, headers_of
from audio.gateway.turns import Turns
from audio.gateway.wsgi import Answer, File

T = TypeVar("T")
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Handler = Callable[["Front", Scope, Receive, Send], Awaitable[None]]
When = Callable[[Mapping[str, str]], bool]

# How long short jobs may have waited, as 503 tells more than an answer that is late: a chunk of 8192 frames at 16 kHz
# (chosen: half of it refused many where all streams began at once, and who is refused comes again a second later).
_SOON_SECONDS = 0.5
# A 429 is sent so much later: who asks for too much and asks again at once is slowed down, at the price of a timer.
_HELD_SECONDS = 1.0
_KNOWN_FIRST = 64 * 1024  # bytes: a body of more is read when its sender is known
_LARGE = 2**20  # bytes: a body of more is copied on its way into memory, and counts as often
_COPIES = 3
_TRIMMED = 8 * 2**20  # bytes: after a body of more, free memory is given back


class Front:
    """The ASGI application of one process. Its Engine is open; it is made within the event loop that runs it."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.engine: Engine = app.extensions["audio"]
        settings = self.engine.settings
        self.largest = settings.max_body_mb * 2**20
        self._table: list[tuple[re.Pattern[str], frozenset[str], Handler, When]] = []
        self._soon = Turns(1, 1, _SOON_SECONDS)
        # Half of the threads at most for one stream: what it asks for is no reason for another to wait.
        self._threads = Turns(
            settings.threads, max(1, settings.threads // 2), max(_SOON_SECONDS, settings.wait_seconds)
        )
        self._pool = ThreadPoolExecutor(settings.threads, thread_name_prefix="request")
        self._fast_path = FastPath(self.engine, self._soon)
        self._cors = Cors(settings)
        self.stopping = asyncio.Event()

    def route(self, pattern: str, methods: frozenset[str], handler: Handler, when: When = lambda _: True) -> None:
        """Answer what the whole path matches by this handler, which reads the body itself, and may stay open.

        when: whether it is meant, by the headers of the request; else Flask answers.
        It is to end when `front.stopping` is set, and calls `scope["connection"].endless()` where its request lasts.
        """
        self._table.append((re.compile(pattern), methods, handler, when))

    def sweep(self) -> None:
        """Refuse those whose wait is over: once a second."""
        self._soon.refuse_late()
        self._threads.refuse_late()

    def stop(self) -> None:
        """Tell those who wait that nothing comes, and those that stay open that they end."""
        self.stopping.set()
        self._soon.close()
        self._threads.close()
        self.engine.runner.stop()

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def count(self, method: str, status: int) -> None:
        self.engine.metrics.request(method, status)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection: Connection = scope["connection"]
        headers = headers_of(scope["headers"])
        if refusal := _refusal(headers, self.largest):
            connection.refuse(*refusal)
            return
        if allowed := self._cors.headers(scope, headers):
            send = _adding(send, allowed)
        if preflight := self._cors.preflight(scope, headers):
            self.count("OPTIONS", preflight.status)
            await reply(preflight, send)
            return
        for pattern, methods, handler, when in self._table:
            if scope["method"] in methods and pattern.fullmatch(scope["path"]) and when(headers):
                await handler(self, scope, receive, send)
                return
        body = _Body(self, scope, headers)
        try:
            if await body.read(receive):
                answer = await self._answer(scope, headers, body)
                if answer.status == 429:
                    body.give_back()
                    with contextlib.suppress(asyncio.TimeoutError):
                        await asyncio.wait_for(self.stopping.wait(), _HELD_SECONDS)
                if not (answer.quick and not allowed and connection.whole(scope, *answer.parts())):
                    await reply(answer, send)
        finally:
            body.give_back()

    async def _answer(self, scope: Scope, headers: Mapping[str, str], body: _Body) -> Answer:
        try:
            name = auth.known(self.engine, headers.get("authorization", "")) or ""
        except sa.exc.SQLAlchemyError:
            name = ""  # health says so, and whatever needs the database
        service = self._fast_path.service_of(scope) if name else None
        if service is not None:
            answer = await self._fast_path.answer(service, scope, headers, b"".join(body.pieces))
            if answer is not None:
                self.count("POST", answer.status)
                return answer
        try:
            return await self.in_thread(name, self._flask, scope, headers, body)
        except Busy as exc:
            self.count(scope["method"], 503)
            return answer_of(exc)

    async def in_thread(self, client_id: str, work: Callable[..., T], *arguments: Any) -> T:
        """What this gives, computed in a thread when it is this client's turn. Raises Busy."""
        async with self._threads.place(client_id):
            return await asyncio.get_running_loop().run_in_executor(self._pool, work, *arguments)

    def _flask(self, scope: Scope, headers: Mapping[str, str], body: _Body) -> Answer:
        environ = wsgi.environ_of(scope, headers, body.pieces)
        body.pieces.clear()
        environ["audio.gone"] = scope["connection"].gone
        environ["audio.counted"] = True
        return wsgi.call(self.app, environ)


class _Body:
    """The body of a request, and the bytes that it takes of the budget."""

    def __init__(self, front: Front, scope: Scope, headers: Mapping[str, str]) -> None:
        self._front = front
        self._scope = scope
        self._connection: Connection = scope["connection"]
        self._headers = headers
        self._known = False
        self._taken = 0
        self.size = 0
        self.pieces: list[bytes] = []

    async def read(self, receive: Receive) -> bool:
        """Read it; False where it was refused, or its client is gone."""
        if not self._may(int(self._headers.get("content-length", "0"))):
            return False
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return False
            more = message.get("more_body", False)
            piece = message.get("body", b"")
            if piece:
                self.size += len(piece)
                self.pieces.append(piece)
                if not self._may(self.size) or not self._take():
                    return False
        return True

    def _may(self, size: int) -> bool:
        """Whether so many bytes may come from this sender; it is told where not."""
        if size > self._front.largest:
            self._connection.refuse(*_too_large(self._front.largest))
            return False
        if size > _KNOWN_FIRST and not self._known:
            try:
                address = client_of(self._scope, self._headers, self._front.engine.settings.proxies)
                error = auth.failure(self._front.engine, self._headers, address)
            except sa.exc.SQLAlchemyError as exc:
                body = body_of(exc)
                self._connection.refuse(body["status"], body["code"], body["error"], {"retry-after": "5"})
                return False
            if error is not None:
                self._connection.refuse(error.status, error.code, error.message, error.headers)
                return False
            self._known = True
        return True

    def _take(self) -> bool:
        wanted = self.size * (_COPIES if self.size > _LARGE else 1)
        try:
            self._front.engine.budget.take(wanted - self._taken)
        except Busy as exc:
            self._connection.refuse(503, exc.code, exc.message, {"retry-after": str(exc.retry_after)})
            return False
        self._taken = wanted
        return True

    def give_back(self) -> None:
        self._front.engine.budget.give(self._taken)
        self._taken = 0
        self.pieces.clear()
        if self.size > _TRIMMED and not self._front.stopping.is_set():
            self._front._pool.submit(memory.trim)
        self.size = 0


def _adding(send: Send, more: Headers) -> Send:
    """The same, with these headers at the start of an answer."""

    async def adding(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *more]
        await send(message)

    return adding


async def reply(answer: Answer, send: Send) -> None:
    """Send a whole answer."""
    if answer.status == 499:  # nobody reads it
        answer.headers = [*answer.headers, (b"connection", b"close")]
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    if not isinstance(answer.body, File):
        await send({"type": "http.response.body", "body": answer.body})
        return
    try:
        for piece in answer.body:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        answer.body.close()


def _too_large(largest: int) -> tuple[int, str, str]:
    return 413, "too_large", f"The request is larger than {largest // 2**20} MiB, which is the limit here."


def _refusal(headers: Mapping[str, str], largest: int) -> tuple[int, str, str] | None:
    """What headers say of a body that is not heeded is refused by its name."""
    encoding = headers.get("transfer-encoding", "")
    if encoding and encoding.strip().lower() != "chunked":
        return 501, "not_implemented", f"Transfer-Encoding {encoding[:40]} is not taken: send chunked, or a length."
    content = headers.get("content-encoding", "")
    if content and content.strip().lower() != "identity":
        return 415, "unsupported_media_type", f"Content-Encoding {content[:40]} is not taken: send the body as it is."
    expected = headers.get("expect", "")
    if expected and expected.lower() != "100-continue":
        return 417, "bad_request", f"Expect: {expected[:40]} cannot be met: send the request without it."
    length = headers.get("content-length", "0")
    if not length.isdigit():
        return 400, "bad_request", "Content-Length must be one whole number."
    return _too_large(largest) if int(length) > largest else None

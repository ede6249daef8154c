"""The SDK's `Service.stream()`: a session whose chunks come over one connection and whose results leave over another.

`POST .../streams` makes one; `input` takes parts and computes them in order, `output` gives a part for each. Both may
end in different processes: results wait in the database, and a message between the processes says that there are some.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
import uuid
from collections.abc import Mapping, MutableMapping
from typing import Any

from flask import Blueprint, Response, current_app, g, jsonify, request

from audio.engine.engine import Engine
from audio.engine.observing import IDLE_SECONDS
from audio.engine.requests import Part
from audio.errors import BadInput, Busy
from audio.gateway import auth, inputs, jobs, links
from audio.gateway.asgi import Front, Receive, Scope, Send, reply
from audio.gateway.blobs import find_blob
from audio.gateway.directory import service_of, service_parameters
from audio.gateway.errors import HttpError, answer_of, body_of, not_found
from audio.gateway.forwarded import client_of, headers_of
from audio.gateway.mixed_replace import END, TYPE, InputPart, Parser, part
from audio.gateway.openapi import LINKS, delete, errors, get, in_path, json_of, object_of
from audio.gateway.wsgi import Answer
from audio.services import registry
from audio.services.base import Service
from audio.services.inputs import Schema
from audio.stores import outbox
from audio.stores import sdk_streams as store
from audio.stores.outbox import Entry
from audio.stores.sdk_streams import SdkStream

blueprint = Blueprint("streams", __name__)

PATH = r"/services/([a-z0-9_]{1,64})/([0-9]{1,5})/streams/([0-9a-f-]{36})/(input|output)"
_MOST = 1000  # that have not ended
_RESULTS, _RESULT_BYTES = 1000, 16 * 2**20  # that wait for a reader; then the input is read no further
_FULL_SECONDS, _LOOK_SECONDS, _SIGN_SECONDS = 0.05, 0.25, 5.0
_BOUNDARY = re.compile(r'boundary="?([^";,\s]{1,70})"?')


@blueprint.post("/services/<name>/<version>/streams")
def create(name: str, version: str) -> Response:
    service = service_of(name, version)
    values = inputs.read(request, find_blob) if request.content_length else {}
    ref = inputs.session_of(values, time.time())
    parameters = {k: v for k, v in values.items() if k not in ("async", "state")}
    if any(isinstance(value, Part) for value in parameters.values()):
        raise BadInput("A stream's parameters are plain: send files as parts of its input.")
    state = {"session_id": ref.session_id if ref else str(uuid.uuid4())}
    engine: Engine = current_app.extensions["audio"]
    with engine.database.write() as connection:
        if store.count(connection) >= _MOST:
            raise Busy(f"There are {_MOST} streams already: come back later.", retry_after=30)
        made = store.create(connection, g.client_id, name, service.version, {**parameters, "state": state})
    response = jsonify(_links(made, 201))
    response.status_code = 201
    response.headers["Location"] = _url(made)
    return response


@blueprint.get("/services/<name>/<version>/streams/<stream_id>")
def show(name: str, version: str, stream_id: str) -> Response:
    found = _found(current_app.extensions["audio"], g.client_id, service_of(name, version), stream_id)
    return jsonify(_links(found, 200))


@blueprint.delete("/services/<name>/<version>/streams/<stream_id>")
def forget(name: str, version: str, stream_id: str) -> Response:
    engine: Engine = current_app.extensions["audio"]
    found = _found(engine, g.client_id, service_of(name, version), stream_id)
    with engine.database.write() as connection:
        store.delete(connection, found.id)
    engine.bus.tell(_topic(found.id))
    return Response(status=204)


def operations() -> Schema:
    """The part of the document that is of streams of the SDK."""
    tag = "streams of the SDK"
    made = object_of({**LINKS, **{way: {"type": "string", "format": "uri"} for way in ("input", "output")}})
    given = {
        "type": "object",
        "description": "Inputs that all parts have, but files; `state` names the session.",
        "properties": {"state": {"type": ["object", "null"]}},
    }
    create_ = {
        "summary": "Begin a stream: parts come over one open connection, their results leave over another",
        "tags": [tag],
        "requestBody": json_of(given, {}),
        "responses": {
            "201": {"description": "The stream", **json_of(made)},
            **errors("400", "404", "413", "415"),
        },
    }
    parts = {TYPE.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}}
    ended = object_of({"status": LINKS["status"], "uuid": LINKS["uuid"]})
    send = {
        "summary": "Send parts, each computed before the next",
        "description": "Each part has a Content-Length. X-Angus-Parameters holds inputs of its own as JSON, and "
        "X-Angus-DataField names the input that its bytes are. It ends the stream when it ends.",
        "tags": [tag],
        "requestBody": {"required": True, "content": parts},
        "responses": {"200": {"description": "All parts came", **json_of(ended)}, **errors("400", "404", "415")},
    }
    receive = {
        "summary": "Receive a result for each part, as it comes",
        "tags": [tag],
        "responses": {
            "200": {"description": "Parts of JSON, as jobs answer", "content": parts},
            **errors("404", "409"),
        },
    }
    base = "/services/{name}/{version}/streams"
    one = [*service_parameters(), in_path("stream_id", "The `uuid` of the stream.")]
    return {
        "paths": {
            base: {"parameters": service_parameters(), "post": create_},
            f"{base}/{{stream_id}}": {
                "parameters": one,
                "get": get("Get a stream", made, tag, "404"),
                "delete": delete("End a stream", tag),
            },
            f"{base}/{{stream_id}}/input": {"parameters": one, "post": send},
            f"{base}/{{stream_id}}/output": {"parameters": one, "get": receive},
        }
    }


def _links(stream: SdkStream, status: int) -> dict[str, Any]:
    url = _url(stream)
    return {"url": url, "uuid": stream.id, "status": status, "input": f"{url}/input", "output": f"{url}/output"}


def _url(stream: SdkStream) -> str:
    return f"{links.service(stream.service, stream.version)}/streams/{stream.id}"


def _topic(stream_id: str) -> str:
    return f"stream:{stream_id}"


def _found(engine: Engine, client_id: str, service: Service, stream_id: str) -> SdkStream:
    with engine.database.read() as connection:
        found = store.get(connection, client_id, service.name, service.version, stream_id)
    if found is None:
        raise not_found()
    return found


def register(front: Front) -> None:
    """Answer input and output."""
    front.route(PATH, frozenset({"GET", "POST"}), handle)


async def handle(front: Front, scope: Scope, receive: Receive, send: Send) -> None:
    """`POST .../input` and `GET .../output`."""
    headers = headers_of(scope["headers"])
    try:
        stream, service, way = _asked(front, scope, headers)
        recheck = auth.Recheck(lambda: _client_of(front.engine, headers) == stream.client_id)
    except HttpError as exc:
        await reply(answer_of(exc), send)
        return
    scope["connection"].endless()
    if way == "input":
        await _Input(front, stream, service, recheck).run(headers.get("content-type", ""), receive, send)
    else:
        await _Output(front, scope, stream, recheck).run(send)


def _asked(front: Front, scope: Scope, headers: Mapping[str, str]) -> tuple[SdkStream, Service, str]:
    engine = front.engine
    client_id = _client_of(engine, headers)
    if client_id is None:
        raise auth.refusal(headers, client_of(scope, headers, engine.settings.proxies))
    name, version, stream_id, way = re.fullmatch(PATH, scope["path"]).groups()  # type: ignore[union-attr]
    service = registry.get(name, int(version))
    if service is None:
        raise not_found()
    if scope["method"] != {"input": "POST", "output": "GET"}[way]:
        allow = {"Allow": {"input": "POST", "output": "GET"}[way]}
        raise HttpError(405, "method_not_allowed", "Input takes POST, output GET.", headers=allow)
    return _found(engine, client_id, service, stream_id), service, way


def _client_of(engine: Engine, headers: Mapping[str, str]) -> str | None:
    return auth.known(engine, headers.get("authorization", ""))


class _Input:
    """Reads parts and computes each before the next."""

    def __init__(self, front: Front, stream: SdkStream, service: Service, recheck: auth.Recheck) -> None:
        self._front, self._stream, self._service, self._recheck = front, stream, service, recheck
        self._engine = front.engine

    async def run(self, content_type: str, receive: Receive, send: Send) -> None:
        boundary = _BOUNDARY.search(content_type)
        try:
            if boundary is None:
                wanted = "Send it as Content-Type: multipart/x-mixed-replace; boundary=NAME, each part behind --NAME."
                raise HttpError(415, "unsupported_media_type", wanted)
            await self._parts(Parser(boundary[1].encode(), self._front.largest), receive)
            answer = Answer.of_json({"status": 200, "uuid": self._stream.id})
        except (BadInput, Busy, HttpError) as exc:
            answer = answer_of(exc)
        finally:
            with self._engine.database.write() as connection:
                store.end(connection, self._stream.id)
            self._engine.bus.tell(_topic(self._stream.id))
        with contextlib.suppress(OSError):
            await reply(answer, send)

    async def _parts(self, parser: Parser, receive: Receive) -> None:
        more = True
        while more and not parser.ended and not self._front.stopping.is_set():
            message = await self._next(receive)
            if message is None or message["type"] == "http.disconnect":
                return
            more = message.get("more_body", False)
            for one in parser.feed(message.get("body", b"")):
                if not await self._room():
                    return
                await self._front.in_thread(self._stream.client_id, self._compute, one)
                self._engine.bus.tell(_topic(self._stream.id))

    async def _next(self, receive: Receive) -> MutableMapping[str, Any] | None:
        """What comes next; None after too long a silence. Raises HttpError where it may come no more."""
        coming = asyncio.ensure_future(receive())
        idle = time.monotonic() + IDLE_SECONDS
        try:
            while (left := idle - time.monotonic()) > 0 and not self._front.stopping.is_set():
                done, _ = await asyncio.wait({coming}, timeout=min(left, auth.RECHECK_SECONDS))
                if not self._recheck.holds():
                    over = "The access_token of this stream counts no more: begin a new one with the present token."
                    raise HttpError(401, "unauthorized", over)
                if done:
                    return coming.result()
            return None
        finally:
            coming.cancel()

    async def _room(self) -> bool:
        """Wait until what nobody has read yet is within its bounds; False where the stream is gone."""
        deadline = time.monotonic() + IDLE_SECONDS
        while time.monotonic() < deadline and not self._front.stopping.is_set():
            with self._engine.database.read(fresh=False) as connection:
                if store.state(connection, self._stream.id) is None:
                    return False
                number, size = store.waiting(connection, self._stream.id)
            if number < _RESULTS and size < _RESULT_BYTES:
                return True
            await asyncio.sleep(_FULL_SECONDS)
        return False

    def _compute(self, one: InputPart) -> None:
        """One part: its result, or what is wrong with it, is written where the output finds it."""
        try:
            values = one.values(self._stream.parameters, Part)
            received = time.time()
            ref = inputs.session_of(values, received)
            typed = self._service.read(values, received)
            with self._engine.metrics.job(self._service):
                self._engine.runner.run(self._service, typed, self._stream.client_id, ref, self._made)
            self._engine.database.drain()
        except Exception as exc:  # noqa: BLE001 - whatever a part does, the stream goes on
            with self._engine.database.write_prepared() as connection:
                store.add_result(connection, self._stream.id, json.dumps(body_of(exc)), time.time())

    def _made(self, result: str) -> Entry:
        return outbox.part(self._stream.id, f'{{{jobs.fields(result)}"status":201}}')


class _Output:
    """Sends results as they come; the one reader of its stream."""

    def __init__(self, front: Front, scope: Scope, stream: SdkStream, recheck: auth.Recheck) -> None:
        self._front, self._scope, self._stream, self._recheck = front, scope, stream, recheck
        self._database = front.engine.database
        self._reader = str(uuid.uuid4())
        self._signed = 0.0

    async def run(self, send: Send) -> None:
        if not self._sign():
            taken = "Another connection reads this output: end that one, or begin a stream of your own."
            await reply(answer_of(HttpError(409, "conflict", taken)), send)
            return
        told = asyncio.Event()
        end = self._front.engine.bus.listen(_topic(self._stream.id), lambda _content: told.set())
        headers = [(b"content-type", TYPE.encode()), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")]
        try:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            with contextlib.suppress(OSError, asyncio.TimeoutError):
                await self._results(send, told)
                await send({"type": "http.response.body", "body": END})
        finally:
            end()
            with self._database.write() as connection:
                store.leave_reader(connection, self._stream.id, self._reader)

    async def _results(self, send: Send, told: asyncio.Event) -> None:
        last = 0
        while self._goes_on() and self._recheck.holds() and self._sign():
            told.clear()
            with self._database.read(fresh=False) as connection:
                state = store.state(connection, self._stream.id)
                found = store.results(connection, self._stream.id, last)
            if found:
                last = found[-1][0]
                body = b"".join(part(text) for _, text in found)
                await asyncio.wait_for(
                    send({"type": "http.response.body", "body": body, "more_body": True}), IDLE_SECONDS
                )
                with self._database.write() as connection:
                    store.fetched(connection, self._stream.id, last)
            elif state is None or state[0] or time.time() - state[1] > IDLE_SECONDS:
                return
            else:
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(told.wait(), _LOOK_SECONDS)

    def _goes_on(self) -> bool:
        return not self._front.stopping.is_set() and not self._scope["connection"].gone()

    def _sign(self) -> bool:
        """Say that this reader lives; False where there is another one."""
        if time.monotonic() - self._signed < _SIGN_SECONDS:
            return True
        self._signed = time.monotonic()
        with self._database.write() as connection:
            taken = store.take_reader(connection, self._stream.id, self._reader)
            return taken or store.state(connection, self._stream.id) is None

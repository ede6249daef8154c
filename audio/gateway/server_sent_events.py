"""`GET /api/1/events` with `Accept: text/event-stream`: events as they happen, over one open response.

`Last-Event-ID`, or `after`, replays what came later; `live=1` adds how each session is just now, which nobody stores.
The server ends a connection after half an hour, some seconds after its credentials end, and at once when it stops:
the client comes back with its id.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from audio.engine import live
from audio.errors import BadInput
from audio.gateway import auth
from audio.gateway import events as questions
from audio.gateway.asgi import Front, Receive, Scope, Send, reply
from audio.gateway.errors import HttpError, answer_of
from audio.gateway.forwarded import client_of, headers_of
from audio.gateway.tail import Follower, Tail
from audio.stores import events
from audio.stores.events import Event, iso

PATH = "/api/1/events"
TYPE = "text/event-stream"
_HEARTBEAT_SECONDS = 15.0
_LONGEST_SECONDS = 1800.0
_STALLED_SECONDS = 30.0
_EACH = 10  # open ones of one stream
_STATES = 64  # that wait for a reader; the oldest go

_NOBODY = (
    "Neither a sign-in nor a token that counts came: sign in again, or send the client_id and the access_token of a "
    "stream."
)

# Who may read which streams, beside a stream's own credentials: gets the headers and the query, and gives client_ids,
# or None where it does not know who asks. A room that signs people in adds its own.
ReadersOf = Callable[[Mapping[str, str], Mapping[str, str]], "Sequence[str] | None"]


class ServerSentEvents:
    """The open responses of one process."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._tail = Tail(front.engine)
        self._open: Counter[str] = Counter()

    def wanted(self, headers: Mapping[str, str]) -> bool:
        return TYPE in headers.get("accept", "")

    async def handle(self, front: Front, scope: Scope, receive: Receive, send: Send) -> None:
        headers = headers_of(scope["headers"])
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        try:
            client_ids = self._readable(headers, query, client_of(scope, headers, front.engine.settings.proxies))
            follower, gap = self._follow(client_ids, headers, query)
        except (BadInput, HttpError) as exc:
            await reply(answer_of(exc), send)
            return
        owner = client_ids[0] if client_ids else ""
        self._open[owner] += 1
        scope["connection"].endless()
        gone = asyncio.create_task(_gone(receive))
        try:
            recheck = auth.Recheck(lambda: self._known(headers, query) == client_ids)
            await self._tell(gone, send, follower, gap, client_ids, recheck, live=query.get("live") == "1")
        finally:
            gone.cancel()
            self._open[owner] -= 1
            follower.leave()

    def _readable(self, headers: Mapping[str, str], query: Mapping[str, str], address: str) -> Sequence[str]:
        """The streams whose events are asked for. Raises HttpError."""
        client_ids = self._known(headers, query)
        if not client_ids:
            raise auth.failure(self._front.engine, headers, address) or HttpError(401, "unauthorized", _NOBODY)
        if self._open[client_ids[0]] >= _EACH:
            busy = f"{_EACH} connections read these events already: close one, or read on with 'after'."
            raise HttpError(503, "busy", busy, headers={"Retry-After": "30"})
        return client_ids

    def _known(self, headers: Mapping[str, str], query: Mapping[str, str]) -> Sequence[str] | None:
        client_id = auth.known(self._front.engine, headers.get("authorization", ""))
        client_ids: Sequence[str] | None = None if client_id is None else [client_id]
        for readers_of in self._front.app.extensions["event_readers"]:
            client_ids = client_ids or readers_of(headers, query)
        return client_ids

    def _follow(
        self, client_ids: Sequence[str], headers: Mapping[str, str], query: dict[str, str]
    ) -> tuple[Follower, dict[str, str] | None]:
        """A follower, and what to say of a gap before what it gets."""
        if "last-event-id" in headers:
            query["after"] = headers["last-event-id"]
        asked = questions.query({name: value for name, value in query.items() if name in ("after", "type", "service")})
        after = asked["after"] if query.get("after") else None
        follower = self._tail.follow(client_ids, asked, after)
        if after is None:
            return follower, None
        with self._front.engine.database.read() as connection:
            first, any_first = events.oldest(connection, client_ids), events.oldest(connection, None)
            newest = events.newest(connection)
        gone = any_first > after + 1 and first > after + 1
        if after > newest:  # of another database, before this one: what comes has lower ids
            follower.after, gone = newest, True
        return follower, {"after": str(after), "first": str(first)} if gone else None

    async def _tell(
        self,
        gone: asyncio.Task[None],
        send: Send,
        follower: Follower,
        gap: dict[str, str] | None,
        client_ids: Sequence[str],
        recheck: auth.Recheck,
        *,
        live: bool,
    ) -> None:
        begun = spoken = time.monotonic()
        headers = [(b"content-type", TYPE.encode()), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        self._front.count("GET", 200)
        text = "retry: 3000\n\n" + (f"event: gap\ndata: {json.dumps(gap)}\n\n" if gap else "")
        with self._states(client_ids, follower) if live else contextlib.nullcontext(deque[bytes]()) as states:
            while await self._send(send, text) and not self._over(gone, begun) and recheck.holds():
                spoken = time.monotonic() if text else spoken
                text = "" if follower.changed.is_set() else await self._wait(follower, gone, spoken)
                follower.changed.clear()
                found = follower.next()
                text += "".join(map(message, found))
                while states:
                    text += f"event: state\ndata: {states.popleft().decode()}\n\n"
                if found:
                    follower.changed.set()  # there may be more than a page
        with contextlib.suppress(OSError):
            await send({"type": "http.response.body", "body": b""})

    async def _wait(self, follower: Follower, gone: asyncio.Task[None], spoken: float) -> str:
        """Until there is something new, or nobody there; a comment where there is nothing for long."""
        changed = asyncio.create_task(follower.changed.wait())
        stopping = asyncio.create_task(self._front.stopping.wait())
        silent = spoken + _HEARTBEAT_SECONDS
        timeout = max(0.0, min(silent - time.monotonic(), auth.RECHECK_SECONDS))
        done, _ = await asyncio.wait({changed, stopping, gone}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        for task in (changed, stopping):
            task.cancel()
        return "" if done or time.monotonic() < silent else f": {iso(time.time())}\n\n"

    async def _send(self, send: Send, text: str) -> bool:
        """Whether the reader still takes what it is sent."""
        if not text:
            return True
        try:
            body = {"type": "http.response.body", "body": text.encode(), "more_body": True}
            await asyncio.wait_for(send(body), _STALLED_SECONDS)
        except (asyncio.TimeoutError, OSError):
            return False
        return True

    def _over(self, gone: asyncio.Task[None], begun: float) -> bool:
        return time.monotonic() - begun > _LONGEST_SECONDS or self._front.stopping.is_set() or gone.done()

    @contextlib.contextmanager
    def _states(self, client_ids: Sequence[str], follower: Follower) -> Any:
        """What is told of sessions while this lasts, of these streams."""
        states: deque[bytes] = deque(maxlen=_STATES)

        def take(content: bytes) -> None:
            if json.loads(content)["stream"] in client_ids:
                states.append(content)
                follower.changed.set()

        end = self._front.engine.bus.listen(live.TOPIC, take)
        self._front.engine.live.watched.begin()
        try:
            yield states
        finally:
            end()
            self._front.engine.live.watched.end()


async def _gone(receive: Receive) -> None:
    """Until the reader has closed the connection."""
    while (await receive())["type"] != "http.disconnect":
        pass


def message(event: Event) -> str:
    body = json.dumps(event.fields(), separators=(",", ":"))
    return f"id: {event.id}\nevent: {event.type}\ndata: {body}\n\n"


def register(front: Front) -> None:
    """Answer those who ask for server-sent events."""
    open_ones = ServerSentEvents(front)
    front.route(PATH, frozenset({"GET"}), open_ones.handle, open_ones.wanted)

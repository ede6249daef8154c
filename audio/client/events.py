"""What happened on one's stream: read back, and followed as it happens.

Following loses nothing: each event has an id, and after whatever breaks it goes on behind the last one that came.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from typing import Any

import requests

from audio.client.errors import Busy, ConnectionBroken, GatewayFailed, TimedOut, Unreachable
from audio.client.transport import Transport, json_of

Event = dict[str, Any]

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0  # seconds between two attempts
SILENCE = 45.0  # seconds without a word, of which the gateway sends one each 15, after which a connection is dead
PASSING = (Unreachable, ConnectionBroken, TimedOut, GatewayFailed, Busy)


class Events:
    """The events of this client's stream."""

    def __init__(self, transport: Transport, endpoint: str) -> None:
        self._transport = transport
        self.endpoint = endpoint

    def read(self, **filters: Any) -> Iterator[Event]:
        """Events that are kept, oldest first, over all pages.

        filters: type, service, from_date, to_date, after; newest=1 with a limit (1000 at most): the last so many alone.
        """
        url, params = self.endpoint, _query(filters)
        while url:
            page = json_of(self._transport.get(url, params))
            yield from page.get("events", ())
            url, params = page.get("next_page", ""), {}

    def follow(self, **filters: Any) -> Iterator[Event]:
        """Events as they happen, without end; from now on, or behind the id `after`.

        A gateway that is away is waited for, and what it told meanwhile comes then. Raises ClientError where no
        patience helps.
        """
        query = _query(filters)
        pause = FIRST_PAUSE
        while True:
            try:
                if "after" not in query:
                    query["after"] = self._newest()
                for event in self._stream(query):
                    query["after"] = event["id"]
                    pause = FIRST_PAUSE
                    yield event
            except PASSING as exc:
                pause = max(pause, exc.retry_after) if isinstance(exc, Busy) else pause
            except requests.RequestException:  # it broke amid what it said
                pass
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _newest(self) -> str:
        """The id of the newest event."""
        return next((str(event["id"]) for event in self.read(newest=1, limit=1)), "0")

    def _stream(self, query: Mapping[str, Any]) -> Iterator[Event]:
        """What one connection tells; or one look, at a gateway that keeps none open."""
        response = self._transport.open(self.endpoint, query, accept="text/event-stream", silence=SILENCE)
        with closing(response):
            if not response.headers.get("Content-Type", "").startswith("text/event-stream"):
                yield from json_of(response).get("events", ())
                return
            for name, data in messages(response.iter_lines(chunk_size=1, decode_unicode=True)):
                if name not in ("gap", "state"):
                    yield json.loads(data)


def messages(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(event, data) of server-sent events; comments are passed over."""
    name = ""
    data: list[str] = []
    for line in lines:
        if not line:
            if data:
                yield name, "\n".join(data)
            name, data = "", []
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "data":
            data.append(value)


def _query(filters: Mapping[str, Any]) -> dict[str, Any]:
    joined = {name: ",".join(v) if isinstance(v, list | tuple) else v for name, v in filters.items()}
    return {name: value for name, value in joined.items() if value not in (None, "")}

"""New events of all streams, read once a process for all who follow them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from audio.engine.engine import EVENTS, Engine
from audio.stores import events
from audio.stores.events import Event

log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0  # between two looks where nobody was told of anything
_RECENT = 2000
_PAGE = 500


class Tail:
    """The newest events, kept in memory while anybody follows."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._recent: deque[Event] = deque(maxlen=_RECENT)
        self._begun = 0  # the id behind which all are in memory
        self._newest = 0
        self._followers: set[Follower] = set()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def follow(self, client_ids: Sequence[str], asked: Mapping[str, Any], after: int | None) -> Follower:
        """A follower from behind this id on; None: from now on. End it with `leave`."""
        if not self._followers:
            self._engine.followed.begin()
            with self._engine.database.read() as connection:
                self._begun = self._newest = events.newest(connection)
            self._recent.clear()
            self._stop_listening = self._engine.bus.listen(EVENTS, lambda _content: self._wake.set())
            self._task = asyncio.create_task(self._run())
        follower = Follower(self, client_ids, asked, self._newest if after is None else after)
        self._followers.add(follower)
        return follower

    def leave(self, follower: Follower) -> None:
        self._followers.discard(follower)
        if not self._followers and self._task is not None:
            self._stop_listening()
            self._task.cancel()
            self._task = None
            self._engine.followed.end()

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._wake.wait(), _LOOK_SECONDS)
            self._wake.clear()
            try:
                self._look()
            except Exception:
                log.exception("new events cannot be read; trying again")

    def _look(self) -> None:
        # Told when they are there: the loop does not write them itself.
        found = events.newer(self._engine.database.read_prepared(), self._newest, _PAGE)
        if not found:
            return
        for event in found:
            if len(self._recent) == _RECENT:
                self._begun = self._recent[0].id
            self._recent.append(event)
        self._newest = found[-1].id
        for follower in self._followers:
            follower.changed.set()
        if len(found) == _PAGE:
            self._wake.set()

    def behind(self, after: int) -> list[Event] | None:
        """What came behind this id; None where not all of it is in memory."""
        if after < self._begun:
            return None
        return [event for event in self._recent if event.id > after]


class Follower:
    """One who follows the events of some streams."""

    def __init__(self, tail: Tail, client_ids: Sequence[str], asked: Mapping[str, Any], after: int) -> None:
        self._tail, self._client_ids, self._asked = tail, list(client_ids), dict(asked)
        self.after = after
        self.changed = asyncio.Event()
        self.changed.set()

    def next(self) -> list[Event]:
        """What is new for it, oldest first; call again until there is nothing."""
        found = self._tail.behind(self.after)
        if found is None:
            with self._tail._engine.database.read() as connection:
                page = events.read(connection, self._client_ids, **{**self._asked, "after": self.after, "limit": _PAGE})
            self.after = page[-1].id if page else max(self.after, self._tail._begun)
            return page
        if found:
            self.after = found[-1].id
        return [event for event in found if self._wants(event)]

    def _wants(self, event: Event) -> bool:
        types, services = self._asked.get("types"), self._asked.get("services")
        return (
            event.client_id in self._client_ids
            and (not types or event.type in types)
            and (not services or event.service in services)
        )

    def leave(self) -> None:
        self._tail.leave(self)

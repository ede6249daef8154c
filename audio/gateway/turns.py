"""Whose turn it is: places that are taken in turn between streams, and first come first served within one."""

from __future__ import annotations

import asyncio
import math
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from audio.engine.runner import taken
from audio.errors import Busy
from audio.gateway.connection import STOPPING


@dataclass
class _Waiting:
    since: float
    granted: asyncio.Future[None]


@dataclass
class _Stream:
    held: int = 0
    queue: deque[_Waiting] = field(default_factory=deque)


class Turns:
    """So many places, of which one stream holds at most `share`. Of one event loop; no thread but the loop's uses it.

    Who waits longer than `wait_seconds` for its turn is refused: the time that is lost is what matters to a client, and
    how many wait says nothing of it.
    """

    def __init__(self, places: int, share: int, wait_seconds: float) -> None:
        self._places = self._free = places
        self._share = share
        self._wait_seconds = wait_seconds
        self._streams: OrderedDict[str, _Stream] = OrderedDict()
        self._planned = False
        self._given_back_at = -math.inf  # when a place was last
        self.closed = False

    @asynccontextmanager
    async def place(self, stream: str, since: float | None = None) -> AsyncIterator[None]:
        """`take`, and `give` at the end of what is within."""
        await self.take(stream, since)
        try:
            yield
        finally:
            self.give(stream)

    async def take(self, name: str, since: float | None = None) -> None:
        """Wait for a place. since: from when on the client waits (monotonic). Raises Busy."""
        since = time.monotonic() if since is None else since
        if self.closed:
            raise _stopping()
        loop = asyncio.get_running_loop()
        stream = self._streams.get(name) or self._streams.setdefault(name, _Stream())
        waiting = _Waiting(since, loop.create_future())
        stream.queue.append(waiting)
        self._plan(loop)
        try:
            await waiting.granted
        except asyncio.CancelledError:
            if waiting.granted.done() and not waiting.granted.cancelled() and waiting.granted.exception() is None:
                self.give(name)
            raise

    def give(self, name: str) -> None:
        """Give a place back."""
        self._streams[name].held -= 1
        self._free += 1
        self._given_back_at = time.monotonic()
        self._forget(name)
        self._plan(asyncio.get_running_loop())

    def _plan(self, loop: asyncio.AbstractEventLoop) -> None:
        """Grant at the loop's next round: what came meanwhile is read first, and takes part in the turns."""
        if not self._planned:
            self._planned = True
            loop.call_soon(self._grant)

    def _grant(self) -> None:
        self._planned = False
        while self._free and (name := self._next()) is not None:
            stream = self._streams[name]
            waiting = stream.queue.popleft()
            if waiting.granted.done() or self._is_late(waiting):
                self._refuse(waiting, taken())
                self._forget(name)
                continue
            stream.held += 1
            self._free -= 1
            self._streams.move_to_end(name)
            waiting.granted.set_result(None)

    def _next(self) -> str | None:
        """Of the streams that wait and hold less than their share, the one that was served longest ago."""
        return next((n for n, s in self._streams.items() if s.queue and s.held < self._share), None)

    def _is_late(self, waiting: _Waiting) -> bool:
        """Whether its time is over because of others: where the machine alone stood still, it is served."""
        others = self._free < self._places or self._given_back_at >= waiting.since
        return others and waiting.since < time.monotonic() - self._wait_seconds

    def _forget(self, name: str) -> None:
        stream = self._streams[name]
        if not stream.held and not stream.queue:
            del self._streams[name]

    def refuse_late(self) -> None:
        """Refuse those whose time is over, also where no place becomes free."""
        for name in list(self._streams):
            queue = self._streams[name].queue
            while queue and (self._is_late(queue[0]) or queue[0].granted.done()):
                self._refuse(queue.popleft(), taken())
            self._forget(name)

    def close(self) -> None:
        """Refuse all who wait, and all who come: the process ends."""
        self.closed = True
        for stream in self._streams.values():
            while stream.queue:
                self._refuse(stream.queue.popleft(), _stopping())

    @staticmethod
    def _refuse(waiting: _Waiting, error: Busy) -> None:
        if not waiting.granted.done():
            waiting.granted.set_exception(error)


def _stopping() -> Busy:
    return Busy(STOPPING, retry_after=5)

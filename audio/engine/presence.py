"""Which streams send: online with the first chunk of a session, offline when idle."""

from __future__ import annotations

import time

from audio.services.base import Service
from audio.stores import events, presence
from audio.stores.database import Direct
from audio.stores.events import Event

NOTED_SECONDS = 20.0  # chosen: a statement each third of a minute a stream and process is nothing


class Presence:
    """What one process has noted of the streams that it serves."""

    def __init__(self) -> None:
        self._noted: dict[str, float] = {}

    def note(self, connection: Direct, client_id: str, service: Service, level: float | None) -> None:
        """A chunk came, in the transaction of its job."""
        if service.timed is None:
            return
        now = time.monotonic()
        if now - self._noted.get(client_id, -NOTED_SECONDS) < NOTED_SECONDS:
            return
        moment = time.time()
        if presence.seen(connection, client_id, moment, level):
            events.add(connection, [Event(client_id, "", "stream_online", round(moment, 3), {})])
        self._noted[client_id] = now
        if len(self._noted) > 10_000:
            self._noted = {c: at for c, at in self._noted.items() if now - at < NOTED_SECONDS}

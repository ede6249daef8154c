"""Which streams send: online with the first chunk of a session, offline when idle."""

from __future__ import annotations

import time

from audio.services.base import Service

NOTED_SECONDS = 10.0  # of a service of a stream, in a process; chosen: as often as MQTT tells a level


class Presence:
    """What one process has noted of the streams that it serves."""

    def __init__(self) -> None:
        self._noted: dict[tuple[str, str], float] = {}

    def due(self, client_id: str, service: Service) -> bool:
        """Whether a chunk is to be noted: none was for a while."""
        since = time.monotonic() - self._noted.get((client_id, service.name), -NOTED_SECONDS)
        return service.timed is not None and since >= NOTED_SECONDS

    def noted(self, client_id: str, service: Service) -> None:
        """One was, and is committed."""
        now = time.monotonic()
        self._noted[client_id, service.name] = now
        if len(self._noted) > 10_000:
            self._noted = {c: at for c, at in self._noted.items() if now - at < NOTED_SECONDS}

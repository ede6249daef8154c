"""How much of what clients send one worker process holds at once: enough for many, and never all there is."""

from __future__ import annotations

import threading

from audio.errors import Busy


class ByteBudget:
    """So many bytes that may be taken, from any thread."""

    def __init__(self, most: int) -> None:
        self._free = most
        self._lock = threading.Lock()

    def take(self, count: int) -> None:
        """Raises Busy where there is less."""
        with self._lock:
            if count > self._free:
                raise Busy("Too many large requests came at once: send this one again in a few seconds.", retry_after=3)
            self._free -= count

    def give(self, count: int) -> None:
        with self._lock:
            self._free += count

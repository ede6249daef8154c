"""How much of what clients send one worker process holds at once: enough for many, and never all there is."""

from __future__ import annotations

import threading

from flask import Flask, current_app, g

from audio.errors import Busy


class Memory:
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


def take(count: int) -> None:
    """Take so many bytes for the current request, until it ends. Raises Busy."""
    memory: Memory = current_app.extensions["audio"].memory
    memory.take(count)
    g.taken = g.get("taken", 0) + count


def register(app: Flask, memory: Memory) -> None:
    """Give back what a request took when it ends."""
    app.teardown_request(lambda _error: memory.give(g.pop("taken", 0)))

"""The thread of a process that writes what chunks made into the database: many of them in one transaction.

Whoever reads writes what waits first. What is written here is for those who are told that there is something to read:
events at once while anybody follows them, and all else soon enough that a read seldom has much to do.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from audio.stores.database import Database

EACH_SECONDS = 0.15  # chosen: a transaction costs as much as some twenty chunks in it
SOON_SECONDS = 0.05  # between two where there are events; chosen: one alone is told at once, of many nobody sees it
_AGAIN_SECONDS = 1.0  # after one that failed


class Drainer:
    """say: is told what could not be written, and why."""

    def __init__(self, database: Database, say: Callable[[str, Exception], None]) -> None:
        self._database, self._say = database, say
        self._dirty, self._urgent = threading.Event(), threading.Event()
        # Whether anybody wants to be told of events.
        self.is_followed: Callable[[], bool] = lambda: True
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)

    def start(self) -> None:
        """Begin, with what a process that was killed has left."""
        self.note(urgent=True)
        self._thread.start()

    def note(self, *, urgent: bool) -> None:
        """A chunk was committed. urgent: it tells of events."""
        if urgent and not self._urgent.is_set() and self.is_followed():
            self._urgent.set()
        if not self._dirty.is_set():
            self._dirty.set()

    def stop(self) -> None:
        """End, with all written."""
        self._stopping = True
        self._urgent.set()
        self._dirty.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping:
            self._dirty.wait()
            self._urgent.wait(EACH_SECONDS)
            self._dirty.clear()
            self._urgent.clear()
            try:
                self._database.drain()
            except Exception as exc:  # noqa: BLE001 - it goes on, and says what was wrong
                self._say("what was computed cannot be written; trying again", exc)
                self._dirty.set()
                time.sleep(0 if self._stopping else _AGAIN_SECONDS)
            else:
                time.sleep(0 if self._stopping else SOON_SECONDS)

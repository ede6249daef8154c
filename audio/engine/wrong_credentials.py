"""Who guesses credentials is seen in the log."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

_MOST_ADDRESSES = 10_000


class WrongCredentials:
    """A line in the log for wrong credentials, once a minute and address: who guesses is seen, and fills no disk."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._minute = 0
        self._counts: dict[str, int] = {}

    def note(self, address: str) -> None:
        """Somebody at this address has sent some; empty: nobody knows from where."""
        address = address or "?"
        with self._lock:
            minute = int(self._clock() // 60)
            if minute != self._minute:
                self._tell()
                self._minute, self._counts = minute, {}
            if len(self._counts) < _MOST_ADDRESSES or address in self._counts:
                self._counts[address] = self._counts.get(address, 0) + 1
            if self._counts.get(address) == 1:
                log.warning("wrong credentials came from %s", address)

    def _tell(self) -> None:
        for address, count in self._counts.items():
            if count > 1:
                log.warning("wrong credentials came %d times within a minute from %s", count, address)


WRONG = WrongCredentials()

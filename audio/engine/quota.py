"""What one stream may store: the bytes of its results and the number of its sessions, each with its error.

Results are counted in memory, by each process for what it wrote, in as many steps as they expire in: a count costs
nothing, and a restart begins anew.
"""

from __future__ import annotations

import threading
import time
from collections import deque

from audio.errors import AudioError

_STEPS = 16
_MOST_STREAMS = 100_000


class OverQuota(AudioError):
    """The stream stores all that it may."""

    code = "quota"
    retry_after = 60


class Quota:
    """The quotas of all streams, in one process of several."""

    def __init__(self, result_bytes: int, result_seconds: float, session_count: int) -> None:
        self._bytes = result_bytes
        self._step = max(1.0, result_seconds / _STEPS)
        self._sessions = session_count
        self._lock = threading.Lock()
        self._streams: dict[str, deque[tuple[int, int]]] = {}

    def result(self, client_id: str, size: int) -> None:
        """Count a result that is about to be stored. Raises OverQuota."""
        now = int(time.monotonic() // self._step)
        with self._lock:
            steps = self._streams.setdefault(client_id, deque())
            while steps and steps[0][0] < now - _STEPS:
                steps.popleft()
            if sum(count for _, count in steps) + size > self._bytes:
                raise OverQuota(
                    f"The results of this stream take the {self._bytes // 2**20} MiB that they may together: they "
                    "expire by and by. Send less, or set result_quota_mb."
                )
            if steps and steps[-1][0] == now:
                size += steps.pop()[1]
            steps.append((now, size))
            if len(self._streams) > _MOST_STREAMS:
                self._streams = {client_id: steps}

    @property
    def sessions(self) -> int:
        """How many a stream may have."""
        return self._sessions

    def too_many(self) -> OverQuota:
        """What is told to a stream that has as many."""
        return OverQuota(
            f"This stream has {self._sessions} sessions, which is the limit: go on in one of them, or wait until "
            "idle ones are forgotten."
        )

"""Whether anybody watches: nothing is done for those who are not there.

A process that has watchers leaves a file, which all processes of the data directory look for once a second.
"""

from __future__ import annotations

import time
from pathlib import Path

STATES, EVENTS = KINDS = ("watched", "followed")  # how sessions are just now; what happened
_LOOK_SECONDS = 1.0


class Watched:
    """Of one kind of watchers, as one process knows. name: that by which the process proves that it lives."""

    def __init__(self, run_dir: Path, name: str, kind: str) -> None:
        self._run_dir, self._kind = run_dir, kind
        self._mark = run_dir / f"{name}.{kind}"
        self._watchers = 0
        self._any = False
        self._looked_at = -_LOOK_SECONDS

    def begin(self) -> None:
        """Somebody watches in this process, until `end`."""
        self._watchers += 1
        self._mark.touch()

    def end(self) -> None:
        self._watchers -= 1
        if self._watchers == 0:
            self.close()

    def any(self) -> bool:
        """Whether anybody watches in any process, as it was a second ago at the latest."""
        now = time.monotonic()
        if now - self._looked_at >= _LOOK_SECONDS:
            self._any, self._looked_at = any(self._run_dir.glob(f"*.{self._kind}")), now
        return self._any

    def close(self) -> None:
        self._mark.unlink(missing_ok=True)

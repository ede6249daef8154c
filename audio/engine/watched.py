"""Whether anybody watches: nothing is done for those who are not there.

A process that has watchers leaves a file, which all processes of the data directory look for once a second, and tells
other machines so as often.
"""

from __future__ import annotations

import time
from pathlib import Path

from audio.engine.bus import Bus

STATES, EVENTS = KINDS = ("watched", "followed")  # how sessions are just now; what happened
_LOOK_SECONDS = 1.0
_BELIEVED_SECONDS = 3.0  # that somebody watches on another machine


class Watched:
    """Of one kind of watchers, as one process knows. name: that by which the process proves that it lives.

    bus: by which other machines are told, where there are any.
    """

    def __init__(self, run_dir: Path, name: str, kind: str, bus: Bus | None = None) -> None:
        self._run_dir, self._kind, self._bus = run_dir, kind, bus
        self._mark = run_dir / f"{name}.{kind}"
        self._watchers = 0
        self._any = False
        self._looked_at = -_LOOK_SECONDS
        self._reminded_at = -_BELIEVED_SECONDS
        if bus is not None:
            bus.listen(kind, self._reminded)

    def remind(self) -> None:
        """Tell again that somebody watches here, if so."""
        if self._watchers and self._bus is not None:
            self._bus.tell(self._kind)

    def _reminded(self, _content: bytes) -> None:
        self._reminded_at = time.monotonic()

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
            far = now - self._reminded_at < _BELIEVED_SECONDS
            self._any, self._looked_at = far or any(self._run_dir.glob(f"*.{self._kind}")), now
        return self._any

    def close(self) -> None:
        self._mark.unlink(missing_ok=True)

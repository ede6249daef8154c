"""Data on stdout, notes on stderr, and one line at the bottom of the terminal that is drawn again and again."""

from __future__ import annotations

import math
import shutil
import sys
import threading

QUIETEST = -60.0  # dBFS
BAR = 24  # characters
_ERASE = "\r\x1b[K"


class Screen:
    """Safe to use from several threads. status: whether the line at the bottom is wanted."""

    def __init__(self, *, status: bool) -> None:
        self.status_wanted = status
        self._drawn = False
        self._terminal = sys.stderr.isatty()
        self._lock = threading.Lock()

    def data(self, line: str) -> None:
        with self._lock:
            self._erase()
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()

    def note(self, line: str) -> None:
        with self._lock:
            self._erase()
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()

    def status(self, line: str) -> None:
        """Draw the line at the bottom; where stderr is no terminal, a line like all others."""
        with self._lock:
            if self._terminal:
                width = shutil.get_terminal_size().columns - 1
                sys.stderr.write(f"{_ERASE}{line[:width]}")
                self._drawn = True
            else:
                sys.stderr.write(f"{line}\n")
            sys.stderr.flush()

    @property
    def period(self) -> float:
        """Seconds between two drawings of the status."""
        return 0.125 if self._terminal else 1.0

    def clear(self) -> None:
        with self._lock:
            self._erase()
            sys.stderr.flush()

    def _erase(self) -> None:
        if self._drawn:
            sys.stderr.write(_ERASE)
            sys.stderr.flush()
            self._drawn = False


def meter(level: float) -> str:
    """A level in dBFS as a bar and a number."""
    filled = 0 if math.isinf(level) else round(BAR * min(1.0, max(0.0, 1.0 - level / QUIETEST)))
    number = " -inf" if math.isinf(level) else f"{level:5.1f}"
    return f"[{'#' * filled}{' ' * (BAR - filled)}] {number} dBFS"

"""Memory that is free, given back to the system."""

from __future__ import annotations

import contextlib
import ctypes


def trim() -> None:
    """glibc keeps what a thread frees for that thread: each of several would keep what something large took."""
    with contextlib.suppress(AttributeError):  # other C libraries
        ctypes.CDLL(None).malloc_trim(0)

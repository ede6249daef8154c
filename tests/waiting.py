"""Waiting for a condition, with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(look: Callable[[], T], good: Callable[[T], bool] = bool, seconds: float = 60) -> T:
    """What `look` finds, once it is good. Fails when it is not in time."""
    deadline = time.monotonic() + seconds
    while not good(found := look()):
        assert time.monotonic() < deadline, f"waited {seconds} s in vain; the last was {found!r}"
        time.sleep(0.01)
    return found

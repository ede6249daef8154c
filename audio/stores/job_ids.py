"""Ids of jobs: UUIDs of version 7 (RFC 9562), milliseconds and then 74 random bits.

Rows that are made one after the other lie together in the index and on the disk, and leave together.
"""

from __future__ import annotations

import os
import time
from collections import deque

_BYTES = 10  # random, of an id
_AT_ONCE = 400  # ids: to ask the system for each costs more than all else about it
_random: deque[bytes] = deque()
os.register_at_fork(after_in_child=_random.clear)


def new() -> str:
    """An id that nobody has, or can guess."""
    value = time.time_ns() // 1_000_000 << 80 | int.from_bytes(_ten_bytes(), "big")
    value = value & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62  # version and variant
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _ten_bytes() -> bytes:
    while True:
        try:
            return _random.popleft()  # which no other thread gets
        except IndexError:
            fresh = os.urandom(_BYTES * _AT_ONCE)
            _random.extend(fresh[i : i + _BYTES] for i in range(0, len(fresh), _BYTES))

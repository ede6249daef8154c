"""A bounded memory of answers: the ones least recently used are forgotten first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T")
# What an entry takes beside its value: its key, which holds a text, and its place. Without it, empty values would stay.
OVERHEAD = 1024


class Cache(Generic[T]):
    """Values by key, as long as their sizes and overheads sum to at most `limit`. Safe in many threads at once."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._size = 0
        self._values: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> T | None:
        with self._lock:
            entry = self._values.get(key)
            if entry is None:
                return None
            self._values.move_to_end(key)
            return entry[0]

    def put(self, key: Hashable, value: T, size: int) -> None:
        """Remember a value. One larger than a quarter of the whole is not worth the others, and is not kept."""
        size += OVERHEAD
        if size > self.limit // 4:
            return
        with self._lock:
            self._size -= self._values.pop(key, (None, 0))[1]
            self._values[key] = (value, size)
            self._size += size
            while self._size > self.limit:
                self._size -= self._values.popitem(last=False)[1][1]

    def __len__(self) -> int:
        return len(self._values)

"""A bounded memory of answers: the ones least recently used are forgotten first."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from typing import Generic, TypeVar

from cachetools import LRUCache

T = TypeVar("T")
# What an entry takes beside its value: its key, which holds a text, and its place. Without it, empty values would stay.
OVERHEAD = 1024


class Cache(Generic[T]):
    """Values by key, as long as their sizes and overheads sum to at most `limit`. Safe in many threads at once."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._values: LRUCache[Hashable, tuple[T, int]] = LRUCache(limit, getsizeof=lambda entry: entry[1])
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> T | None:
        with self._lock:
            entry = self._values.get(key)
            return None if entry is None else entry[0]

    def put(self, key: Hashable, value: T, size: int) -> None:
        """Remember a value. One larger than a quarter of the whole is not worth the others, and is not kept."""
        size += OVERHEAD
        if size <= self.limit // 4:
            with self._lock:
                self._values[key] = (value, size)

    def __len__(self) -> int:
        return len(self._values)

"""A service of the tests' own among those that are offered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from audio.services import registry


@contextmanager
def offered(name: str, version: int, module: str) -> Iterator[None]:
    """The service of this module, for as long as this lasts."""
    registry.TABLE[name, version] = module
    registry.services.cache_clear()
    try:
        yield
    finally:
        del registry.TABLE[name, version]
        registry.services.cache_clear()

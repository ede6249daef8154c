"""Whose credentials were right a moment ago, in one process: the database is not asked at every request."""

from __future__ import annotations

import time

KEPT_SECONDS = 1.0  # chosen: a token that is revoked ends within it
_MOST = 10_000


class CredentialCache:
    """The clients of Authorization headers, for KEPT_SECONDS each."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[str, float]] = {}

    def get(self, header: str) -> str | None:
        client_id, until = self._found.get(header, ("", 0.0))
        return client_id if time.monotonic() < until else None

    def put(self, header: str, client_id: str) -> None:
        if len(self._found) >= _MOST:
            self._found = {}
        self._found[header] = (client_id, time.monotonic() + KEPT_SECONDS)

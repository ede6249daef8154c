"""Where sessions are kept, and beside them what their chunks made that the database does not have yet: the outbox.

A chunk is one commit: its session, by compare-and-set on the revision, and one record of all else that it made. So a
chunk is either heard with its job, its events and its sums, or as if it had never come. Records are numbered in the
order of their commits; who writes them into the database (`outbox.py`) keeps there, in the same transaction, the number
of the last one, and only then forgets them here: none is written twice, none is lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class Key(NamedTuple):
    client_id: str
    service: str
    version: int
    session_id: str


class Stored(NamedTuple):
    """A session as it lies in the store. used_at: when its last chunk came, in Unix time."""

    revision: int
    used_at: float
    content: bytes


@dataclass(frozen=True)
class Change:
    """The session that follows one of revision `before` (0: there is none yet), which has the revision above it.

    is_open: whether something in it is to be ended where nothing more comes. most: sessions that a stream may have.
    """

    key: Key
    before: int
    content: bytes
    used_at: float
    is_open: bool
    most: int


class TooManySessions(Exception):
    """The stream has as many sessions as it may."""


class SessionStore(Protocol):
    """Threads and processes share one. What has no room raises OSError with ENOSPC, and has changed nothing then."""

    @property
    def source(self) -> str:
        """Names these records: another where the store began anew, with numbers from the start."""
        ...

    def load(self, key: Key, known: tuple[int, float] | None = None) -> Stored | None:
        """A session; without its content where its revision and last use are `known`: the caller has it then."""
        ...

    def commit(self, record: bytes, change: Change | None = None) -> bool:
        """Put the session and the record, or neither. False where another chunk was faster.

        Raises TooManySessions where it is a new one of a stream that has `most`.
        """
        ...

    def waits(self) -> bool:
        """Whether there is any record. Cheap: asked before all that reads the database."""
        ...

    def records(self, after: int, limit: int) -> list[tuple[int, bytes]]:
        """Up to so many records with numbers above `after`, in their order, each with its number."""
        ...

    def forget(self, upto: int) -> None:
        """Delete the records up to that number: the database has them."""
        ...

    def idle(self, before: float) -> list[Key]:
        """The open sessions that had no chunk since `before`."""
        ...

    def forget_idle(self, before: float) -> int:
        """Delete the sessions that had no chunk since `before`; their number."""
        ...

    def erase(self, client_ids: Iterable[str]) -> None:
        """Delete all sessions of these streams."""
        ...

    def close(self) -> None: ...

"""Sessions: what a service knows from one chunk to the next, with the chunk's place in the session.

A session is kept under (client_id, service, version, session_id). It is written back by compare-and-set on its
revision: of two chunks that race, one is written and the other is computed again.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from audio.stores import codec
from audio.stores.session_store import Change, Key, SessionStore

State = dict[str, Any]
Output = dict[str, Any]


@dataclass(frozen=True)
class Session:
    """A session as it is between two chunks.

    revision: 0 where it is new. position: where on the session's clock the next chunk starts, if nothing is lost before
    it. identity: what stays the same throughout, by name; empty before the first chunk. last: the newest chunk's
    (offset, length) and its answer. memory: what the engine keeps beside the state, for events and sums.
    used_at: when the chunk before came, in Unix time; None where there was none.
    """

    revision: int = 0
    position: int = 0
    identity: Mapping[str, int] = field(default_factory=dict)
    state: State | None = None
    last: tuple[int, int, Output] | None = None
    memory: dict[str, Any] = field(default_factory=dict)
    used_at: float | None = None


_NEW = Session(state={})
_MOST_RECENT = 256  # sessions: some 12 MB


class Recent:
    """Sessions as this process last wrote them: nobody unpacks what it has just packed.

    One counts only where the store has the same revision of the same moment: a session that was forgotten may begin
    again with the same numbers. States are never changed in place. Measured: with an LRUCache of cachetools, which
    would save two lines, a get and a put take half as long again.
    """

    def __init__(self) -> None:
        self._found: OrderedDict[Key, tuple[str, Session | None]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key, writer: str) -> Session | None:
        """What this process wrote last, if the same writer did."""
        by, session = self._found.get(key, ("", None))
        return session if by == writer else None

    def put(self, key: Key, writer: str, before: Session, after: Session, used_at: float) -> None:
        """Keep the session that followed `before`, once it is committed."""
        kept = Session(
            before.revision + 1, after.position, after.identity, after.state, after.last, after.memory, used_at
        )
        with self._lock:
            self._found[key] = (writer, kept)
            self._found.move_to_end(key)
            if len(self._found) > _MOST_RECENT:
                self._found.popitem(last=False)


def load(store: SessionStore, key: Key, writer: str, idle_seconds: float, recent: Recent | None = None) -> Session:
    """The session, or a new one where there is none, it was idle for too long, or another writer made its state.

    writer: what code makes the states of this service.
    """
    kept = recent.get(key, writer) if recent is not None else None
    known = None if kept is None else (kept.revision, kept.used_at or 0.0)
    found = store.load(key, known)
    if found is None:
        return _NEW
    revision, used_at, packed = found
    late = time.time() - used_at > idle_seconds
    if kept is not None and (revision, used_at) == known:
        return Session(revision=revision, state={}, memory=_owed({"memory": kept.memory})) if late else kept
    content = codec.decode(packed)
    if late or content.get("written_by") != writer:
        return Session(revision=revision, state={}, memory=_owed(content))
    last = content["last"]
    place = (content["position"], content["identity"], content["state"], last and tuple(last))
    return Session(revision, *place, content["memory"], used_at)


def _owed(content: dict[str, Any]) -> dict[str, Any]:
    """What a session that begins afresh still owes: the end of what is open, and its sums."""
    return {name: value for name, value in content.get("memory", {}).items() if name != "own"}


def change(key: Key, writer: str, before: Session, after: Session, *, used_at: float, most: int) -> Change:
    """What puts the session that followed `before` into the store.

    used_at: when its last chunk came, in Unix time. most: sessions that a stream may have.
    """
    content: dict[str, Any] = {
        "written_by": writer,
        "position": after.position,
        "identity": dict(after.identity),
        "state": after.state,
        "last": after.last,
        "memory": after.memory,
    }
    return Change(key, before.revision, codec.encode(content), used_at, "end" in after.memory, most)


def forget_idle(store: SessionStore, idle_seconds: float) -> int:
    """Delete the sessions that were idle for too long; their number."""
    return store.forget_idle(time.time() - idle_seconds)

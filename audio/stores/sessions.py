"""Sessions: what a service knows from one chunk to the next, with the chunk's place in the session.

A session is kept under (client_id, service, version, session_id). It is written back by compare-and-set on its
revision: of two chunks that race, one is written and the other is computed again.
"""

from __future__ import annotations

import dataclasses
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert  # that of SQLite is for SQLite alone

from audio.stores import codec
from audio.stores.database import Direct, Prepared
from audio.stores.tables import SESSIONS

State = dict[str, Any]
Output = dict[str, Any]


class Key(NamedTuple):
    client_id: str
    service: str
    version: int
    session_id: str


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


_KEY = sa.and_(*(SESSIONS.c[name] == sa.bindparam(f"k_{name}") for name in Key._fields))
_LOAD = Prepared(sa.select(SESSIONS.c.revision, SESSIONS.c.content, SESSIONS.c.used_at).where(_KEY))
_WRITTEN: dict[str, sa.BindParameter[Any]] = {name: sa.bindparam(name) for name in ("revision", "content", "used_at")}
_UPDATE = Prepared(SESSIONS.update().where(_KEY, SESSIONS.c.revision == sa.bindparam("k_revision")).values(**_WRITTEN))
_INSERT = Prepared(
    insert(SESSIONS).values({name: sa.bindparam(name) for name in (*Key._fields, *_WRITTEN)}).on_conflict_do_nothing()
)
_NEW = Session(state={})
_LOOK = Prepared(sa.select(SESSIONS.c.revision, SESSIONS.c.used_at).where(_KEY))
_MOST_RECENT = 256  # sessions: some 12 MB


class Recent:
    """Sessions as this process last wrote them: nobody unpacks what it has just packed.

    One counts only where the database has the same revision of the same moment: a session that was forgotten may begin
    again with the same numbers. States are never changed in place.
    """

    def __init__(self) -> None:
        self._found: OrderedDict[Key, tuple[str, Session]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key, writer: str, revision: int, used_at: float) -> Session | None:
        by, session = self._found.get(key, ("", _NEW))
        same = by == writer and session.revision == revision and session.used_at == used_at
        return session if same else None

    def put(self, key: Key, writer: str, before: Session, after: Session, used_at: float) -> None:
        """Keep the session that followed `before`, once its transaction has ended well."""
        kept = dataclasses.replace(after, revision=before.revision + 1, used_at=used_at)
        with self._lock:
            self._found[key] = (writer, kept)
            self._found.move_to_end(key)
            if len(self._found) > _MOST_RECENT:
                self._found.popitem(last=False)


def load(connection: Direct, key: Key, writer: str, idle_seconds: float, recent: Recent | None = None) -> Session:
    """The session, or a new one where there is none, it was idle for too long, or another writer made its state.

    writer: what code makes the states of this service.
    """
    if recent is not None and (head := _LOOK.run(connection, _bind(key)).fetchone()) is not None:
        kept = recent.get(key, writer, *head)
        if kept is not None and time.time() - head[1] <= idle_seconds:
            return kept
    row = _LOAD.run(connection, _bind(key)).fetchone()
    if row is None:
        return _NEW
    revision, packed, used_at = row
    content = codec.decode(packed)
    if time.time() - used_at > idle_seconds or content.get("written_by") != writer:
        return Session(revision=revision, state={}, memory=_owed(content))
    last = content["last"]
    place = (content["position"], content["identity"], content["state"], last and tuple(last))
    return Session(revision, *place, content["memory"], used_at)


def _owed(content: dict[str, Any]) -> dict[str, Any]:
    """What a session that begins afresh still owes: the end of what is open, and its sums."""
    return {name: value for name, value in content.get("memory", {}).items() if name != "own"}


def save(
    connection: Direct, key: Key, writer: str, before: Session, after: Session, *, used_at: float | None = None
) -> bool:
    """Write the session that followed `before`. False where another chunk was faster: nothing is written then.

    used_at: when its last chunk came, in Unix time; None: now.
    """
    content: dict[str, Any] = {
        "written_by": writer,
        "position": after.position,
        "identity": dict(after.identity),
        "state": after.state,
        "last": after.last,
        "memory": after.memory,
    }
    values = {"revision": before.revision + 1, "content": codec.encode(content), "used_at": used_at or time.time()}
    if before.revision:
        return bool(_UPDATE.run(connection, {**_bind(key), "k_revision": before.revision, **values}).rowcount == 1)
    return bool(_INSERT.run(connection, {**key._asdict(), **values}).rowcount == 1)


_COUNT = Prepared(sa.select(sa.func.count()).where(SESSIONS.c.client_id == sa.bindparam("client_id")))


def count(connection: Direct, client_id: str) -> int:
    """How many sessions a stream has."""
    return int(_COUNT.run(connection, {"client_id": client_id}).fetchone()[0])


def forget_idle(connection: sa.Connection, idle_seconds: float) -> int:
    """Delete the sessions that were idle for too long; their number."""
    return connection.execute(SESSIONS.delete().where(SESSIONS.c.used_at < time.time() - idle_seconds)).rowcount


def _bind(key: Key) -> dict[str, Any]:
    return {f"k_{name}": value for name, value in key._asdict().items()}


def used_at(connection: sa.Connection, key: Key) -> float | None:
    """When a session had its last chunk, in Unix time; None where it is gone."""
    where = (SESSIONS.c[name] == value for name, value in key._asdict().items())
    return connection.execute(sa.select(SESSIONS.c.used_at).where(*where)).scalar()

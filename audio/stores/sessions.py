"""Sessions: what a service knows from one chunk to the next, with the chunk's place in the session.

A session is kept under (client_id, service, version, session_id). It is written back by compare-and-set on its
revision: of two chunks that race, one is written and the other is computed again.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

import audio
from audio.services.base import Output, State
from audio.stores import codec
from audio.stores.database import SESSIONS, Direct, Prepared


class Key(NamedTuple):
    client_id: str
    service: str
    version: int
    session_id: str


@dataclass(frozen=True)
class Session:
    """A session as it is between two chunks.

    revision: 0 where it is new. position: the frame at which the next chunk starts, if nothing is lost before it.
    rate, channels: of its sound; 0 before the first chunk. last: the newest chunk's (offset, frames) and its answer.
    """

    revision: int = 0
    position: int = 0
    rate: int = 0
    channels: int = 0
    state: State | None = None
    last: tuple[int, int, Output] | None = None


_KEY = sa.and_(*(SESSIONS.c[name] == sa.bindparam(f"k_{name}") for name in Key._fields))
_LOAD = Prepared(sa.select(SESSIONS.c.revision, SESSIONS.c.content, SESSIONS.c.used_at).where(_KEY))
_WRITTEN: dict[str, sa.BindParameter[Any]] = {name: sa.bindparam(name) for name in ("revision", "content", "used_at")}
_UPDATE = Prepared(SESSIONS.update().where(_KEY, SESSIONS.c.revision == sa.bindparam("k_revision")).values(**_WRITTEN))
_INSERT = Prepared(
    insert(SESSIONS).values({name: sa.bindparam(name) for name in (*Key._fields, *_WRITTEN)}).on_conflict_do_nothing()
)
_NEW = Session(state={})


def _digest_of_services() -> str:
    """Of the code and the models that a state is made by and for."""
    root = Path(audio.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(p for folder in ("dsp", "services") for p in (root / folder).rglob("*")):
        if path.suffix in (".py", ".json", ".npz"):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


# Read with the code itself: what is installed over it while it runs is other code.
SERVICES = _digest_of_services()


def _writer() -> str:
    return f"{audio.__version__} {SERVICES}"


def load(connection: Direct, key: Key, idle_seconds: float) -> Session:
    """The session, or a new one where there is none, it was idle for too long, or other code wrote its state."""
    row = _LOAD.run(connection, _bind(key)).fetchone()
    if row is None:
        return _NEW
    revision, packed, used_at = row
    if time.time() - used_at > idle_seconds:
        return Session(revision=revision, state={})
    content = codec.decode(packed)
    if content.get("written_by") != _writer():
        return Session(revision=revision, state={})
    last = content["last"]
    return Session(
        revision, content["position"], content["rate"], content["channels"], content["state"], last and tuple(last)
    )


def save(connection: Direct, key: Key, before: Session, after: Session) -> bool:
    """Write the session that followed `before`. False where another chunk was faster: nothing is written then."""
    content: dict[str, Any] = {
        "written_by": _writer(),
        "position": after.position,
        "rate": after.rate,
        "channels": after.channels,
        "state": after.state,
        "last": after.last,
    }
    values = {"revision": before.revision + 1, "content": codec.encode(content), "used_at": time.time()}
    if before.revision:
        return bool(_UPDATE.run(connection, {**_bind(key), "k_revision": before.revision, **values}).rowcount == 1)
    return bool(_INSERT.run(connection, {**key._asdict(), **values}).rowcount == 1)


def forget_idle(connection: sa.Connection, idle_seconds: float) -> int:
    """Delete the sessions that were idle for too long; their number."""
    return connection.execute(SESSIONS.delete().where(SESSIONS.c.used_at < time.time() - idle_seconds)).rowcount


def _bind(key: Key) -> dict[str, Any]:
    return {f"k_{name}": value for name, value in key._asdict().items()}

"""Which streams send, and which sessions have something open: what must be closed when nothing more comes."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from audio.stores.database import Direct, Prepared
from audio.stores.sessions import Key
from audio.stores.tables import OPEN_SESSIONS, PRESENCE, SESSIONS

_SEEN = Prepared(sa.select(PRESENCE.c.online).where(PRESENCE.c.client_id == sa.bindparam("client_id")))
_NEW = Prepared(PRESENCE.insert().values({c.name: sa.bindparam(c.name) for c in PRESENCE.c}))
_AGAIN = Prepared(
    PRESENCE.update()
    .where(PRESENCE.c.client_id == sa.bindparam("k_client_id"))
    .values({name: sa.bindparam(name) for name in ("online", "last_seen", "level")})
)
_OPEN = Prepared(OPEN_SESSIONS.insert().values({c.name: sa.bindparam(c.name) for c in OPEN_SESSIONS.c}))
_OF_KEY = sa.and_(*(OPEN_SESSIONS.c[name] == SESSIONS.c[name] for name in Key._fields))
_CLOSE = Prepared(
    OPEN_SESSIONS.delete().where(*(OPEN_SESSIONS.c[name] == sa.bindparam(f"k_{name}") for name in Key._fields))
)


def seen(connection: Direct, client_id: str, now: float, level: float | None) -> bool:
    """Note that a stream sends, and how loud (dBFS); True where it was offline before."""
    row = _SEEN.run(connection, {"client_id": client_id}).fetchone()
    if row is None:
        _NEW.run(connection, {"client_id": client_id, "online": True, "last_seen": now, "level": level})
        return True
    _AGAIN.run(connection, {"k_client_id": client_id, "online": True, "last_seen": now, "level": level})
    return not row[0]


def quiet(connection: sa.Connection, before: float) -> Sequence[tuple[str, float]]:
    """(client_id, last seen) of the streams that are online and sent nothing since `before`."""
    query = sa.select(PRESENCE.c.client_id, PRESENCE.c.last_seen)
    rows = connection.execute(query.where(PRESENCE.c.online, PRESENCE.c.last_seen < before))
    return [(client_id, last_seen) for client_id, last_seen in rows]


def offline(connection: sa.Connection, client_id: str, before: float) -> bool:
    """Take a stream offline, unless it sent something meanwhile."""
    where = (PRESENCE.c.client_id == client_id, PRESENCE.c.online, PRESENCE.c.last_seen < before)
    return connection.execute(PRESENCE.update().where(*where).values(online=False)).rowcount == 1


def state(connection: sa.Connection, client_id: str) -> tuple[bool, float | None]:
    """Whether a stream sends, and the level in dBFS of what it sent last, where that is known."""
    query = sa.select(PRESENCE.c.online, PRESENCE.c.level).where(PRESENCE.c.client_id == client_id)
    row = connection.execute(query).one_or_none()
    return (False, None) if row is None else (bool(row.online), row.level)


def levels(connection: sa.Connection) -> dict[str, float]:
    """By client_id, the level in dBFS of what the streams that send sent last."""
    query = sa.select(PRESENCE.c.client_id, PRESENCE.c.level).where(PRESENCE.c.online, PRESENCE.c.level.is_not(None))
    return {row.client_id: row.level for row in connection.execute(query)}


def open_session(connection: Direct, key: Key) -> None:
    """Note that this session has something that must be closed when nothing more comes."""
    _OPEN.run(connection, key._asdict())


def close_session(connection: Direct, key: Key) -> None:
    _CLOSE.run(connection, {f"k_{name}": value for name, value in key._asdict().items()})


def idle_sessions(connection: sa.Connection, before: float, limit: int = 1000) -> list[Key]:
    """Open sessions without a chunk since `before`, or that are gone."""
    joined = OPEN_SESSIONS.outerjoin(SESSIONS, _OF_KEY)
    idle = sa.or_(SESSIONS.c.used_at.is_(None), SESSIONS.c.used_at < before)
    query = sa.select(*(OPEN_SESSIONS.c[name] for name in Key._fields)).select_from(joined).where(idle).limit(limit)
    return [Key(*row) for row in connection.execute(query)]


def erase(connection: sa.Connection, client_id: str) -> None:
    """Forget what is known of a stream."""
    for table in (PRESENCE, OPEN_SESSIONS):
        connection.execute(table.delete().where(table.c.client_id == client_id))

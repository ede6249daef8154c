"""Which streams send, and how loud."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from audio.stores.database import Direct, Prepared
from audio.stores.tables import PRESENCE

_SEEN = Prepared(sa.select(PRESENCE.c.online).where(PRESENCE.c.client_id == sa.bindparam("client_id")))
_NEW = Prepared(PRESENCE.insert().values({c.name: sa.bindparam(c.name) for c in PRESENCE.c}))
_AGAIN = Prepared(
    PRESENCE.update()
    .where(PRESENCE.c.client_id == sa.bindparam("k_client_id"))
    .values(
        online=sa.bindparam("online"),
        last_seen=sa.bindparam("last_seen"),
        level=sa.func.coalesce(sa.bindparam("level", type_=sa.Float), PRESENCE.c.level),
    )
)


def seen(connection: Direct, client_id: str, now: float, level: float | None) -> bool:
    """Note that a stream sends, and how loud (dBFS; None: as before); True where it was offline before."""
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


def erase(connection: sa.Connection, client_id: str) -> None:
    """Forget what is known of a stream."""
    connection.execute(PRESENCE.delete().where(PRESENCE.c.client_id == client_id))

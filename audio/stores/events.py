"""Events: what happened, to be read back in order. Ids grow by commit: a reader goes on after the last that it saw."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import sqlalchemy as sa

from audio.stores.database import Direct, Prepared
from audio.stores.tables import EVENTS

TYPES = (
    *("sound_on", "sound_off", "voice_on", "voice_off", "direction", "person_entered", "person_left"),
    *("stream_online", "stream_offline", "plan_warning", "plan_used_up", "test"),
)


@dataclass(frozen=True)
class Event:
    """id: 0 before it is stored. service: NAME/VERSION, or "" for the gateway's own. at: Unix time."""

    client_id: str
    service: str
    type: str
    at: float
    data: Mapping[str, Any]
    id: int = 0

    def fields(self) -> dict[str, Any]:
        """As it is told, everywhere."""
        return {
            "id": str(self.id),
            "stream": self.client_id,
            "service": self.service,
            "type": self.type,
            "time": iso(self.at),
            "data": dict(self.data),
        }


def iso(at: float) -> str:
    """Unix time in UTC, ISO 8601 with milliseconds."""
    return datetime.fromtimestamp(at, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


_JSON = json.JSONEncoder(separators=(",", ":"))
_ADDED = ("client_id", "service", "type", "at", "data")
_ADD = Prepared(EVENTS.insert().values({name: sa.bindparam(name) for name in _ADDED}))
_COLUMNS = [EVENTS.c[name] for name in (*_ADDED, "id")]


def add(connection: sa.Connection | Direct, events: Iterable[Event]) -> None:
    """Store events, in the transaction of what made them.

    Writers on one database follow each other (SQLite: BEGIN IMMEDIATE; others take a lock here), so ids grow by commit
    and no reader passes over one that is committed later.
    """
    rows = [
        {
            "client_id": event.client_id,
            "service": event.service,
            "type": event.type,
            "at": event.at,
            "data": _JSON.encode(dict(event.data)),
        }
        for event in events
    ]
    if rows:
        _ADD.run_all(connection, rows)


_NEWER = Prepared(
    sa.select(*_COLUMNS)
    .where(EVENTS.c.id > sa.bindparam("after"))
    .order_by(EVENTS.c.id)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)


def newer(connection: sa.Connection | Direct, after: int, limit: int) -> list[Event]:
    """Events of all streams with ids above `after`, oldest first: what followers ask at each event."""
    return [_event(row) for row in _NEWER.run(connection, {"after": after, "limit": limit}).fetchall()]


def read(
    connection: sa.Connection,
    client_ids: Sequence[str] | None,
    *,
    after: int = 0,
    limit: int = 100,
    begin: float | None = None,
    end: float | None = None,
    types: Sequence[str] = (),
    services: Sequence[str] = (),
    newest: bool = False,
) -> list[Event]:
    """Events of these streams (None: of all), oldest first, with ids above `after`, from `begin` to before `end`.

    Of more than `limit` the first ones, or the `newest`.
    """
    order = EVENTS.c.id.desc() if newest else EVENTS.c.id
    query = sa.select(*_COLUMNS).where(EVENTS.c.id > after).order_by(order).limit(limit)
    for column, allowed in ((EVENTS.c.client_id, client_ids), (EVENTS.c.type, types), (EVENTS.c.service, services)):
        if allowed or (allowed is not None and column is EVENTS.c.client_id):
            query = query.where(column == allowed[0] if len(allowed) == 1 else column.in_(allowed))
    if begin is not None:
        query = query.where(EVENTS.c.at >= begin)
    if end is not None:
        query = query.where(EVENTS.c.at < end)
    found = [_event(row) for row in connection.execute(query)]
    return found[::-1] if newest else found


def newest(connection: sa.Connection) -> int:
    """The id of the newest event; 0 where there was none yet."""
    return int(connection.execute(sa.select(sa.func.coalesce(sa.func.max(EVENTS.c.id), 0))).scalar() or 0)


def oldest(connection: sa.Connection, client_ids: Sequence[str] | None) -> int:
    """The id of the oldest event that is kept of these streams (None: of all); 0 where there is none."""
    query = sa.select(sa.func.coalesce(sa.func.min(EVENTS.c.id), 0))
    if client_ids is not None:
        query = query.where(EVENTS.c.client_id.in_(client_ids))
    return int(connection.execute(query).scalar() or 0)


def last(connection: sa.Connection, client_id: str, count: int) -> list[Event]:
    """The newest events of a stream, newest first."""
    query = sa.select(*_COLUMNS).where(EVENTS.c.client_id == client_id).order_by(EVENTS.c.id.desc()).limit(count)
    return [_event(row) for row in connection.execute(query)]


def latest_of(connection: sa.Connection, client_id: str, types: Sequence[str]) -> Event | None:
    """The newest event of these types of a stream."""
    query = sa.select(*_COLUMNS).where(EVENTS.c.client_id == client_id, EVENTS.c.type.in_(types))
    row = connection.execute(query.order_by(EVENTS.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else _event(row)


def erase(connection: sa.Connection, client_id: str, begin: float = -math.inf, end: float = math.inf) -> int:
    """Delete the events of a stream from `begin` to before `end` (UTC, s); their number."""
    where = (EVENTS.c.client_id == client_id, EVENTS.c.at >= begin, EVENTS.c.at < end)
    return connection.execute(EVENTS.delete().where(*where)).rowcount


def forget_old(connection: sa.Connection, seconds: float, limit: int = 10_000) -> int:
    """Delete up to `limit` of the oldest events that lie more than `seconds` back; their number."""
    first = sa.select(EVENTS.c.id, EVENTS.c.at).order_by(EVENTS.c.id).limit(limit).subquery()
    old = sa.select(first.c.id).where(first.c.at < time.time() - seconds)
    return connection.execute(EVENTS.delete().where(EVENTS.c.id.in_(old))).rowcount


def _event(row: Any) -> Event:
    client_id, service, kind, at, data, number = row
    return Event(client_id, service, kind, at, json.loads(data), number)

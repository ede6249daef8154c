"""Webhooks: where the events of a stream are sent, how far each has come, and what became of the last tries."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from audio.stores import events
from audio.stores.events import Event
from audio.stores.tables import DELIVERIES, EVENTS, WEBHOOKS

SHOWN_TRIES = 100
KEPT_SECONDS = 7 * 86400.0


@dataclass(frozen=True)
class Webhook:
    """types: those that are sent; none: all. secrets: newest first; two while one is changed. after: the last event
    that is done with. tries: of the next one. next_at: not tried before this Unix time. off: why it is off, or "".
    """

    id: str
    client_id: str
    url: str
    types: tuple[str, ...]
    secrets: tuple[str, ...]
    after: int
    tries: int
    next_at: float
    off: str


@dataclass(frozen=True)
class Try:
    """One delivery that was tried. status: HTTP, 0 where none came; `why` then says what happened."""

    event_id: int
    at: float
    status: int
    seconds: float
    why: str


_COLUMNS = [WEBHOOKS.c[name] for name in Webhook.__dataclass_fields__]


def add(connection: sa.Connection, client_id: str, url: str, types: Sequence[str], secret: str) -> Webhook:
    """A hook for what happens from now on."""
    hook = Webhook(
        str(uuid.uuid4()), client_id, url, tuple(types), (secret,), events.newest(connection), 0, time.time(), ""
    )
    connection.execute(WEBHOOKS.insert().values(_row(hook)))
    return hook


def of_stream(connection: sa.Connection, client_id: str) -> list[Webhook]:
    return _read(connection, sa.select(*_COLUMNS).where(WEBHOOKS.c.client_id == client_id).order_by(WEBHOOKS.c.id))


def due(connection: sa.Connection, now: float) -> list[Webhook]:
    """Those that are on, may try now and have something that is new to them, who waited longest first."""
    new = sa.exists().where(EVENTS.c.client_id == WEBHOOKS.c.client_id, EVENTS.c.id > WEBHOOKS.c.after)
    query = sa.select(*_COLUMNS).where(WEBHOOKS.c.off == "", WEBHOOKS.c.next_at <= now, new)
    return _read(connection, query.order_by(WEBHOOKS.c.next_at))


def next_event(connection: sa.Connection, hook: Webhook) -> Event | None:
    """What it is to send next."""
    found = events.read(connection, [hook.client_id], after=hook.after, limit=1, types=hook.types)
    return found[0] if found else None


def pass_over(connection: sa.Connection, hook: Webhook, upto: int) -> None:
    """Go on behind this event: none up to it is one that the hook sends."""
    where = (WEBHOOKS.c.id == hook.id, WEBHOOKS.c.after == hook.after)
    connection.execute(WEBHOOKS.update().where(*where).values(after=upto))


def note(connection: sa.Connection, hook: Webhook, tried: Try) -> None:
    """Write where a hook stands now, and what was tried, of which the newest are kept."""
    connection.execute(WEBHOOKS.update().where(WEBHOOKS.c.id == hook.id).values(_row(hook)))
    row = {"webhook_id": hook.id, **{name: getattr(tried, name) for name in Try.__dataclass_fields__}}
    connection.execute(DELIVERIES.insert().values(row))
    newest = sa.select(DELIVERIES.c.seq).where(DELIVERIES.c.webhook_id == hook.id)
    oldest = newest.order_by(DELIVERIES.c.seq.desc()).offset(SHOWN_TRIES).limit(SHOWN_TRIES)
    connection.execute(DELIVERIES.delete().where(DELIVERIES.c.seq.in_(list(connection.execute(oldest).scalars()))))


def change(connection: sa.Connection, hook: Webhook) -> None:
    """Write what somebody set: the address, types, secrets, on or off."""
    connection.execute(WEBHOOKS.update().where(WEBHOOKS.c.id == hook.id).values(_row(hook)))


def tries(connection: sa.Connection, hook_id: str) -> list[Try]:
    """What was tried, newest first."""
    columns = [DELIVERIES.c[name] for name in Try.__dataclass_fields__]
    query = sa.select(*columns).where(DELIVERIES.c.webhook_id == hook_id).order_by(DELIVERIES.c.seq.desc())
    return [Try(*row) for row in connection.execute(query.limit(SHOWN_TRIES))]


def remove(connection: sa.Connection, hook_id: str) -> bool:
    connection.execute(DELIVERIES.delete().where(DELIVERIES.c.webhook_id == hook_id))
    return connection.execute(WEBHOOKS.delete().where(WEBHOOKS.c.id == hook_id)).rowcount == 1


def erase(connection: sa.Connection, client_id: str) -> None:
    """Forget the hooks of a stream that is deleted."""
    for hook in of_stream(connection, client_id):
        remove(connection, hook.id)


def forget_old(connection: sa.Connection) -> None:
    connection.execute(DELIVERIES.delete().where(DELIVERIES.c.at < time.time() - KEPT_SECONDS))


def _row(hook: Webhook) -> dict[str, object]:
    row = {name: getattr(hook, name) for name in Webhook.__dataclass_fields__}
    return {**row, "types": json.dumps(hook.types), "secrets": json.dumps(hook.secrets)}


def _read(connection: sa.Connection, query: sa.Select[tuple[object, ...]]) -> list[Webhook]:
    found = []
    for row in connection.execute(query):
        values = {**row._mapping}
        for name in ("types", "secrets"):
            values[name] = tuple(json.loads(values[name]))
        found.append(Webhook(**values))
    return found

"""How far a reader of events has come, kept over restarts under its name, with what else it must know again."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from audio.stores.tables import CURSORS


def load(connection: sa.Connection, name: str) -> tuple[int, dict[str, Any]] | None:
    """The id of the last event that is done with, and the reader's notes; None for a reader that never was."""
    row = connection.execute(sa.select(CURSORS.c.event_id, CURSORS.c.notes).where(CURSORS.c.name == name)).one_or_none()
    return None if row is None else (row.event_id, json.loads(row.notes))


def save(connection: sa.Connection, name: str, event_id: int, notes: dict[str, Any]) -> None:
    values = {"event_id": event_id, "notes": json.dumps(notes)}
    if connection.execute(CURSORS.update().where(CURSORS.c.name == name).values(values)).rowcount == 0:
        connection.execute(CURSORS.insert().values(name=name, **values))

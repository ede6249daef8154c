"""What is kept for its own time, seen to now and then: events by stream, usage, visits, what accounts leave behind."""

from __future__ import annotations

import time

import sqlalchemy as sa

from audio.stores import account_log, attempts, invitations, sign_ins, usage, visits
from audio.stores.database import EVENTS, STREAMS

SECONDS = 600.0  # between two times
DAY = 86400


def forget(connection: sa.Connection) -> None:
    """Delete what has expired."""
    for store in (attempts, account_log, usage, visits):
        store.forget_old(connection)
    sign_ins.forget_ended(connection)
    invitations.forget_expired(connection)
    for client_id, days in connection.execute(sa.select(STREAMS.c.client_id, STREAMS.c.keep_days)).all():
        old = (EVENTS.c.client_id == client_id, EVENTS.c.at < time.time() - days * DAY)
        connection.execute(EVENTS.delete().where(*old))

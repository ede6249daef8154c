"""What is kept for its own time, seen to now and then: events by stream, usage, visits, tries of webhooks, and what
accounts leave behind.

Where the disk is nearly full the oldest events go before their time.
"""

from __future__ import annotations

import logging
import shutil
import time
from pathlib import Path

import sqlalchemy as sa

from audio.stores import account_log, attempts, events, invitations, sign_ins, sums, usage, visits, webhooks
from audio.stores.database import Database
from audio.stores.tables import EVENTS, STREAMS

log = logging.getLogger(__name__)

SECONDS = 600.0  # between two times
DAY = 86400
LEAST_FREE = 500 * 10**6  # bytes (chosen): with less on the disk the oldest events go
_DAYS_AT_ONCE = 10  # of each stream; an older release left many
_AT_ONCE = 1000  # events of one transaction, so that nobody waits for long


def forget(connection: sa.Connection, visit_seconds: float) -> None:
    """Delete what has expired. visit_seconds: how long visits are kept."""
    for store in (attempts, account_log, usage, webhooks):
        store.forget_old(connection)
    visits.forget_old(connection, visit_seconds)
    sign_ins.forget_ended(connection)
    invitations.forget_expired(connection)
    for client_id, days in connection.execute(sa.select(STREAMS.c.client_id, STREAMS.c.keep_days)).all():
        old = (EVENTS.c.client_id == client_id, EVENTS.c.at < time.time() - days * DAY)
        connection.execute(EVENTS.delete().where(*old))


def pack_sums(database: Database) -> None:
    """Pack the sums of days that have ended, each in a transaction of its own, so that nobody waits for long."""
    for _ in range(_DAYS_AT_ONCE):
        with database.read() as connection:
            found = sums.ended(connection)
        for client_id, day in found:
            with database.write() as connection:
                sums.pack(connection, client_id, day)
        if not found:
            return


def is_short(path: Path) -> bool:
    """Whether the disk that this folder is on is nearly full."""
    return shutil.disk_usage(path).free < LEAST_FREE


def make_room(database: Database, path: Path) -> int:
    """Delete some of the oldest events where the disk is nearly full; their number.

    What the database has within itself for new rows counts as free: else all events went before the file gets smaller.
    """
    if not is_short(path) or shutil.disk_usage(path).free + database.reusable() >= LEAST_FREE:
        return 0
    with database.write() as connection:
        gone = events.forget_old(connection, 0.0, _AT_ONCE)
    if gone:
        log.warning(
            "less than %d MB are free on the disk: %d of the oldest events were deleted", LEAST_FREE // 10**6, gone
        )
    return gone

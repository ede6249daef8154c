"""What was done in the console and with accounts: who, when, from where, what. Kept for a year."""

from __future__ import annotations

import time
from dataclasses import dataclass

import sqlalchemy as sa

from audio.stores.tables import METADATA, Number

KEPT_SECONDS = 366 * 86400

LOG = sa.Table(
    "account_log",
    METADATA,
    sa.Column("seq", Number, primary_key=True, autoincrement=True),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("account_id", sa.String(36)),
    sa.Column("who", sa.String(254), nullable=False),
    sa.Column("address", sa.String(64), nullable=False),
    sa.Column("what", sa.String(200), nullable=False),
    sa.Index("account_log_of_account", "account_id", "seq"),
)


@dataclass(frozen=True)
class Entry:
    at: float
    who: str
    address: str
    what: str


def add(connection: sa.Connection, account_id: str | None, who: str, address: str, what: str) -> None:
    """who: an email, or `audio accounts` for the command line."""
    values = {
        "at": time.time(),
        "account_id": account_id,
        "who": who[:254],
        "address": address[:64],
        "what": what[:200],
    }
    connection.execute(LOG.insert().values(**values))


def newest(connection: sa.Connection, limit: int = 50, account_id: str | None = None) -> list[Entry]:
    """What was done last, newest first; of one account, or of all."""
    query = sa.select(LOG.c.at, LOG.c.who, LOG.c.address, LOG.c.what).order_by(LOG.c.seq.desc()).limit(limit)
    if account_id is not None:
        query = query.where(LOG.c.account_id == account_id)
    return [Entry(*row) for row in connection.execute(query)]


def forget_old(connection: sa.Connection) -> int:
    return connection.execute(LOG.delete().where(LOG.c.at < time.time() - KEPT_SECONDS)).rowcount

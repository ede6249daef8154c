"""Attempts to sign in, counted for all workers: 5 failures of one email, 20 of one address, in 15 minutes.

An attempt counts before it is tried and is taken back when it succeeds, so that many at once get no further than many
one after the other.
"""

from __future__ import annotations

import ipaddress
import math
import time
from dataclasses import dataclass

import sqlalchemy as sa

from audio.stores.tables import METADATA, Number

SECONDS = 15 * 60
OF_EMAIL, OF_ADDRESS = 5, 20

ATTEMPTS = sa.Table(
    "attempts",
    METADATA,
    sa.Column("seq", Number, primary_key=True, autoincrement=True),
    sa.Column("subject", sa.String(300), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Index("attempts_by_subject", "subject", "at"),
)


@dataclass(frozen=True)
class Verdict:
    """wait: seconds until the next attempt is taken, 0: now. left: attempts after this one before one has to wait."""

    wait: int
    left: int


def take(connection: sa.Connection, email: str, address: str) -> Verdict:
    """Count one attempt, unless there were too many. To be called in a transaction of its own."""
    now = time.time()
    bounds = ((_email(email), OF_EMAIL), (_address(address), OF_ADDRESS))
    times = [(_times(connection, subject, now), most) for subject, most in bounds]
    waits = [at[-most] + SECONDS - now for at, most in times if len(at) >= most]
    if waits:
        return Verdict(max(1, math.ceil(max(waits))), 0)
    connection.execute(ATTEMPTS.insert(), [{"subject": subject, "at": now} for subject, _ in bounds])
    return Verdict(0, min(most - len(at) - 1 for at, most in times))


def clear(connection: sa.Connection, email: str, address: str | None = None) -> None:
    """This email succeeded, or has a new password: it begins anew. The address gets its newest attempt back."""
    connection.execute(ATTEMPTS.delete().where(ATTEMPTS.c.subject == _email(email)))
    if address is not None:
        newest = sa.select(sa.func.max(ATTEMPTS.c.seq)).where(ATTEMPTS.c.subject == _address(address)).scalar_subquery()
        connection.execute(ATTEMPTS.delete().where(ATTEMPTS.c.seq == newest))


def forget_old(connection: sa.Connection) -> int:
    return connection.execute(ATTEMPTS.delete().where(ATTEMPTS.c.at < time.time() - SECONDS)).rowcount


def _times(connection: sa.Connection, subject: str, now: float) -> list[float]:
    recent = (ATTEMPTS.c.subject == subject, ATTEMPTS.c.at > now - SECONDS)
    return list(connection.execute(sa.select(ATTEMPTS.c.at).where(*recent).order_by(ATTEMPTS.c.at)).scalars())


def _email(email: str) -> str:
    return f"email {email.strip().lower()[:254]}"


def _address(address: str) -> str:
    """Of IPv6 the network of 64 bits: one who has an address has all of these."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return f"address {address[:60]}"
    return f"address {ipaddress.ip_network((ip, 64), strict=False) if ip.version == 6 else ip}"

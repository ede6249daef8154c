"""Invitations: codes by which somebody may make an account. Of a code the SHA-256 alone is kept.

The set-up code is one of them: `audio serve` makes it anew at each start while there is no account.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass

import sqlalchemy as sa

from audio.stores.accounts import ADMIN
from audio.stores.tables import METADATA

SETUP, INVITATION = "setup", "invite"
INVITATION_SECONDS = 7 * 86400
# Without those that are taken for one another.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

INVITATIONS = sa.Table(
    "invitations",
    METADATA,
    sa.Column("code_hash", sa.String(64), primary_key=True),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("role", sa.String(8), nullable=False),
    sa.Column("made_by", sa.String(36)),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("expires_at", sa.Float),
)


@dataclass(frozen=True)
class Invitation:
    code_hash: str
    kind: str
    role: str
    made_by: str | None
    created_at: float
    expires_at: float | None


def new_setup_code(connection: sa.Connection) -> str:
    """The code for the first account, as 7Q4K-9TRM; the one before it ends."""
    code = "".join(secrets.choice(_LETTERS) for _ in range(8))
    connection.execute(INVITATIONS.delete().where(INVITATIONS.c.kind == SETUP))
    _add(connection, code, SETUP, ADMIN, None, None)
    return f"{code[:4]}-{code[4:]}"


def invite(connection: sa.Connection, role: str, made_by: str) -> str:
    """A code for one more account, for seven days."""
    code = secrets.token_urlsafe(24)
    _add(connection, code, INVITATION, role, made_by, time.time() + INVITATION_SECONDS)
    return code


def use(connection: sa.Connection, code: str, kind: str) -> Invitation | None:
    """The invitation of a code, which is used up by this; None where there is none that is valid."""
    found = peek(connection, code, kind)
    if found is not None:
        connection.execute(INVITATIONS.delete().where(INVITATIONS.c.code_hash == found.code_hash))
    return found


def peek(connection: sa.Connection, code: str, kind: str) -> Invitation | None:
    """The invitation of a code, left as it is."""
    given = sa.and_(INVITATIONS.c.code_hash == _hash(code, kind), INVITATIONS.c.kind == kind)
    row = connection.execute(sa.select(INVITATIONS).where(given)).one_or_none()
    found = None if row is None else Invitation(*row)
    return found if found and (found.expires_at is None or found.expires_at > time.time()) else None


def pending(connection: sa.Connection) -> list[Invitation]:
    """The invitations that nobody has used yet, newest first."""
    wanted = (INVITATIONS.c.kind == INVITATION, INVITATIONS.c.expires_at > time.time())
    query = sa.select(INVITATIONS).where(*wanted).order_by(INVITATIONS.c.created_at.desc())
    return [Invitation(*row) for row in connection.execute(query)]


def withdraw(connection: sa.Connection, code_hash: str) -> None:
    mine = (INVITATIONS.c.code_hash == code_hash, INVITATIONS.c.kind == INVITATION)
    connection.execute(INVITATIONS.delete().where(*mine))


def forget_expired(connection: sa.Connection) -> int:
    return connection.execute(INVITATIONS.delete().where(INVITATIONS.c.expires_at < time.time())).rowcount


def _add(
    connection: sa.Connection, code: str, kind: str, role: str, made_by: str | None, expires_at: float | None
) -> None:
    row = Invitation(_hash(code, kind), kind, role, made_by, time.time(), expires_at)
    connection.execute(INVITATIONS.insert().values(**row.__dict__))


def _hash(code: str, kind: str) -> str:
    """A set-up code is read off a screen: its case, blanks and hyphens do not matter."""
    read = "".join(c for c in code.upper() if c.isalnum()) if kind == SETUP else code.strip()
    return hashlib.sha256(read.encode("utf-8", "surrogatepass")).hexdigest()

"""Streams: who may use the gateway. A stream has a client_id and an access_token, of which the SHA-256 alone is kept.

The token is 122 random bits, so that a slow hash would add nothing but time.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from audio.stores.database import STREAMS, Direct, Prepared

_HASH_OF = Prepared(
    sa.select(STREAMS.c.token_hash).where(
        STREAMS.c.client_id == sa.bindparam("client_id"), STREAMS.c.revoked_at.is_(None)
    )
)


@dataclass(frozen=True)
class Stream:
    client_id: str
    name: str
    created_at: float
    revoked_at: float | None


@dataclass(frozen=True)
class Credentials:
    client_id: str
    access_token: str


def create(connection: sa.Connection, name: str) -> Credentials:
    """A new stream. Its token is in the answer and nowhere else."""
    credentials = Credentials(str(uuid.uuid4()), str(uuid.uuid4()))
    connection.execute(
        STREAMS.insert().values(
            client_id=credentials.client_id,
            name=name,
            token_hash=hash_token(credentials.access_token),
            created_at=time.time(),
        )
    )
    return credentials


def rotate(connection: sa.Connection, client_id: str) -> Credentials:
    """A new token for a stream; the old one ends at once, and a revoked stream is back."""
    credentials = Credentials(client_id, str(uuid.uuid4()))
    connection.execute(
        STREAMS.update()
        .where(STREAMS.c.client_id == client_id)
        .values(token_hash=hash_token(credentials.access_token), revoked_at=None)
    )
    return credentials


def revoke(connection: sa.Connection, client_id: str) -> None:
    connection.execute(STREAMS.update().where(STREAMS.c.client_id == client_id).values(revoked_at=time.time()))


def everything(connection: sa.Connection) -> list[Stream]:
    """All streams, oldest first."""
    rows = connection.execute(sa.select(STREAMS).order_by(STREAMS.c.created_at))
    return [Stream(r.client_id, r.name, r.created_at, r.revoked_at) for r in rows]


def find(connection: sa.Connection, name_or_id: str) -> list[Stream]:
    """The streams of this client_id or name; several may share a name."""
    return [s for s in everything(connection) if name_or_id in (s.client_id, s.name)]


def token_hash(connection: Direct, client_id: str) -> str | None:
    """The hash of the token that is valid for this client; None where the stream is unknown or revoked."""
    row = _HASH_OF.run(connection, {"client_id": client_id}).fetchone()
    return None if row is None else str(row[0])


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()

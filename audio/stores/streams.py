"""Streams: who may use the gateway. A stream has a client_id and an access_token, of which the SHA-256 alone is kept.

The token is 122 random bits, so that a slow hash would add nothing but time.
"""

from __future__ import annotations

import hashlib
import hmac
import time
import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from audio.errors import BadInput
from audio.stores.database import Direct, Prepared
from audio.stores.tables import STREAMS

NAME_LENGTH = 100
KEEP_DAYS = (1, 730)

_HASH_OF = Prepared(
    sa.select(STREAMS.c.token_hash).where(
        STREAMS.c.client_id == sa.bindparam("client_id"), STREAMS.c.revoked_at.is_(None)
    )
)


_EXISTS = Prepared(sa.select(STREAMS.c.client_id).where(STREAMS.c.client_id == sa.bindparam("client_id")))
_GENERATION = Prepared(
    sa.select(STREAMS.c.generation).where(
        STREAMS.c.client_id == sa.bindparam("client_id"), STREAMS.c.revoked_at.is_(None)
    )
)


_PLAN_OF = Prepared(sa.select(STREAMS.c.plan, STREAMS.c.tz).where(STREAMS.c.client_id == sa.bindparam("client_id")))


@dataclass(frozen=True)
class Stream:
    """account_id: whose it is; None before there is an account. tz: of its days, empty: the server's.

    store: whether events are kept where a job does not say; None: as its service has it. generation: grows with each
    new token, and with all else that ends what was issued before.
    """

    client_id: str
    name: str
    created_at: float
    revoked_at: float | None
    account_id: str | None = None
    plan: str = "unlimited"
    tz: str = ""
    store: bool | None = None
    keep_days: int = 90
    generation: int = 0


@dataclass(frozen=True)
class Credentials:
    client_id: str
    access_token: str


_COLUMNS = [STREAMS.c[name] for name in Stream.__dataclass_fields__]


def check_name(name: str) -> str:
    """A name as it is kept. Raises BadInput where it is none."""
    name = name.strip()
    if not 1 <= len(name) <= NAME_LENGTH or not name.isprintable():
        raise BadInput(f"A stream's name has 1 to {NAME_LENGTH} printable characters.", field="name")
    return name


def check_keep_days(days: int) -> int:
    """Raises BadInput where events cannot be kept for so many days."""
    if not KEEP_DAYS[0] <= days <= KEEP_DAYS[1]:
        raise BadInput(f"Events are kept from {KEEP_DAYS[0]} to {KEEP_DAYS[1]} days.", field="keep_days")
    return days


def check_free(connection: sa.Connection, name: str, account_id: str | None, but: str = "") -> None:
    """Raises BadInput where the account has a stream of this name. but: the client_id of one that may have it."""
    other = (STREAMS.c.name == name, STREAMS.c.account_id.is_not_distinct_from(account_id), STREAMS.c.client_id != but)
    if connection.execute(sa.select(STREAMS.c.client_id).where(*other).limit(1)).first() is not None:
        raise BadInput(f"There is a stream '{name}' already: choose another name.", field="name")


def create(
    connection: sa.Connection,
    name: str,
    *,
    account_id: str | None = None,
    plan: str = "unlimited",
    tz: str = "",
) -> Credentials:
    """A new stream. Its token is in the answer and nowhere else."""
    credentials = Credentials(str(uuid.uuid4()), str(uuid.uuid4()))
    connection.execute(
        STREAMS.insert().values(
            client_id=credentials.client_id,
            name=name,
            token_hash=hash_token(credentials.access_token),
            created_at=time.time(),
            account_id=account_id,
            plan=plan,
            tz=tz,
        )
    )
    return credentials


def rotate(connection: sa.Connection, client_id: str) -> Credentials:
    """A new token for a stream; the old one ends at once, and a revoked stream is back."""
    credentials = Credentials(client_id, str(uuid.uuid4()))
    connection.execute(
        STREAMS.update()
        .where(STREAMS.c.client_id == client_id)
        .values(token_hash=hash_token(credentials.access_token), revoked_at=None, generation=STREAMS.c.generation + 1)
    )
    return credentials


def revoke(connection: sa.Connection, client_id: str) -> None:
    """Let it in no more. What was issued for it ends; its token is kept for `restore`."""
    update(connection, client_id, revoked_at=time.time(), generation=STREAMS.c.generation + 1)


def restore(connection: sa.Connection, client_id: str) -> None:
    """Let a revoked stream in again, with the token that it had."""
    update(connection, client_id, revoked_at=None)


def update(connection: sa.Connection, client_id: str, **values: object) -> None:
    """Set columns of a stream."""
    connection.execute(STREAMS.update().where(STREAMS.c.client_id == client_id).values(**values))


def end_tokens_of_account(connection: sa.Connection, account_id: str) -> None:
    """What was issued for the streams of an account ends; their access_tokens do not."""
    mine = STREAMS.c.account_id == account_id
    connection.execute(STREAMS.update().where(mine).values(generation=STREAMS.c.generation + 1))


def everything(connection: sa.Connection) -> list[Stream]:
    """All streams, oldest first."""
    return [Stream(*row) for row in connection.execute(sa.select(*_COLUMNS).order_by(STREAMS.c.created_at))]


def of_account(connection: sa.Connection, account_id: str) -> list[Stream]:
    """The streams of an account, oldest first."""
    mine = sa.select(*_COLUMNS).where(STREAMS.c.account_id == account_id)
    return [Stream(*row) for row in connection.execute(mine.order_by(STREAMS.c.created_at))]


def get(connection: sa.Connection, client_id: str) -> Stream | None:
    if "\0" in client_id:  # PostgreSQL takes none
        return None
    row = connection.execute(sa.select(*_COLUMNS).where(STREAMS.c.client_id == client_id)).one_or_none()
    return None if row is None else Stream(*row)


def find(connection: sa.Connection, name_or_id: str) -> list[Stream]:
    """The streams of this client_id or name; several may share a name."""
    return [s for s in everything(connection) if name_or_id in (s.client_id, s.name)]


def lets_in(connection: Direct, client_id: str, token: str) -> bool:
    """Whether a token is that of a stream, which is not revoked. An unknown stream takes as long as a wrong token."""
    row = None if "\0" in client_id else _HASH_OF.run(connection, {"client_id": client_id}).fetchone()
    return hmac.compare_digest(hash_token(token), "-" * 64 if row is None else str(row[0]))


def generation(connection: Direct, client_id: str) -> int | None:
    """The generation of a stream that is let in; None where it is unknown or revoked."""
    row = _GENERATION.run(connection, {"client_id": client_id}).fetchone()
    return None if row is None else int(row[0])


def exists(connection: Direct, client_id: str) -> bool:
    """Whether there is such a stream, let in or not."""
    return _EXISTS.run(connection, {"client_id": client_id}).fetchone() is not None


def plan_of(connection: Direct, client_id: str) -> tuple[str, str]:
    """The names of a stream's plan and zone; of one that is gone meanwhile, those without a limit."""
    row = _PLAN_OF.run(connection, {"client_id": client_id}).fetchone()
    return ("unlimited", "") if row is None else (str(row[0]), str(row[1]))


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()

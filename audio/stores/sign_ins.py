"""Sign-ins: the browsers in which somebody is signed in to the console.

The cookie holds 256 random bits, of which the SHA-256 alone is kept. One ends after 7 idle days, or 30 days in all.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass

import sqlalchemy as sa

from audio.stores.accounts import ACCOUNTS, Account
from audio.stores.tables import METADATA

IDLE_SECONDS, LONGEST_SECONDS = 7 * 86400, 30 * 86400
# A use is written down once a minute, not at each page.
_NOTED_SECONDS = 60

SIGN_INS = sa.Table(
    "sign_ins",
    METADATA,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("account_id", sa.String(36), nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("used_at", sa.Float, nullable=False),
    sa.Column("address", sa.String(64), nullable=False),
    sa.Column("agent", sa.String(200), nullable=False),
    sa.Index("sign_ins_of_account", "account_id"),
)
_LIVES = (
    SIGN_INS.c.used_at > sa.bindparam("idle", type_=sa.Float),
    SIGN_INS.c.created_at > sa.bindparam("oldest", type_=sa.Float),
)


@dataclass(frozen=True)
class SignIn:
    token_hash: str
    account_id: str
    created_at: float
    used_at: float
    address: str
    agent: str


def new_token() -> str:
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def create(connection: sa.Connection, account_id: str, address: str, agent: str) -> str:
    """Sign an account in; the token for the cookie."""
    token, now = new_token(), time.time()
    row = SignIn(hash_token(token), account_id, now, now, address[:64], agent[:200])
    connection.execute(SIGN_INS.insert().values(**row.__dict__))
    return token


def account_of(connection: sa.Connection, token: str) -> tuple[Account, bool] | None:
    """Who is signed in by a token, and whether its use wants to be noted; None for a token that is none or ended."""
    query = (
        sa.select(ACCOUNTS, SIGN_INS.c.used_at)
        .join(SIGN_INS, SIGN_INS.c.account_id == ACCOUNTS.c.id)
        .where(SIGN_INS.c.token_hash == hash_token(token), ACCOUNTS.c.disabled_at.is_(None), *_LIVES)
    )
    row = connection.execute(query, _ages()).one_or_none()
    return None if row is None else (Account(*row[:-1]), time.time() - row[-1] > _NOTED_SECONDS)


def note_use(connection: sa.Connection, token: str) -> None:
    mine = SIGN_INS.c.token_hash == hash_token(token)
    connection.execute(SIGN_INS.update().where(mine).values(used_at=time.time()))


def of_account(connection: sa.Connection, account_id: str) -> list[SignIn]:
    """Where an account is signed in, newest use first."""
    query = sa.select(SIGN_INS).where(SIGN_INS.c.account_id == account_id, *_LIVES).order_by(SIGN_INS.c.used_at.desc())
    return [SignIn(*row) for row in connection.execute(query, _ages())]


def end(connection: sa.Connection, token_hash: str, account_id: str | None = None) -> None:
    """End one; only if it is this account's, where one is given."""
    mine = [SIGN_INS.c.token_hash == token_hash]
    connection.execute(SIGN_INS.delete().where(*mine, *([SIGN_INS.c.account_id == account_id] if account_id else [])))


def end_all(connection: sa.Connection, account_id: str) -> None:
    connection.execute(SIGN_INS.delete().where(SIGN_INS.c.account_id == account_id))


def forget_ended(connection: sa.Connection) -> int:
    """Delete those that have ended by their age; their number."""
    return connection.execute(SIGN_INS.delete().where(sa.not_(sa.and_(*_LIVES))), _ages()).rowcount


def _ages() -> dict[str, float]:
    now = time.time()
    return {"idle": now - IDLE_SECONDS, "oldest": now - LONGEST_SECONDS}

"""Accounts: the people who may use the console. An account has an email, the argon2id hash of a password, and a role.

`admin` runs the gateway: accounts, plans and invitations. `user` has streams of their own.
"""

from __future__ import annotations

import re
import time
import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from audio.errors import BadInput
from audio.stores.tables import METADATA, STREAMS

ADMIN, USER = "admin", "user"
ROLES = (ADMIN, USER)
_EMAIL = re.compile(r"[^@\s\x00-\x20\x7f]{1,64}@[^@\s\x00-\x20\x7f]{1,189}")

ACCOUNTS = sa.Table(
    "accounts",
    METADATA,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("email", sa.String(254), nullable=False, unique=True),
    sa.Column("password_hash", sa.String(200), nullable=False),
    sa.Column("role", sa.String(8), nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("disabled_at", sa.Float),
)


@dataclass(frozen=True)
class Account:
    id: str
    email: str
    password_hash: str
    role: str
    created_at: float
    disabled_at: float | None

    @property
    def is_admin(self) -> bool:
        return self.role == ADMIN


def clean_email(text: str) -> str:
    """An email as it is kept and compared: without blanks around it, in lower case. Raises BadInput for none."""
    email = text.strip().lower()
    if not _EMAIL.fullmatch(email) or not email.isprintable():
        raise BadInput("This is no email address: it looks like marie@example.org.", field="email")
    return email


def create(connection: sa.Connection, email: str, password_hash: str, role: str) -> Account:
    """A new account; the first one gets the streams that are nobody's. Raises BadInput where the email has one."""
    if find(connection, email) is not None:
        raise BadInput(f"There is an account {email} already.", field="email")
    account = Account(str(uuid.uuid4()), email, password_hash, role, time.time(), None)
    if not any_there(connection):
        connection.execute(STREAMS.update().where(STREAMS.c.account_id.is_(None)).values(account_id=account.id))
    connection.execute(ACCOUNTS.insert().values(**account.__dict__))
    return account


def any_there(connection: sa.Connection) -> bool:
    return connection.execute(sa.select(ACCOUNTS.c.id).limit(1)).first() is not None


def everyone(connection: sa.Connection) -> list[Account]:
    """All accounts, oldest first."""
    return [Account(*row) for row in connection.execute(sa.select(ACCOUNTS).order_by(ACCOUNTS.c.created_at))]


def find(connection: sa.Connection, email: str) -> Account | None:
    return _one(connection, ACCOUNTS.c.email == email.strip().lower())


def get(connection: sa.Connection, account_id: str) -> Account | None:
    return _one(connection, ACCOUNTS.c.id == account_id)


def first_admin(connection: sa.Connection) -> Account | None:
    """The oldest admin that is not disabled; None before there is an account."""
    return next((a for a in everyone(connection) if a.is_admin and a.disabled_at is None), None)


def set_password(connection: sa.Connection, account_id: str, password_hash: str) -> None:
    _update(connection, account_id, password_hash=password_hash)


def set_email(connection: sa.Connection, account_id: str, email: str) -> None:
    """Raises BadInput where another account has it."""
    other = find(connection, email)
    if other is not None and other.id != account_id:
        raise BadInput(f"There is an account {email} already.", field="email")
    _update(connection, account_id, email=email)


def set_role(connection: sa.Connection, account_id: str, role: str) -> None:
    """Raises BadInput for the last admin, without whom nobody could run the gateway."""
    if role not in ROLES:
        raise BadInput(f"A role is one of {', '.join(ROLES)}; '{role}' came.", field="role")
    if role != ADMIN:
        _keep_an_admin(connection, account_id)
    _update(connection, account_id, role=role)


def set_disabled(connection: sa.Connection, account_id: str, disabled: bool) -> None:
    """A disabled account signs in no more; its devices go on. Raises BadInput for the last admin."""
    if disabled:
        _keep_an_admin(connection, account_id)
    _update(connection, account_id, disabled_at=time.time() if disabled else None)


def delete(connection: sa.Connection, account_id: str) -> None:
    """Raises BadInput for the last admin while there are other accounts."""
    if len(everyone(connection)) > 1:
        _keep_an_admin(connection, account_id)
    connection.execute(ACCOUNTS.delete().where(ACCOUNTS.c.id == account_id))


def _keep_an_admin(connection: sa.Connection, account_id: str) -> None:
    left = [a for a in everyone(connection) if a.is_admin and a.disabled_at is None and a.id != account_id]
    if not left:
        raise BadInput("This is the only admin: make another account one first.")


def _one(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> Account | None:
    row = connection.execute(sa.select(ACCOUNTS).where(condition)).one_or_none()
    return None if row is None else Account(*row)


def _update(connection: sa.Connection, account_id: str, **values: object) -> None:
    connection.execute(ACCOUNTS.update().where(ACCOUNTS.c.id == account_id).values(**values))

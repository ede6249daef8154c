"""Passwords: argon2id, one computed at a time in a process, so that nobody fills memory and cores by guessing."""

from __future__ import annotations

import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from audio.errors import BadInput

SHORTEST, LONGEST = 12, 1024
_hasher = PasswordHasher()
_one_at_a_time = threading.Lock()
# Of a password that nobody knows: an unknown email takes as long as a wrong password.
_NOBODYS = _hasher.hash(secrets.token_urlsafe(32))


def check(password: str, email: str) -> None:
    """Raises BadInput, for the field `password`, where it is too short, too long, or the email."""
    count = len(password)
    if count < SHORTEST:
        raise BadInput(f"This has {count} characters: take {SHORTEST} or more.", field="password")
    if count > LONGEST:
        raise BadInput(f"This has {count} characters: take {LONGEST} or fewer.", field="password")
    if password.strip().lower() == email:
        raise BadInput("This is the email: take something that nobody knows.", field="password")


def new() -> str:
    """A password to be printed: 96 random bits."""
    return "-".join(secrets.token_hex(3) for _ in range(4))


def hash_password(password: str) -> str:
    with _one_at_a_time:
        return _hasher.hash(_bytes(password))


def verify(kept: str | None, password: str) -> bool:
    """Whether it is the password of this hash. kept None: never, after the same time."""
    with _one_at_a_time:
        try:
            right = _hasher.verify(kept or _NOBODYS, _bytes(password[: LONGEST + 1]))
        except (VerificationError, InvalidHashError):
            return False
    return right and kept is not None


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")

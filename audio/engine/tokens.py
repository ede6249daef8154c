"""JSON Web Tokens: `data` opens the data API of one stream, `jobs` its services to the live page.

HS256 and nothing else is taken. `gen` is the generation of the stream: a new access_token, a revoke or a disabled
account makes all that were issued before invalid at once.
"""

from __future__ import annotations

import time
from typing import Any

import jwt

from audio.errors import AudioError
from audio.stores import streams
from audio.stores.database import Database

DATA, JOBS = "data", "jobs"
SECONDS = {DATA: 5 * 3600, JOBS: 15 * 60}
_REQUIRED = ["client_id", "exp", "orig_iat", "aud", "gen"]


class TokenRefused(AudioError):
    """A token is missing, invalid or expired; `code` says which."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def issue(key: bytes, audience: str, *, client_id: str, generation: int, **claims: Any) -> str:
    """A token for one stream. claims: what else it says of its bearer."""
    now = int(time.time())
    times = {"orig_iat": now, "exp": now + SECONDS[audience]}
    return jwt.encode({**claims, "client_id": client_id, **times, "aud": audience, "gen": generation}, key, "HS256")


def client_of(database: Database, key: bytes, audience: str, token: str) -> str:
    """The client_id that a token speaks for. Raises TokenRefused, which says why it does not."""
    claims = _claims(key, audience, token)
    client_id = claims["client_id"]
    generation = streams.generation(database.read_prepared(), client_id) if isinstance(client_id, str) else None
    if generation is None or claims["gen"] != generation:
        raise TokenRefused(
            "invalid_jwt", "This token was withdrawn: the stream has a new access_token, or ended. Ask for a new one."
        )
    return str(client_id)


def _claims(key: bytes, audience: str, token: str) -> dict[str, Any]:
    try:
        claims: dict[str, Any] = jwt.decode(
            token, key, algorithms=["HS256"], audience=audience, options={"require": _REQUIRED}
        )
    except jwt.ExpiredSignatureError as exc:
        raise TokenRefused("expired_jwt", "This token has expired: ask for a new one.") from exc
    except jwt.PyJWTError as exc:
        raise TokenRefused("invalid_jwt", f"This is no token of this gateway for this resource: {exc}.") from exc
    return claims

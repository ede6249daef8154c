"""Who is asking: HTTP Basic with the client_id and the access_token of a stream.

What the database said of a header counts for a second: a token that is revoked ends within it.
"""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Callable, Mapping

from flask import Request, current_app, g

from audio.engine import wrong_credentials
from audio.engine.engine import Engine
from audio.gateway.errors import HttpError
from audio.stores import streams

RECHECK_SECONDS = 5.0  # chosen: an open connection outlives its credentials by no more

_NOT_GIVEN = (
    "This needs HTTP Basic authentication with the client_id and the access_token of a stream; "
    "'audio streams create NAME' makes one."
)
# One sentence for a wrong client_id and a wrong access_token: it tells nobody which clients there are.
_NOT_KNOWN = (
    "No stream has this client_id and this access_token. 'audio streams list', where the gateway runs, shows the "
    "streams; 'audio streams create NAME' makes one, 'audio streams rotate NAME' gives one a new token."
)

_BASIC = 'Basic realm="audio", charset="UTF-8"'

OPEN_ENDPOINTS = frozenset({"index", "health", "openapi", "docs"})


def known(engine: Engine, header: str) -> str | None:
    """The client_id whose credentials an Authorization header holds; None where they are not those of a stream.

    An unknown client takes as long as a wrong token.
    """
    if (kept := engine.credentials.get(header)) is not None:
        return kept
    given = credentials_of(header)
    client_id, token = given or ("", "")
    right = streams.lets_in(engine.database.read_prepared(), client_id, token)
    if given is None or not right:
        return None
    engine.credentials.put(header, client_id)
    return client_id


def failure(engine: Engine, headers: Mapping[str, str], address: str) -> HttpError | None:
    """The refusal of a request before its body is read; None where it may pass, or come in by another way.

    address: of who asks, for the log.
    """
    header = headers.get("authorization", "")
    other = "cookie" in headers or header[:6].lower() == "bearer"
    return None if other or known(engine, header) is not None else _unauthorized(header, _BASIC, address)


def refusal(headers: Mapping[str, str], address: str) -> HttpError:
    """The refusal of a request that may come in by no other way. headers: names in lower case."""
    header = headers.get("authorization", "")
    return _unauthorized(header, _asked(headers.get("sec-fetch-mode", "navigate"), header), address)


class Recheck:
    """Whether a connection that stays open may stay so: what let it in is asked again each few seconds."""

    def __init__(self, holds: Callable[[], bool]) -> None:
        self._holds = holds
        self._next = time.monotonic() + RECHECK_SECONDS

    def holds(self) -> bool:
        if time.monotonic() < self._next:
            return True
        self._next = time.monotonic() + RECHECK_SECONDS
        return self._holds()


def _unauthorized(header: str, asked: str, address: str) -> HttpError:
    message = _NOT_GIVEN
    if credentials_of(header) is not None:
        wrong_credentials.WRONG.note(address)
        message = _NOT_KNOWN
    return HttpError(401, "unauthorized", message, headers={"WWW-Authenticate": asked})


def authenticate(request: Request) -> None:
    """Let the request pass with g.client_id set, or raise 401."""
    engine: Engine = current_app.extensions["audio"]
    header = request.headers.get("Authorization", "")
    client_id = known(engine, header)
    if client_id is None:
        raise _unauthorized(header, challenge(request), request.remote_addr or "")
    g.client_id = client_id


def challenge(request: Request) -> str:
    """What a refusal asks for. A script's request gets no Basic: the browser would hold it behind a dialog."""
    return _asked(request.headers.get("Sec-Fetch-Mode", "navigate"), request.headers.get("Authorization", ""))


def _asked(mode: str, header: str) -> str:
    return 'Bearer realm="audio"' if mode != "navigate" or header[:6].lower() == "bearer" else _BASIC


def credentials_of(header: str) -> tuple[str, str] | None:
    """client_id and access_token of a Basic header, or of a Bearer of `client_id:access_token`; else None."""
    scheme, _, rest = header.partition(" ")
    client_id, colon, token = _pair(scheme.lower(), rest.strip()).partition(":")
    return (client_id, token) if colon and "\0" not in client_id else None


def _pair(scheme: str, given: str) -> str:
    if scheme == "bearer":
        return given
    try:
        return base64.b64decode(given, validate=True).decode("utf-8") if scheme == "basic" else ""
    except (binascii.Error, ValueError):
        return ""

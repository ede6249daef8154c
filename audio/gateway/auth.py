"""Who is asking: HTTP Basic with the client_id and the access_token of a stream."""

from __future__ import annotations

import base64
import binascii
import hmac

from flask import Request, current_app, g

from audio.gateway.errors import HttpError
from audio.stores import streams
from audio.stores.database import Database

_NOT_GIVEN = (
    "This needs HTTP Basic authentication with the client_id and the access_token of a stream; "
    "'audio streams create NAME' makes one."
)
# One sentence for a wrong client_id and a wrong access_token: it tells nobody which clients there are.
_NOT_KNOWN = (
    "No stream has this client_id and this access_token. 'audio streams list', where the gateway runs, shows the "
    "streams; 'audio streams create NAME' makes one, 'audio streams rotate NAME' gives one a new token."
)

OPEN_ENDPOINTS = frozenset({"index", "health", "openapi", "docs"})


def authenticate(request: Request) -> None:
    """Let the request pass with g.client_id set, or raise 401. An unknown client takes as long as a wrong token."""
    given = credentials_of(request.headers.get("Authorization", ""))
    client_id, token = given or ("", "")
    database: Database = current_app.extensions["audio"].database
    wanted = streams.token_hash(database.read_prepared(), client_id)
    right = hmac.compare_digest(streams.hash_token(token), wanted or "-" * 64)
    if given is None or not right:
        raise HttpError(
            401,
            "unauthorized",
            _NOT_GIVEN if given is None else _NOT_KNOWN,
            headers={"WWW-Authenticate": challenge(request)},
        )
    g.client_id = client_id


def challenge(request: Request) -> str:
    """What a refusal asks for. A script's request gets no Basic: the browser would hold it behind a dialog."""
    mode = request.headers.get("Sec-Fetch-Mode", "navigate")
    if mode != "navigate" or request.headers.get("Authorization", "").lower().startswith("bearer"):
        return 'Bearer realm="audio"'
    return 'Basic realm="audio", charset="UTF-8"'


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

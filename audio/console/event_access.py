"""Who may read events as they happen: those with a token of the data API, and who is signed in, of their own streams.

Asked in the event loop, outside of Flask, so it stands on the headers and the query alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from werkzeug.http import parse_cookie

from audio.console import pages
from audio.engine import secret, tokens
from audio.engine.engine import Engine
from audio.engine.tokens import TokenRefused
from audio.stores import sign_ins, streams


class Readers:
    """What a request for events may read, by its headers (names in lower case) and its query."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __call__(self, headers: Mapping[str, str], query: Mapping[str, str]) -> Sequence[str] | None:
        scheme, _, rest = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            found = self._of_token(rest.strip())
        else:
            found = None if scheme else self._of_cookie(headers, query.get("stream", ""))
        return None if found is None else [found]

    def _of_token(self, token: str) -> str | None:
        try:
            return client_of_token(self._engine, tokens.DATA, token)
        except TokenRefused:
            return None

    def _of_cookie(self, headers: Mapping[str, str], client_id: str) -> str | None:
        """A page of another site could not read the answer, but hold connections open that others need."""
        ours = headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
        token = parse_cookie(headers.get("cookie", "")).get(pages.COOKIE, "")
        return own_stream(self._engine, token, client_id) if ours else None


def token_key(engine: Engine) -> bytes:
    """What the tokens of this gateway are signed with."""
    return secret.derive(engine.secret, "tokens")


def client_of_token(engine: Engine, audience: str, token: str) -> str:
    """The stream that a token of this gateway speaks for. Raises TokenRefused."""
    return tokens.client_of(engine.database, token_key(engine), audience, token)


def own_stream(engine: Engine, token: str, client_id: str) -> str | None:
    """This stream, where it is one of who is signed in by this cookie."""
    if not token or not client_id or "\0" in client_id:
        return None
    with engine.database.read() as connection:
        found = sign_ins.account_of(connection, token)
        stream = streams.get(connection, client_id)
    mine = found is not None and stream is not None and stream.account_id == found[0].id
    return client_id if mine else None

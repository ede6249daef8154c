"""Pages of other origins that may call the services: those of the setting `cors_origins`, with Authorization alone.

Cookies are never taken from them (no Access-Control-Allow-Credentials), and only /services and /blobs are opened.
Source: the Fetch standard, CORS protocol.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from audio.engine.config import Settings
from audio.gateway import forwarded
from audio.gateway.wsgi import Answer

Headers = list[tuple[bytes, bytes]]

_OPENED = re.compile(r"/(services|blobs)(/.*)?")
_EXPOSED = b"Location, RateLimit, Retry-After"
# Ten minutes (chosen): a setting that is taken back counts soon.
_PREFLIGHT: Headers = [
    (b"access-control-allow-methods", b"GET, POST, DELETE"),
    (b"access-control-allow-headers", b"Authorization, Content-Type"),
    (b"access-control-max-age", b"600"),
]


class Cors:
    """Who may call from where, of one process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._origins = {text.strip().lower() for text in settings.cors_origins.split(",") if text.strip()}

    def headers(self, scope: Mapping[str, Any], headers: Mapping[str, str]) -> Headers:
        """What tells the browser that this page may read the answer; none where it may not."""
        origin = headers.get("origin", "")
        if not self._origins or origin.lower() not in self._origins or not self._opened(scope, headers):
            return []
        allowed = (b"access-control-allow-origin", origin.encode("latin-1"))
        return [allowed, (b"access-control-expose-headers", _EXPOSED), (b"vary", b"Origin")]

    def preflight(self, scope: Mapping[str, Any], headers: Mapping[str, str]) -> Answer | None:
        """The answer to the browser's own question before a call: it has no credentials. None for all else.

        The headers of `headers` are put to it as to any other answer.
        """
        asked = scope["method"] == "OPTIONS" and "access-control-request-method" in headers
        if not asked or not self.headers(scope, headers):
            return None
        answer = Answer()
        answer.status, answer.headers, answer.body = 204, list(_PREFLIGHT), b""
        return answer

    def _opened(self, scope: Mapping[str, Any], headers: Mapping[str, str]) -> bool:
        try:
            root = forwarded.root(lambda name: headers.get(name, ""), scope["scheme"], self._settings)
        except forwarded.BadOrigin:
            return False
        return _OPENED.fullmatch(scope["path"].removeprefix(urlsplit(root).path)) is not None

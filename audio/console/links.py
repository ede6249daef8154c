"""Links that hold behind any prefix: of the setting public_url, else of what a trusted proxy says."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import current_app, request, url_for
from werkzeug.exceptions import HTTPException


def root() -> str:
    """The URL of this gateway as its visitor sees it, without a slash at its end."""
    public: str = current_app.config["PUBLIC_URL"]
    return public or f"{request.scheme}://{request.host}{request.script_root}"


def prefix() -> str:
    """The path of `root`: empty, or /audio."""
    return urlsplit(root()).path


def path(endpoint: str, **values: Any) -> str:
    """The path of a page; `.name` is one of the console's own."""
    endpoint = f"console{endpoint}" if endpoint.startswith(".") else endpoint
    return prefix() + url_for(endpoint, **values)[len(request.script_root) :]


def is_https() -> bool:
    return urlsplit(root()).scheme == "https"


def page_of_ours(text: str) -> str | None:
    """The path of one of the console's pages, as it came in `next`; None for all else, wherever it leads."""
    ours = prefix()
    parts = urlsplit(text)
    if parts.scheme or parts.netloc or not text.startswith(f"{ours}/") or text.startswith("//") or "\\" in text:
        return None
    try:
        found = current_app.url_map.bind("").match(parts.path[len(ours) :], "GET")
    except HTTPException:
        return None
    return text if str(found[0]).startswith("console.") and text.isprintable() else None


def is_own_origin(origin: str) -> bool:
    """Whether an Origin is that of our pages. It may be https where ours is http: TLS can end at a proxy in silence."""
    given = urlsplit(origin)
    for own in (urlsplit(f"{request.scheme}://{request.host}"), urlsplit(root())):
        same = _host(given.netloc, given.scheme) == _host(own.netloc, given.scheme)
        if same and given.scheme in (own.scheme, "https"):
            return True
    return False


def _host(netloc: str, scheme: str) -> str:
    usual = {"http": ":80", "https": ":443"}.get(scheme, "")
    return netloc.lower().removesuffix(usual)

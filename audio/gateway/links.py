"""URLs of the resources: clients follow them and build none."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import current_app, request

_BLOB_PATH = re.compile(r"/blobs/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})")
_PORTS = {"http": 80, "https": 443}


def root() -> str:
    """This gateway's URL as the client sees it, without a slash at its end."""
    public: str = current_app.config["PUBLIC_URL"]
    return public or f"{request.scheme}://{request.host}{request.script_root}"


def path(rest: str) -> str:
    """A path of this gateway, as a link of its own host."""
    return f"{_path(root())}{rest}"


def service(name: str, version: int) -> str:
    return f"{root()}/services/{name}/{version}"


def jobs(name: str, version: int) -> str:
    return f"{service(name, version)}/jobs"


def job(name: str, version: int, job_id: str) -> str:
    return f"{jobs(name, version)}/{job_id}"


def blob(blob_id: str) -> str:
    return f"{root()}/blobs/{blob_id}"


def blob_id_of(url: str) -> str | None:
    """The id in a URL of one of this gateway's blobs; None for any other text. Nothing is ever fetched."""
    if len(url) > 2000 or not url.startswith(("http://", "https://")):
        return None
    ours, base, path = origin(root()), _path(root()), _path(url)
    if ours is None or origin(url) != ours or not path.startswith(base):
        return None
    match = _BLOB_PATH.fullmatch(path, len(base))
    return match[1] if match else None


def origin(url: str) -> tuple[str, str, int | None] | None:
    """Scheme, host and port, as they are compared; None where the URL is malformed or has more than a path besides."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    if parts.username is not None or parts.query or parts.fragment or not parts.hostname:
        return None
    return parts.scheme, parts.hostname, port


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""

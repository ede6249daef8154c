"""Where a client reached this gateway: the scheme, host and path that its links begin with.

The request's own, or what trusted proxies say of it (X-Forwarded-Proto, -Host, -Port, -Prefix). Each proxy appends what
it saw; of a chain of n trusted ones the value n-th from the right counts. What no URL can hold is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from audio.engine.config import Settings

_HOST = re.compile(
    r"(?:(?=.{1,253}(?::|$))[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.?|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?"
)
_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@%-]+)*")
_DEFAULT_PORT = {"http": "80", "https": "443"}

Environ = dict[str, Any]
App = Callable[[Environ, Any], Iterable[bytes]]


class BadOrigin(ValueError):
    """A host, scheme, port or prefix that no URL can hold."""


def root(header: Callable[[str], str], scheme: str, settings: Settings) -> str:
    """The URL of this gateway as the client sees it, without a slash at its end. Raises BadOrigin.

    header: the value of a request's header by its name, "" where it is not there. scheme: of the connection.
    """
    if settings.public_url:
        return settings.public_url.rstrip("/")
    scheme, host, prefix = origin(header, scheme, settings.proxies)
    return f"{scheme}://{host}{prefix}"


def origin(header: Callable[[str], str], scheme: str, proxies: int) -> tuple[str, str, str]:
    """Scheme, host (with its port, where it is not the usual one) and prefix. Raises BadOrigin."""
    host, port, prefix = header("host"), "", ""
    if proxies:
        scheme = _last(header("x-forwarded-proto"), proxies) or scheme
        host = _last(header("x-forwarded-host"), proxies) or host
        port = _last(header("x-forwarded-port"), proxies)
        prefix = _last(header("x-forwarded-prefix"), proxies).rstrip("/")
    if scheme not in _DEFAULT_PORT:
        raise BadOrigin("X-Forwarded-Proto must be http or https.")
    if port:
        if not port.isascii() or not port.isdigit() or not 0 < int(port[:6]) < 65536:
            raise BadOrigin("X-Forwarded-Port must be a number from 1 to 65535: see to what the proxy sends.")
        host = f"{_name(host)}:{port}"
    found = _HOST.fullmatch(host)
    if found is None or int(found[1] or 0) > 65535:
        raise BadOrigin("The Host of this request is none: send the name, or the name and the port, of this gateway.")
    if not _PREFIX.fullmatch(prefix):
        raise BadOrigin("X-Forwarded-Prefix must be a path such as /audio.")
    return scheme, host.removesuffix(f":{_DEFAULT_PORT[scheme]}"), prefix


def client(header: Callable[[str], str], address: str, proxies: int) -> str:
    """The address of the client: of the connection, or as the first trusted proxy saw it."""
    return (_last(header("x-forwarded-for"), proxies) or address) if proxies else address


def client_of(scope: MutableMapping[str, Any], headers: Mapping[str, str], proxies: int) -> str:
    """`client`, of a request in the event loop. headers: by their names in lower case."""
    return client(lambda name: headers.get(name, ""), (scope.get("client") or ("",))[0], proxies)


def middleware(app: App, settings: Settings) -> App:
    """A WSGI application whose environ says of the origin what counts. `audio.bad_origin` is why there is none."""
    public = urlsplit(settings.public_url)

    def heed(environ: Environ, start: Any) -> Iterable[bytes]:
        def header(name: str) -> str:
            return str(environ.get(f"HTTP_{name.upper().replace('-', '_')}", ""))

        environ["SCRIPT_NAME"] = ""
        try:
            scheme, host, prefix = origin(header, environ["wsgi.url_scheme"], settings.proxies)
        except BadOrigin as exc:
            if header("host") or header("x-forwarded-host"):
                environ["audio.bad_origin"] = str(exc)
            scheme, host, prefix = environ["wsgi.url_scheme"], "localhost", ""
        prefix = public.path.rstrip("/") if settings.public_url else prefix
        environ.update({"wsgi.url_scheme": scheme, "HTTP_HOST": host, "SCRIPT_NAME": prefix})
        environ["REMOTE_ADDR"] = client(header, environ.get("REMOTE_ADDR", ""), settings.proxies)
        path = environ.get("PATH_INFO", "")
        if prefix and path.startswith(f"{prefix}/"):  # of a proxy that does not strip it
            environ["PATH_INFO"] = path[len(prefix) :]
        return app(environ, start)

    return heed


def headers_of(fields: Iterable[tuple[bytes, bytes]]) -> Mapping[str, str]:
    """Headers of ASGI by name; those that came twice are joined, as WSGI has them."""
    found: dict[str, str] = {}
    for name, value in fields:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        found[key] = f"{found[key]},{text}" if key in found else text
    return found


def _last(value: str, proxies: int) -> str:
    values = [part.strip() for part in value.split(",")]
    return values[-proxies] if len(values) >= proxies else ""


def _name(host: str) -> str:
    """A host without its port."""
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]

"""Requests to one gateway: credentials, finite time-outs, kept-alive connections, and errors that say what to do.

A request is sent again only where that cannot do harm: the gateway was busy and took nothing, or the connection broke
and the request is one that may be repeated. Redirects are not followed and credentials go to the gateway alone.
Safe to use from several threads at once.
"""

from __future__ import annotations

import ipaddress
import ssl
import time
from collections.abc import Iterable, Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import MaxRetryError, ReadTimeoutError

import audio
from audio.client.config import Configuration
from audio.client.encoding import Body
from audio.client.errors import (
    BadReply,
    Busy,
    ClientError,
    ConnectionBroken,
    GatewayError,
    NotConfigured,
    TimedOut,
    Unreachable,
    refusal,
)

WORKERS = 10
LONGEST_PAUSE = 5.0
LONGEST_STREAM = 90.0  # seconds for the answer to a body that has been sent


class Transport:
    """The way to one gateway, whose URL is `root`."""

    def __init__(self, root: str, conf: Configuration) -> None:
        self.root = root
        self.conf = conf
        # No proxy reaches an address of this very machine, whatever the environment says.
        host = urlsplit(root).hostname or ""
        self._proxies = {"no_proxy": host} if _is_loopback(host) else None
        self.session = requests.Session()
        self.session.headers["User-Agent"] = f"audio/{audio.__version__}"
        self.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, HTTPAdapter(pool_connections=1, pool_maxsize=WORKERS))

    def close(self) -> None:
        self.session.close()

    def get(self, url: str, params: Mapping[str, Any] | None = None) -> requests.Response:
        return self.request("GET", url, params=params, repeatable=True)

    def post(self, url: str, body: Body, *, repeatable: bool = False) -> requests.Response:
        return self.request("POST", url, body=body, repeatable=repeatable)

    def delete(self, url: str) -> requests.Response:
        return self.request("DELETE", url)

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Body | None = None,
        repeatable: bool = False,
    ) -> requests.Response:
        """The answer, of a status below 300. Raises GatewayError and the other errors of `audio.client.errors`."""
        self._keep_to_gateway(url)
        arguments = {"params": params, **(body.arguments() if body else {})}
        left = self.conf.retries
        while True:
            last = left <= 0
            try:
                return self._once(method, url, arguments)
            except Busy as exc:
                if last or exc.retry_after > LONGEST_PAUSE:
                    raise
                time.sleep(exc.retry_after)
            except ConnectionBroken:
                if last or not repeatable:
                    raise
            left -= 1

    def open(self, url: str, params: Mapping[str, Any], *, accept: str, silence: float) -> requests.Response:
        """An answer whose body comes bit by bit: close it. silence: seconds without a word after which it is dead."""
        self._keep_to_gateway(url)
        timeout = (self.conf.timeouts[0], silence)
        return self._once("GET", url, {"params": params, "headers": {"Accept": accept}, "stream": True}, timeout)

    def send_stream(self, url: str, pieces: Iterable[bytes], content_type: str) -> requests.Response:
        """Post a body that is made while it is sent."""
        self._keep_to_gateway(url)
        arguments = {"data": pieces, "headers": {"Content-Type": content_type}}
        return self._once("POST", url, arguments, (self.conf.timeouts[0], LONGEST_STREAM))

    def _once(
        self, method: str, url: str, arguments: Mapping[str, Any], timeout: tuple[float, float] | None = None
    ) -> requests.Response:
        try:
            response = self.session.request(
                method,
                url,
                auth=self.conf.auth,
                verify=self.conf.verify,
                timeout=timeout or self.conf.timeouts,
                proxies=self._proxies,
                allow_redirects=False,
                **arguments,
            )
        except OSError as exc:  # which all of requests' exceptions are
            raise self._explain(exc) from exc
        if response.status_code >= 300:
            raise self._refusal(response)
        return response

    def _keep_to_gateway(self, url: str) -> None:
        if _origin(url) != _origin(self.root):
            raise BadReply(
                f"The gateway at {self.root} gave a link to another server, {url}: no credentials go there. Behind a "
                "proxy, a gateway must be told by which address it is reached."
            )

    def _explain(self, exc: OSError) -> ClientError:
        """The sentence for a request that got no answer."""
        inner = exc.args[0] if exc.args else None
        if isinstance(exc, requests.exceptions.SSLError):
            trusted = f" What {self.conf.verify} holds is trusted." if isinstance(self.conf.verify, str) else ""
            if "wrong version number" in _reason(exc):
                return Unreachable(f"What answers at {self.root} speaks no TLS: try http:// in place of https://.")
            return Unreachable(
                f"There is no trusted connection to {self.root}: {_reason(exc)}.{trusted} Give the certificate of the "
                "gateway, or of who signed it, as ca_path in the configuration."
            )
        if isinstance(exc, requests.ConnectTimeout) or isinstance(inner, MaxRetryError):
            return Unreachable(
                f"No gateway answers at {self.root} ({_reason(exc)}). Start one with 'audio serve', or give the "
                "right address: 'audio configure', or the environment variable AUDIO_GATEWAY."
            )
        if isinstance(exc, requests.Timeout) or isinstance(inner, ReadTimeoutError):
            return TimedOut(f"{self.root} gave no answer within {self.conf.timeouts[1]:g} s.")
        if isinstance(exc, requests.ConnectionError | requests.exceptions.ChunkedEncodingError):
            return ConnectionBroken(f"The connection to {self.root} broke before the answer came ({_reason(exc)}).")
        if isinstance(exc, requests.RequestException):
            return ClientError(f"The request to {self.root} failed: {exc}.")
        return NotConfigured(f"The file of trusted certificates, {self.conf.verify}, cannot be used: {exc}.")

    def _refusal(self, response: requests.Response) -> GatewayError | BadReply:
        if response.is_redirect:
            elsewhere = response.headers["Location"]
            return BadReply(f"{self.root} sends its callers to {elsewhere}: use the address of the gateway itself.")
        body = _json(response)
        if not isinstance(body, dict) or "error" not in body:
            body = {
                "error": f"{self.root} answered {response.status_code} {response.reason}, and not as a gateway does."
            }
        return refusal(body, response.status_code, response)


def json_of(response: requests.Response) -> dict[str, Any]:
    """The JSON object of an answer. Raises BadReply where it is none."""
    body = _json(response)
    if not isinstance(body, dict):
        raise BadReply(f"{response.url} did not answer with a JSON object: is there a gateway at this address?")
    return body


def link(body: Mapping[str, Any], name: str, base: str) -> str:
    """The absolute URL that an answer links to under a name. Raises BadReply where it has none."""
    target = body.get(name)
    if not isinstance(target, str):
        raise BadReply(f"The answer of {base} holds no link '{name}': is there a gateway at this address?")
    return requests.compat.urljoin(base, target)


def _json(response: requests.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _reason(exc: BaseException) -> str:
    """Why a connection failed, in the words of the operating system or of TLS where they are to be found."""
    cause: BaseException | None = exc
    last = exc
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return str(getattr(cause, "verify_message", "") or (cause.reason or "").replace("_", " ").lower())
        strerror = getattr(cause, "strerror", None)
        if isinstance(strerror, str):
            return strerror.lower()
        last, cause = cause, cause.__cause__ or cause.__context__
    return "no connection in time" if isinstance(exc, requests.Timeout) else str(last)

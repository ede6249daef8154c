"""What can go wrong between a program and its gateway.

    AudioError
      ClientError                 all that follows
        NotConfigured             no gateway, no credentials, or a configuration file that cannot be read
        NoSuchService             the gateway offers no service of this name and version
        Unreachable               nothing was sent: nobody listens there, or its certificate is not trusted
        ConnectionBroken          the connection broke before the answer came: it may have been done, or not
        TimedOut                  no answer in time
        BadReply                  an answer that no gateway gives
        GatewayError              the gateway refused; it says why
          BadRequest              400, and the other 4xx: an input is wrong (BadInput too)
          Unauthorized            401
          NotFound                404
          Conflict                409
          TooLarge                413
          Busy                    429 and 503: try again in `retry_after` seconds
          GatewayFailed           other 5xx

Each is also the exception of `requests` that the older SDK let through: HTTPError, ConnectionError or Timeout.
"""

from __future__ import annotations

from typing import Any

import requests

from audio.errors import AudioError, BadInput


class ClientError(AudioError):
    """Everything that the SDK raises on purpose."""

    code = "client_error"


class NotConfigured(ClientError):
    """There is no gateway to go to, or the configuration cannot be read."""

    code = "not_configured"


class NoSuchService(ClientError):
    """The gateway offers no service of this name and version."""

    code = "no_such_service"


class Unreachable(ClientError, requests.ConnectionError):
    """Nothing was sent: nobody listens there, or its certificate is not trusted."""

    code = "unreachable"


class ConnectionBroken(ClientError, requests.ConnectionError):
    """The connection broke before the answer came: the request may have been done, or not."""

    code = "connection_broken"


class TimedOut(ClientError, requests.Timeout, TimeoutError):
    """No answer in time: the request may still be done."""

    code = "timed_out"


class BadReply(ClientError, requests.HTTPError):
    """An answer that no gateway gives."""

    code = "bad_reply"


class GatewayError(ClientError, requests.HTTPError):
    """The gateway refused. The message is its own sentence.

    status: the HTTP number. code, field: as the gateway gave them. response: the whole answer, where there is one.
    """

    code = "gateway_error"

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        code: str | None = None,
        field: str | None = None,
        retry_after: float = 1.0,
        response: requests.Response | None = None,
    ) -> None:
        super().__init__(message, field=field)
        self.status = status
        self.code = code or type(self).code
        self.retry_after = retry_after
        if response is not None:
            self.response, self.request = response, response.request


class BadRequest(GatewayError, BadInput):
    """An input is missing, of the wrong type, or out of range."""

    code = "bad_input"


class Unauthorized(GatewayError):
    """The credentials are missing or wrong."""

    code = "unauthorized"


class NotFound(GatewayError):
    """There is no such resource, or it is another client's."""

    code = "not_found"


class Conflict(GatewayError):
    """The request does not fit the state of what it was sent to."""

    code = "conflict"


class TooLarge(GatewayError):
    """More bytes than the gateway takes."""

    code = "too_large"


class Busy(GatewayError):
    """All places of the gateway are taken: try again in `retry_after` seconds."""

    code = "busy"


class GatewayFailed(GatewayError):
    """The gateway, or a proxy before it, failed."""

    code = "gateway_failed"


_BY_STATUS: dict[int, type[GatewayError]] = {
    401: Unauthorized,
    404: NotFound,
    409: Conflict,
    413: TooLarge,
    429: Busy,
    503: Busy,
}


def refusal(body: dict[str, Any], status: int, response: requests.Response | None = None) -> GatewayError:
    """The exception for an answer, or for a job that failed, from its JSON and its status."""
    kind = _BY_STATUS.get(status, GatewayFailed if status >= 500 else BadRequest)
    sentence = body.get("error")
    code, field = body.get("code"), body.get("field")
    return kind(
        sentence if isinstance(sentence, str) and sentence else f"The gateway answered with status {status}.",
        status=status,
        code=code if isinstance(code, str) else None,
        field=field if isinstance(field, str) else None,
        retry_after=_seconds(response),
        response=response,
    )


def _seconds(response: requests.Response | None) -> float:
    """How long to wait before the next try; 1 s where the gateway does not say it in seconds."""
    said = "" if response is None else response.headers.get("Retry-After", "")
    return float(said) if said.isdecimal() else 1.0

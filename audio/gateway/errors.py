"""Errors as HTTP: one shape, always JSON, with a sentence that a person can act on and a stable code."""

from __future__ import annotations

import logging
import uuid
from typing import Any

import sqlalchemy as sa
from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException

from audio.errors import AudioError, BadInput, Busy, SessionConflict, SpeechFailed

log = logging.getLogger(__name__)

_STATUS: tuple[tuple[type[AudioError], int], ...] = (
    (BadInput, 400),
    (SessionConflict, 409),
    (Busy, 503),
)
CODES = {
    "bad_input": "An input is missing, of the wrong type or out of range; `field` names it.",
    "unsupported_format": "The sound is not in a format, width, rate or number of channels that is taken.",
    "damaged_sound": "The sound file is cut short, or its header contradicts its content.",
    "bad_request": "The request cannot be read: its body is not the JSON or the multipart message that it says it is.",
    "unauthorized": "The client_id or the access_token is missing or wrong.",
    "not_found": "There is no such resource, or it is not yours.",
    "method_not_allowed": "The resource does not take this method.",
    "session_conflict": "The chunk does not fit its session: another rate, or an offset that was passed already.",
    "too_large": "The request or the storage of the stream is over its limit.",
    "unsupported_media_type": "The body is neither JSON nor multipart/form-data.",
    "too_many_jobs": "Too many asynchronous jobs of this stream wait: come back after Retry-After seconds.",
    "busy": "All places are taken: come back after Retry-After seconds.",
    "speech_failed": "The speech engine gave no sound for a valid text.",
    "client_gone": "The client closed its connection before its turn came; the metrics alone show this.",
    "internal": "Something is wrong with the gateway; its log has the id.",
}
# A lock that was not free in time, a disk that is full, no connection to be had.
_OVERLOADED = (sa.exc.OperationalError, sa.exc.TimeoutError)
_CODE_OF = {
    400: "bad_request",
    401: "unauthorized",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
}


class HttpError(Exception):
    """A failure that only HTTP knows."""

    def __init__(self, status: int, code: str, message: str, *, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}


def not_found() -> HttpError:
    """The same for what never was and for what belongs to another client."""
    return HttpError(404, "not_found", "There is no such resource here, or it is not yours.")


def body_of(error: Exception) -> dict[str, Any]:
    """The JSON of a failure. What was not foreseen goes to the log under an id, and the id alone goes out."""
    status = next((s for kind, s in _STATUS if isinstance(error, kind)), None)
    if isinstance(error, SpeechFailed):
        return {"status": 500, "error": f"{error.message} {_logged(error)}", "code": error.code}
    if isinstance(error, AudioError) and status is not None:
        body = {"status": status, "error": error.message, "code": error.code}
        return {**body, "field": error.field} if error.field else body
    if isinstance(error, HttpError):
        return {"status": error.status, "error": error.message, "code": error.code}
    where = _logged(error)
    if isinstance(error, _OVERLOADED):
        return {"status": 503, "error": "The database is overloaded: send this again in a few seconds.", "code": "busy"}
    return {"status": 500, "error": f"Something went wrong in the gateway. {where}", "code": "internal"}


def _logged(error: Exception) -> str:
    """Write it to the log; the sentence that says where it is to be found."""
    incident = uuid.uuid4().hex[:12]
    log.error("incident %s", incident, exc_info=error)
    return f"The gateway's log has more under the id {incident}."


def register(app: Flask) -> None:
    """Let every failure of this application answer in the one shape."""
    app.register_error_handler(HTTPException, _http_exception)
    app.register_error_handler(Exception, _any_exception)


def _http_exception(error: HTTPException) -> Response:
    status = error.code or 500
    messages = {
        400: "The request is malformed.",
        404: "There is no such resource here, or it is not yours.",
        405: "This resource does not take this method.",
        413: f"The request is larger than {_limit_mb()} MiB, which is the limit here.",
    }
    message = messages.get(status) or error.description or error.name
    response = jsonify({"status": status, "error": message, "code": _CODE_OF.get(status, "bad_request")})
    response.status_code = status
    if status == 405 and getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))  # type: ignore[attr-defined]
    return response


def _any_exception(error: Exception) -> Response:
    body = body_of(error)
    response = jsonify(body)
    response.status_code = body["status"]
    if response.status_code == 503:
        response.headers["Retry-After"] = str(getattr(error, "retry_after", 5))
    if isinstance(error, HttpError):
        response.headers.update(error.headers)
    return response


def _limit_mb() -> int:
    from flask import current_app

    return int(current_app.config["MAX_CONTENT_LENGTH"]) // 2**20

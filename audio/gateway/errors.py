"""Errors as HTTP: one shape, always JSON, with a sentence that a person can act on and a stable code."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException

from audio.engine import failures
from audio.gateway.wsgi import Answer

CODES = {
    "bad_input": "An input is missing, of the wrong type or out of range; `field` names it.",
    "unsupported_format": "The file is not of a kind that is taken: another format, width, rate or number of channels.",
    "damaged_sound": "The sound file is cut short, or its header contradicts its content.",
    "damaged_image": "The picture file is cut short, or its content is damaged.",
    "image_too_large": "The picture has more pixels than are taken.",
    "bad_request": "The request cannot be read: its body is not the JSON or the multipart message that it says it is.",
    "unauthorized": "The client_id or the access_token is missing or wrong.",
    "not_found": "There is no such resource, or it is not yours.",
    "method_not_allowed": "The resource does not take this method.",
    "session_conflict": "The chunk does not fit its session: another rate, or an offset that was passed already.",
    "conflict": "Another connection reads the output of this stream.",
    "too_large": "The request or the storage of the stream is over its limit.",
    "unsupported_media_type": "The body is neither JSON nor multipart/form-data.",
    "too_many_jobs": "Too many asynchronous jobs of this stream wait: come back after Retry-After seconds.",
    "plan_used_up": "The plan of the stream is used up: it goes on at `resets_at`, in Retry-After seconds.",
    "busy": "All places are taken: come back after Retry-After seconds.",
    "speech_failed": "The speech engine gave no sound for a valid text.",
    "client_gone": "The client closed its connection before its turn came; the metrics alone show this.",
    "no_space": "The disk of the gateway is full.",
    "quota": "The results or the sessions of this stream take all that one stream may store.",
    "not_implemented": "What the request asks of HTTP itself is not offered.",
    "internal": "Something is wrong with the gateway; its log has the id.",
}
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
    """The JSON of a failure."""
    if isinstance(error, HttpError):
        return {"status": error.status, "error": error.message, "code": error.code}
    return failures.body_of(error)


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
    response.headers.update(_headers_of(error, body["status"]))
    return response


def _headers_of(error: Exception, status: int) -> dict[str, str]:
    told = status == 503 or hasattr(error, "retry_after")
    headers = {"Retry-After": str(getattr(error, "retry_after", 5))} if told else {}
    return headers | (error.headers if isinstance(error, HttpError) else {})


def answer_of(error: Exception) -> Answer:
    """A failure as it is answered without Flask."""
    answer = Answer.of_json(body_of(error))
    own = _headers_of(error, answer.status)
    answer.headers += [(name.lower().encode(), value.encode()) for name, value in own.items()]
    return answer


def _limit_mb() -> int:
    from flask import current_app

    return int(current_app.config["MAX_CONTENT_LENGTH"]) // 2**20

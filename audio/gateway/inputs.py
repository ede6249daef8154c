"""From an HTTP body to values: JSON, or multipart with a part `meta` and attachments. Bad input stops here."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

from flask import Request
from flask.json.provider import DefaultJSONProvider
from multipart import MultipartError, parse_options_header
from werkzeug.exceptions import ClientDisconnected

from audio.engine.requests import Part, SessionRef
from audio.errors import BadInput
from audio.gateway import budget
from audio.gateway.connection import CUT_SHORT
from audio.gateway.errors import HttpError
from audio.gateway.multipart_parts import split

# Control characters and line separators would break lines of logs.
SESSION_ID = re.compile(r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]{1,128}$")
LAST_OFFSET = 2**53 - 1  # the last whole number that every reader of JSON holds
_SURROGATE = re.compile("[\ud800-\udfff]")

_SCHEME = "attachment://"
_DEPTH = 32
_PIECE = 64 * 1024
# JSON grows on its way into memory, up to 20 times.
_JSON_LIMIT = 2**20


def read(request: Request, find_blob: Callable[[str], Part | None]) -> dict[str, Any]:
    """The request's values, with attachments and blobs in their places.

    find_blob gives the blob that a URL stands for, and None for a text that is no URL of a blob of this gateway.
    Raises HttpError (not JSON, not multipart) and BadInput (an attachment that is not there).
    """
    content_type = request.headers.get("Content-Type", "")
    _kind(content_type)
    return parse(content_type, _body(request), cache(find_blob))  # one that is named many times is read once


def parse(content_type: str, body: bytes, find_blob: Callable[[str], Part | None]) -> dict[str, Any]:
    """`read`, of a body that is there."""
    kind, boundary = _kind(content_type)
    meta, parts = _multipart(body, boundary) if kind == "multipart/form-data" else (body, {})
    return {name: _resolve(value, name[:100], parts, find_blob, _DEPTH) for name, value in _json(meta).items()}


@lru_cache(maxsize=256)
def _kind(content_type: str) -> tuple[str, str]:
    """A media type that is taken, and its boundary."""
    kind, options = parse_options_header(content_type)
    if kind not in ("multipart/form-data", "application/json") and not kind.endswith("+json"):
        raise HttpError(
            415,
            "unsupported_media_type",
            f"The body must be application/json or multipart/form-data; {kind or 'no Content-Type'} came.",
        )
    return kind, options.get("boundary", "")


def session_of(values: dict[str, Any], received: float) -> SessionRef | None:
    """The session that the values name, if they name one."""
    state, stores = values.get("state"), _stores(values)
    if state is None:
        return None
    if not isinstance(state, dict):
        raise BadInput('\'state\' must be an object such as {"session_id": "..."}.', field="state")
    session_id, offset = state.get("session_id"), state.get("offset")
    if session_id is None and offset is None:
        return None
    if not isinstance(session_id, str) or not SESSION_ID.fullmatch(session_id) or _SURROGATE.search(session_id):
        raise BadInput("'session_id' must be a text of 1 to 128 characters without control characters.", field="state")
    if isinstance(offset, float) and offset.is_integer():
        offset = int(offset)
    whole = isinstance(offset, int) and not isinstance(offset, bool)
    if offset is not None and not (whole and 0 <= offset <= LAST_OFFSET):
        raise BadInput(
            "'offset' must be a whole number, 0 or more: where on the session's clock this chunk starts.", field="state"
        )
    return SessionRef(session_id, offset, received, stores)


def _stores(values: dict[str, Any]) -> bool | None:
    """Whether what this job tells is to be stored, where it says."""
    wanted = values.get("store")
    if not isinstance(wanted, bool | None):
        raise BadInput("'store' must be true or false.", field="store")
    return wanted


def wants_async(values: dict[str, Any]) -> bool:
    """Whether the job is asynchronous, which it is where nothing is said."""
    wanted = values.get("async", True)
    if not isinstance(wanted, bool):
        raise BadInput("'async' must be true or false.", field="async")
    return wanted


def _body(request: Request) -> bytes:
    pieces = []
    try:
        while piece := request.stream.read(_PIECE):
            if not request.environ.get("audio.counted"):  # by who read it from the client
                budget.take(len(piece))
            pieces.append(piece)
    except (OSError, ClientDisconnected) as exc:  # the client went silent, or away
        raise HttpError(400, "bad_request", CUT_SHORT) from exc
    body = b"".join(pieces)
    if len(body) < (request.content_length or 0):
        raise HttpError(400, "bad_request", CUT_SHORT)
    return body


def _json(data: bytes | memoryview) -> dict[str, Any]:
    if len(data) > _JSON_LIMIT:
        raise HttpError(
            413,
            "too_large",
            f"The JSON of a request may take {_JSON_LIMIT} bytes: send sound as an attachment or a blob.",
        )
    try:
        value = decode(bytes(data))
    except ValueError as exc:
        raise HttpError(400, "bad_request", f"The request is not valid JSON: {exc}.") from exc
    if not isinstance(value, dict):
        raise HttpError(400, "bad_request", 'The request must be a JSON object, such as {"async": false}.')
    return value


def decode(data: bytes | str) -> Any:
    """The value of a JSON text, without NaN, Infinity and names that stand twice. Raises ValueError, which says why."""
    try:
        return _DECODER.decode(data if isinstance(data, str) else _text(data))
    except RecursionError as exc:
        raise ValueError("it is nested too deep") from exc


class Json(DefaultJSONProvider):
    """JSON as Flask reads it in bodies that are not read here."""

    def loads(self, s: str | bytes, **_: Any) -> Any:
        return decode(s)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


# Made once: json.loads makes one a call where anything is set.
_DECODER = json.JSONDecoder(parse_constant=_no_number, object_pairs_hook=_once)


def _text(data: bytes) -> str:
    """JSON as text, as json.loads has it."""
    return data.decode(json.detect_encoding(data), "surrogatepass")


def _multipart(body: bytes, boundary: str) -> tuple[bytes | memoryview, dict[str, Part | None]]:
    """The part `meta`, and the others by name; None for one without a filename, which was sent as text."""
    meta: bytes | None = None
    parts: dict[str, Part | None] = {}
    try:
        for name, filename, content_type, data in split(body, boundary):
            if name == "meta":
                meta = data
            else:
                parts[name] = None if filename is None else Part(data, content_type)
    except (MultipartError, UnicodeError) as exc:
        raise HttpError(400, "bad_request", f"The multipart message is damaged: {exc}.") from exc
    if meta is None:
        raise HttpError(400, "bad_request", "The multipart message has no part named 'meta', which holds the JSON.")
    return meta, parts


def _resolve(
    value: Any, field: str, parts: dict[str, Part | None], find_blob: Callable[[str], Part | None], depth: int
) -> Any:
    if isinstance(value, str):
        return _attachment(value, field, parts) if value.startswith(_SCHEME) else _blob(value, field, find_blob)
    if depth == 0 and isinstance(value, list | dict):
        raise BadInput(f"'{field}' is nested too deep.", field=field)
    if isinstance(value, list):
        return [_resolve(v, field, parts, find_blob, depth - 1) for v in value]
    if isinstance(value, dict):
        return {k: _resolve(v, field, parts, find_blob, depth - 1) for k, v in value.items()}
    return value


def _blob(text: str, field: str, find_blob: Callable[[str], Part | None]) -> Part | str:
    try:
        return find_blob(text) or text
    except BadInput as exc:
        raise BadInput(exc.message, field=field) from exc


def _attachment(name: str, field: str, parts: dict[str, Part | None]) -> Part:
    if name not in parts:
        came = ", ".join(sorted(parts)[:5]) or "none"
        raise BadInput(f"'{field}' names the part {name[:100]}, which did not come; came: {came[:300]}.", field=field)
    part = parts[name]
    if part is None:
        raise BadInput(
            f"The part {name[:100]} has no filename, so it was sent as text and its bytes are damaged. "
            f"Send it as a file: with curl, -F '{name[:100]}=@FILE'.",
            field=field,
        )
    return part

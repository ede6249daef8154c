"""Hooks of schemathesis: what no schema can say, supplied as any client would have it.

A schema says that a file is the URL of a blob or a part of the request; that the blob exists and holds the sound that
the service wants is for the client to see to. So in a request that fits its schema, files, texts to speak, names of
voices, credentials and spans of time are replaced by real ones. One that does not fit is sent as it is.
"""

from __future__ import annotations

import json
import os
import re
from functools import cache
from typing import Any

import requests
import schemathesis
from schemathesis.transport.serialization import Binary

from audio.services import registry
from audio.speech.clean import MAX_LENGTH
from audio.speech.speaker import MOST_PIECES
from tests.contract import samples
from tests.contract.client import TIMEOUT

_JOBS = re.compile(r"/services/([a-z0-9_]+)/(\d+)/jobs")
_BLOB = re.compile(r"https?://[^/]+/blobs/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# By path: the URL of a blob that the service takes, which the test uploaded.
_BLOBS: dict[str, str] = json.loads(os.environ.get("SUPPLIED_BLOBS", "{}"))
# What opens the data API: username, client_id and access_token.
_CREDENTIALS: dict[str, str] = json.loads(os.environ.get("SUPPLIED_CREDENTIALS", "{}"))
# Of the data API: an end after its begin, a zone that there is, and a page of it.
_SPAN = {
    "from_date": "2026-11-01T00:00:00+01:00",
    "to_date": "2026-11-28T16:20:41+01:00",
    "tz": "Europe/Paris",
    "page": 1,
}
_PARTS = b"--myboundary\r\nContent-Length: 0\r\n\r\n\r\n--myboundary--"
_PARTS_TYPE = {"Content-Type": "multipart/x-mixed-replace; boundary=myboundary"}


@schemathesis.serializer("multipart/x-mixed-replace")
def parts_of_a_stream(context: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    fits = case.meta is None or case.meta.generation.mode.is_positive
    if case.path in ("/api/1/entities", "/api/1/usage") and fits:
        begun = {"from_date": _SPAN["from_date"]} if "to_date" in case.query else {}
        _put(case, "query", {**case.query, **begun, **{name: _SPAN[name] for name in case.query if name in _SPAN}})
    if case.path.endswith("/output"):  # one whose input goes on answers for as long
        url = case.operation.base_url.rstrip("/") + case.formatted_path.removesuffix("output")
        own = (_CREDENTIALS["client_id"], _CREDENTIALS["access_token"])
        requests.post(f"{url}input", _PARTS, headers=_PARTS_TYPE, auth=own, timeout=TIMEOUT)
    if case.path.endswith("/input") and fits:
        _put(case, "body", _PARTS)
        case.headers.update(_PARTS_TYPE)
    if case.method.upper() != "POST" or not isinstance(case.body, dict):
        return
    if case.path == "/api-token-authstream" and fits:
        _put(case, "body", {**case.body, **_CREDENTIALS})
    elif found := _JOBS.fullmatch(case.path):
        _put(case, "body", _job(case.path, found[1], int(found[2]), case.body))
    elif case.path == "/v1/audio/speech":
        _put(case, "body", _spoken(case.body, "input", "alloy"))


def _put(case: Any, where: str, values: dict[str, Any] | bytes) -> None:
    """Change the body or the query, but not what is known of it: that it fits, or does not."""
    object.__setattr__(case, where, values)
    case._sync_validated_hashes()


def _job(path: str, name: str, version: int, body: dict[str, Any]) -> dict[str, Any]:
    files = _files(name, version)
    body = {key: files[key] if key in files and isinstance(value, Binary) else value for key, value in body.items()}
    body = _each_text(body, lambda text: _BLOBS[path] if _BLOB.fullmatch(text) else text)
    return _spoken(body, "text", "female") if name == "text_to_speech" else body


def _spoken(body: dict[str, Any], field: str, voice: str) -> dict[str, Any]:
    """A text that is short enough when its numbers are written out, a part and a voice that it has."""
    chosen = {}
    if isinstance(body.get(field), str) and len(body[field]) <= MAX_LENGTH:
        chosen[field] = "Good day."
    if isinstance(body.get("voice"), str) and len(body["voice"]) <= 40:
        chosen["voice"] = voice
    part = body.get("part")
    if not isinstance(part, bool) and part in range(MOST_PIECES):  # the text has one
        chosen["part"] = 0
    return {**body, **chosen}


@cache
def _files(name: str, version: int) -> dict[str, Binary]:
    service = registry.get(name, version)
    assert service is not None
    return {f"attachment://{key}": Binary(data) for key, data in samples.encoded(service).items()}


def _each_text(value: Any, change: Any) -> Any:
    if isinstance(value, str) and not isinstance(value, Binary):
        return change(value)
    if isinstance(value, list):
        return [_each_text(inner, change) for inner in value]
    return {name: _each_text(inner, change) for name, inner in value.items()} if isinstance(value, dict) else value

"""The data API: its token, and who may ask. Errors have the gateway's one shape, and the challenge is Bearer."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Request, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

from audio.console import event_access, pages
from audio.engine import failures, tokens, wrong_credentials
from audio.engine.tokens import TokenRefused
from audio.errors import AudioError
from audio.services.inputs import Schema
from audio.stores import accounts, attempts, streams

blueprint = Blueprint("data", __name__)
_FIELDS = ("username", "client_id", "access_token")
TAG = "data"
ERROR = {"$ref": "#/components/responses/Error"}
_CODES = {
    "missing_jwt": "There is no token: POST /api-token-authstream gives one.",
    "invalid_jwt": "The token is none of this gateway for this resource, or was withdrawn.",
    "expired_jwt": "The token has expired: ask for a new one.",
    "too_many_tries": "Too many tries to get a token: come back after Retry-After seconds.",
}
_WRONG = "No stream of this account has this client_id and this access_token."


class Refused(AudioError):
    """An answer of the API that is none of those that the engine knows. more: fields beside the usual ones."""

    def __init__(
        self, status: int, code: str, message: str, *, wait: int = 0, more: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.wait, self.more = status, code, wait, more or {}


@blueprint.errorhandler(Exception)
def _failed(error: Exception) -> Response:
    headers: dict[str, str] = {}
    body: dict[str, Any]
    if isinstance(error, HTTPException):
        sentence = {405: "This resource does not take this method."}.get(error.code or 500, "The request is malformed.")
        code = {405: "method_not_allowed", 413: "too_large", 415: "unsupported_media_type"}
        body = {"status": error.code, "error": sentence, "code": code.get(error.code or 500, "bad_request")}
    elif isinstance(error, TokenRefused):
        body = {"status": 401, "error": error.message, "code": error.code}
    elif isinstance(error, Refused):
        body = {"status": error.status, "error": error.message, "code": error.code, **error.more}
        headers |= {"Retry-After": str(error.wait)} if error.wait else {}
    else:
        body = failures.body_of(error)
    if body["status"] == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="audio"'
    response = jsonify(body)
    response.status_code = body["status"]
    response.headers.update(headers)
    return response


@blueprint.post("/api-token-authstream")
def token() -> Response:
    """A token for the data of one stream, for who has its credentials and the email of its account."""
    given = _given()
    missing = {name: ["This field is required."] for name in _FIELDS if not given.get(name)}
    if missing:
        names = ", ".join(f"'{name}'" for name in missing)
        raise Refused(400, "bad_input", f"This needs {names}, as text.", more=missing)
    client_id = given["client_id"]
    with pages.engine().database.write() as connection:
        verdict = attempts.take(connection, f"token of {client_id}", pages.address())
    if verdict.wait:
        raise Refused(429, "too_many_tries", "Too many tries: come back after Retry-After seconds.", wait=verdict.wait)
    claims = _right(given)
    if claims is None:
        wrong_credentials.WRONG.note(pages.address())
        raise Refused(401, "unauthorized", _WRONG, more={"non_field_errors": [_WRONG]})
    with pages.engine().database.write() as connection:
        attempts.clear(connection, f"token of {client_id}", pages.address())
    return jsonify({"token": tokens.issue(event_access.token_key(pages.engine()), tokens.DATA, **claims)})


def _given() -> Mapping[str, str]:
    """The fields of the body, JSON or a form, that are text."""
    request.max_content_length = 64 * 1024
    body = request.get_json(silent=True) if request.is_json else request.form
    found = body if isinstance(body, Mapping) else {}
    return {name: found[name] for name in _FIELDS if isinstance(found.get(name), str)}


def _right(given: Mapping[str, str]) -> dict[str, Any] | None:
    """What the token is to say, where all three fit together. What does not takes as long, whichever it is."""
    client_id = given["client_id"]
    database = pages.engine().database
    right = streams.lets_in(database.read_prepared(), client_id, given["access_token"])
    with database.read() as connection:
        stream = streams.get(connection, client_id)
        account = accounts.get(connection, stream.account_id) if stream and stream.account_id else None
    name = given["username"].strip().lower()
    if account is not None:
        right &= hmac.compare_digest(name.encode(), account.email.encode()) and account.disabled_at is None
    if not right or stream is None or not name:
        return None
    who = {"username": name, "email": name, "user_id": account.id if account else ""}
    return {**who, "client_id": client_id, "generation": stream.generation}


def client_of(asked: Request, *, basic: bool = False) -> str:
    """The stream whose data a request may read: by its token, or as one of who is signed in; basic: or by its own
    credentials. Raises TokenRefused."""
    scheme, _, rest = asked.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return event_access.client_of_token(pages.engine(), tokens.DATA, rest.strip())
    found = _of_basic(asked) if basic and scheme.lower() == "basic" else None if scheme else _of_cookie(asked)
    if found is None:
        raise TokenRefused(
            "missing_jwt",
            "This needs 'Authorization: Bearer TOKEN'; POST /api-token-authstream gives a token for username, "
            "client_id and access_token.",
        )
    return found


def _of_basic(asked: Request) -> str | None:
    given = asked.authorization
    client_id, access_token = (given.username or "", given.password or "") if given else ("", "")
    return client_id if streams.lets_in(pages.engine().database.read_prepared(), client_id, access_token) else None


def _of_cookie(asked: Request) -> str | None:
    """The stream that `stream` names, where it is one of who is signed in."""
    return event_access.own_stream(pages.engine(), asked.cookies.get(pages.COOKIE, ""), asked.args.get("stream", ""))


def way_in(asked: Request) -> str | None:
    """For the gateway's own routes: events are data too, and the live page's token opens the services."""
    scheme, _, rest = asked.headers.get("Authorization", "").partition(" ")
    is_token = scheme.lower() == "bearer" and rest.count(".") == 2 and ":" not in rest
    if asked.endpoint == "events.page" and (is_token or not scheme):
        try:
            return client_of(asked)
        except TokenRefused:
            return None
    if is_token and asked.path.startswith(("/services", "/blobs")):
        try:
            return event_access.client_of_token(pages.engine(), tokens.JOBS, rest.strip())
        except TokenRefused:
            return None
    return None


def issue_live(client_id: str, generation: int) -> dict[str, Any]:
    """A token for the live page, and for how many seconds it holds."""
    made = tokens.issue(event_access.token_key(pages.engine()), tokens.JOBS, client_id=client_id, generation=generation)
    return {"token": made, "seconds": tokens.SECONDS[tokens.JOBS]}


@blueprint.before_request
def _fresh() -> None:
    g.account = None


def operations() -> Schema:
    """The part of the OpenAPI document that is of the token, and of what it opens besides."""
    about = {
        "username": "The email of the account that has the stream; any text where none has it.",
        "client_id": "Of the stream.",
        "access_token": "Of the stream.",
    }
    fields = {name: {"type": "string", "minLength": 1, "description": text} for name, text in about.items()}
    asked = {"schema": {"type": "object", "properties": fields, "required": list(fields)}}
    given = {"type": "object", "properties": {"token": {"type": "string"}}, "required": ["token"]}
    create = {
        "operationId": "create_data_token",
        "summary": "Get a token for the data of one stream, for five hours",
        "tags": [TAG],
        "security": [],
        "requestBody": {
            "required": True,
            "content": {"application/json": asked, "application/x-www-form-urlencoded": asked},
        },
        "responses": {
            "200": {"description": "The token", "content": {"application/json": {"schema": given}}},
            **dict.fromkeys(("400", "401", "413", "429"), ERROR),
        },
    }
    code = {"enum": list(_CODES), "x-enum-descriptions": list(_CODES.values())}
    jwt = {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "A token of POST /api-token-authstream, for the data of one stream",
    }
    return {
        "paths": {
            "/api-token-authstream": {"post": create},
            "/api/1/events": {"get": {"security": [{"jwt": []}]}},
        },
        "components": {
            "securitySchemes": {"jwt": jwt},
            "schemas": {"Error": {"properties": {"code": code}}},
        },
    }

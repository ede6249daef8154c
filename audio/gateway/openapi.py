"""The OpenAPI 3.1 description of this gateway: what each room says of its own, and what holds for all."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import audio
from audio.gateway.errors import CODES
from audio.services.inputs import Schema

LINKS = {
    "url": {"type": "string", "format": "uri"},
    "uuid": {"type": "string", "format": "uuid"},
    "status": {"type": "integer", "description": "201: done. 202: waits or runs. Else the HTTP number of its failure."},
}
_ALWAYS = ("408", "414", "431", "500", "503")
_ERROR = {"$ref": "#/components/responses/Error"}
METHODS = ("get", "post", "put", "patch", "delete")


def document(root: str, parts: Iterable[Schema]) -> dict[str, Any]:
    """The whole description; `root` is the URL at which the gateway is reached.

    parts: what rooms add, documents with `paths` and `components` of theirs. Where two have the same, lists grow and
    objects are joined. Their operations name the failures of their own alone.
    """
    whole = _frame(root)
    for part in parts:
        whole = _joined(whole, part)
    whole["paths"] = {path: _completed(path, item) for path, item in whole["paths"].items()}
    return whole


def _frame(root: str) -> Schema:
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "audio",
            "version": audio.__version__,
            "summary": "Perception and speech as REST services",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": root}],
        "security": [{"basic": []}, {"bearer": []}],
        "paths": {},
        "components": {
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic", "description": "client_id and access_token of a stream"},
                "bearer": {"type": "http", "scheme": "bearer", "description": "client_id:access_token of a stream"},
            },
            "schemas": {"Error": _error_schema()},
            "responses": {
                "Error": {
                    "description": "What is wrong, and what to do about it",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
                }
            },
        },
    }


def _joined(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        both = {name: _joined(one[name], other[name]) for name in one.keys() & other.keys()}
        return {**one, **other, **both}
    if isinstance(one, list) and isinstance(other, list):
        return [*one, *other]
    return other


def _completed(path: str, item: Schema) -> Schema:
    """The same, with what every operation has: a name for those who generate clients, and its failures."""
    return {key: _complete(f"{key} {path}", value) if key in METHODS else value for key, value in item.items()}


def _complete(name: str, operation: Schema) -> Schema:
    always = _ALWAYS if operation.get("security") == [] else ("401", *_ALWAYS)
    responses = {**dict.fromkeys(always, _ERROR), **operation["responses"]}
    named = {"operationId": re.sub(r"\W+", "_", name).strip("_"), **operation}
    return {**named, "responses": dict(sorted(responses.items()))}


def _error_schema() -> Schema:
    return {
        "type": "object",
        "properties": {
            "status": {"type": "integer"},
            "error": {"type": "string", "description": "A sentence that a person can act on."},
            "code": {"type": "string", "enum": list(CODES), "x-enum-descriptions": list(CODES.values())},
            "field": {"type": "string", "description": "The input that is at fault, where one is."},
        },
        "required": ["status", "error", "code"],
    }


def get(summary: str, schema: Schema, tag: str, *refusals: str, parameters: Iterable[Schema] = ()) -> Schema:
    """An operation that answers JSON."""
    return {
        "summary": summary,
        "tags": [tag],
        "parameters": list(parameters),
        "responses": {"200": {"description": "OK", **json_of(schema)}, **errors(*refusals)},
    }


def delete(summary: str, tag: str) -> Schema:
    """An operation after which something is gone."""
    return {"summary": summary, "tags": [tag], "responses": {"204": {"description": "Gone"}, **errors("404")}}


def json_of(schema: Schema, example: Any = None) -> Schema:
    return {"content": {"application/json": {"schema": schema} | ({} if example is None else {"example": example})}}


def errors(*statuses: str) -> Schema:
    """The failures of an operation that not every one has."""
    return dict.fromkeys(statuses, _ERROR)


def object_of(properties: Schema) -> Schema:
    """The schema of an object that has all of these."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def in_path(name: str, description: str, **schema: Any) -> Schema:
    described = {"name": name, "in": "path", "required": True, "description": description}
    return {**described, "schema": {"type": "string", **schema}}


def in_query(name: str, description: str, **schema: Any) -> Schema:
    return {"name": name, "in": "query", "description": description, "schema": schema}

"""The URLs that services bring themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from audio.engine.engine import Engine
from audio.errors import BadInput
from audio.gateway import disconnect, inputs
from audio.gateway.openapi import errors
from audio.services import registry
from audio.services.base import Service
from audio.services.inputs import Schema, describe
from audio.services.resources import Resource

Brought = tuple[Service, Resource]


def blueprint() -> Blueprint:
    """Routes for all that the services which are offered bring."""
    made = Blueprint("resources", __name__)
    for method, path, found in by_path():
        endpoint = f"{method}{path}".replace("/", "_").replace(".", "_")
        made.add_url_rule(path, endpoint, _view(found), methods=[method])
    return made


def by_path() -> Iterator[tuple[str, str, list[Brought]]]:
    """(method, path, who brings it): several services may bring one path."""
    found: dict[tuple[str, str], list[Brought]] = {}
    for service in registry.services().values():
        for resource in service.resources:
            own = f"/services/{service.name}/{service.version}/{resource.path}"
            path = resource.path if resource.path.startswith("/") else own
            found.setdefault((resource.method, path), []).append((service, resource))
    for (method, path), brought in found.items():
        yield method, path, brought


def operations() -> Schema:
    """The part of the document that services bring."""
    paths: dict[str, Schema] = {}
    for method, path, found in by_path():
        made = _operation(found)
        refused = ("400", "413", "415") if method == "POST" else ()
        responses = {**made["responses"], **errors(*refused)}
        paths.setdefault(path, {})[method.lower()] = {**made, "responses": responses}
    return {"paths": paths}


def _operation(found: list[Brought]) -> Schema:
    """The OpenAPI of a path: that of the first, with what all of them take in the field that chooses."""
    service, resource = found[0]
    made = {**resource.operation, "tags": [service.name]}
    field, _ = resource.selector
    if field:
        content = made["requestBody"]["content"]["application/json"]
        properties = content["schema"]["properties"]
        schema = {**content["schema"], "properties": {**properties, field: {"type": "string", "enum": _values(found)}}}
        body = {"required": True, "content": {"application/json": {**content, "schema": schema}}}
        made["requestBody"] = body
    return made


def _view(found: list[Brought]) -> Callable[[], Response]:
    def view() -> Response:
        body = inputs.read(request, lambda _: None) if request.method == "POST" else {}
        service, resource = _meant(found, body)
        if not resource.computes:
            return _response(resource.answer(service, body))
        engine: Engine = current_app.extensions["audio"]
        with engine.metrics.job(service), engine.runner.place(disconnect.check):
            return _response(resource.answer(service, body))

    return view


def _meant(found: list[Brought], body: dict[str, Any]) -> Brought:
    field, _ = found[0][1].selector
    if not field:
        return found[0]
    value = body.get(field)
    chosen = next((one for one in found if isinstance(value, str) and value in one[1].selector[1]), None)
    if chosen is None:
        raise BadInput(f"'{field}' must be one of {', '.join(_values(found))}; {describe(value)} came.", field=field)
    return chosen


def _values(found: list[Brought]) -> list[str]:
    return [value for _, resource in found for value in resource.selector[1]]


def _response(reply: Any) -> Response:
    if isinstance(reply.content, bytes):
        return Response(reply.content, content_type=reply.media_type)
    return jsonify(reply.content)

"""What there is: the services, their versions, their descriptions."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from audio.gateway import links
from audio.gateway.errors import not_found
from audio.gateway.openapi import get, in_path, in_query, object_of
from audio.services import registry
from audio.services.base import Service
from audio.services.inputs import Schema

blueprint = Blueprint("directory", __name__)


def service_of(name: str, version: str) -> Service:
    """The service of a URL; 404 where there is none."""
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 6 else -1
    service = registry.get(name, number)
    if service is None:
        raise not_found()
    return service


@blueprint.get("/services")
def services() -> Response:
    wanted = request.args.get("name")
    found = [name for name in registry.names() if wanted in (None, name)]
    return jsonify({"services": {name: {"url": links.path(f"/services/{name}")} for name in found}})


@blueprint.get("/services/<name>")
def versions(name: str) -> Response:
    found = registry.versions(name)
    if not found:
        raise not_found()
    wanted = request.args.get("version")
    shown = [v for v in found if wanted in (None, str(v))]
    return jsonify({"versions": {str(v): {"url": links.path(f"/services/{name}/{v}")} for v in shown}})


@blueprint.get("/services/<name>/<version>")
@blueprint.get("/services/<name>/<version>/description")
def description(name: str, version: str) -> Response:
    return jsonify(describe(service_of(name, version)))


def describe(service: Service) -> dict[str, Any]:
    url = links.service(service.name, service.version)
    given, answered = service.example
    return {
        "url": url,
        "version": service.version,
        "name": service.name,
        "description": service.description,
        "jobs": f"{url}/jobs",
        "streams": f"{url}/streams",
        "files": {name: file.description() for name, file in service.files.items()},
        "input": service.input_schema(),
        "output": service.output_schema(),
        "example": {"input": given, "output": answered},
    }


def service_parameters() -> list[Schema]:
    """The name and the version of a service, in a path."""
    versions_ = sorted({service.version for service in registry.services().values()})
    return [
        in_path("name", "Of the service.", enum=registry.names()),
        in_path("version", "Of the service.", type="integer", enum=versions_),
    ]


def operations() -> Schema:
    """The part of the document that is of the directory."""
    link = object_of({"url": {"type": "string", "description": "A path of this gateway."}})
    found = {"type": "object", "additionalProperties": link}
    texts = {name: {"type": "string"} for name in ("name", "description")}
    urls = {name: {"type": "string", "format": "uri"} for name in ("url", "jobs", "streams")}
    objects = {
        "files": {"type": "object", "description": "Of the inputs that are files: what is taken, by name."},
        "input": {"type": "object", "description": "The JSON Schema of what a job takes."},
        "output": {"type": "object", "description": "The JSON Schema of what it answers."},
        "example": object_of({"input": {"type": "object"}, "output": {"type": "object"}}),
    }
    described = get(
        "Describe a service",
        object_of({**urls, **texts, "version": {"type": "integer"}, **objects}),
        "directory",
        "404",
    )
    one = {"parameters": service_parameters(), "get": described}
    by_name = in_query("name", "Only the service of this name.", type="string")
    by_version = in_query("version", "Only this version.", type="string")
    return {
        "paths": {
            "/services": {
                "get": get("List the services", object_of({"services": found}), "directory", parameters=[by_name])
            },
            "/services/{name}": {
                "parameters": service_parameters()[:1],
                "get": get(
                    "List the versions of a service",
                    object_of({"versions": found}),
                    "directory",
                    "404",
                    parameters=[by_version],
                ),
            },
            "/services/{name}/{version}": one,
            "/services/{name}/{version}/description": one,
        }
    }

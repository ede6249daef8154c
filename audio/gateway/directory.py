"""What there is: the services, their versions, their descriptions."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from audio.gateway import links
from audio.gateway.errors import not_found
from audio.services import registry
from audio.services.base import Service

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

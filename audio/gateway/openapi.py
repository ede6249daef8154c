"""The OpenAPI 3.1 description of this gateway, made from the declarations that validate its requests."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import audio
from audio.gateway import resources
from audio.gateway.errors import CODES
from audio.gateway.inputs import LAST_OFFSET, SESSION_ID
from audio.services import registry
from audio.services.base import Service
from audio.services.inputs import FileInput, Schema, or_null

_ASYNC = {
    "type": "boolean",
    "default": True,
    "description": "false: the answer is the result. true: the answer comes at once, and the result later, at `url`.",
}
_STORE = {
    "type": "boolean",
    "description": "Whether the events and sums of this session are stored. Without it, sound is and people are not.",
}
_LINKS = {
    "url": {"type": "string", "format": "uri"},
    "uuid": {"type": "string", "format": "uuid"},
    "status": {"type": "integer", "description": "201: done. 202: waits or runs. Else the HTTP number of its failure."},
}
_JOB = {"type": "object", "properties": _LINKS, "required": ["url", "uuid", "status"]}
_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_MOST = 10**15 - 1  # the largest number of a query that is read
_ALWAYS = ("401", "408", "414", "431", "500", "503")
_QUERY = {
    "status": "Only jobs of this status.",
    "before": "Only jobs before this one.",
    "limit": "At most so many, and 1000 at most. 0: 100.",
}


def document(root: str) -> dict[str, Any]:
    """The whole description; `root` is the URL at which the gateway is reached."""
    paths: dict[str, Any] = {
        "/services": {"get": _get("List the services", {"services": {"type": "object"}}, "directory")},
        "/services/{name}": {
            "parameters": [_path_parameter("name")],
            "get": _get("List the versions of a service", {"versions": {"type": "object"}}, "directory", "404"),
        },
        "/blobs": {"post": _create_blob()},
        "/blobs/{blob_id}": {"parameters": [_path_parameter("blob_id")], **_blob()},
    }
    for service in registry.services().values():
        base = f"/services/{service.name}/{service.version}"
        paths[base] = {"get": _get(f"Describe {service.name}", {"url": _LINKS["url"]}, service.name)}
        paths[f"{base}/jobs"] = {"post": _create_job(service, root), "get": _list_jobs(service)}
        paths[f"{base}/jobs/{{job_id}}"] = {"parameters": [_path_parameter("job_id")], **_job(service)}
    for method, path, found in resources.by_path():
        made = resources.operation(found)
        refused = ("400", "413", "415") if method == "POST" else ()
        paths[path] = {method.lower(): {**made, "responses": {**made["responses"], **_errors(*refused)}}}
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
        "paths": paths,
        "components": {
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic", "description": "client_id and access_token of a stream"},
                "bearer": {"type": "http", "scheme": "bearer", "description": "client_id:access_token of a stream"},
            },
            "schemas": {"Error": _error_schema(), "Job": _JOB},
            "responses": {
                "Error": {
                    "description": "What is wrong, and what to do about it",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
                }
            },
        },
    }


def request_schema(service: Service) -> Schema:
    """What a job takes: the service's own inputs, and what every job takes. null is as if it were not given."""
    schema = service.input_schema()
    given = {**schema["properties"], "state": _state(service), "store": _STORE}
    required = schema["required"]
    taken = {name: field if name in required else or_null(field) for name, field in given.items()}
    return {**schema, "properties": {**taken, "async": _ASYNC}}


def _state(service: Service) -> Schema:
    unit = service.timed.clock.unit if service.timed else "unit"
    session = {
        "title": "session",
        "properties": {
            "session_id": {"type": "string", "pattern": SESSION_ID.pattern},
            "offset": {
                "type": ["integer", "null"],
                "minimum": 0,
                "maximum": LAST_OFFSET,
                "description": f"The {unit}, counted from the session's beginning, at which this chunk starts. "
                "It makes holes known, and a chunk that is sent twice harmless.",
            },
        },
        "required": ["session_id"],
    }
    none = {"title": "no session", "properties": {"session_id": {"type": "null"}, "offset": {"type": "null"}}}
    return {
        "type": "object",
        "description": "The session of this job. Its first use makes it; an idle one is forgotten.",
        "anyOf": [session, none],
    }


def _create_job(service: Service, root: str) -> Schema:
    schema = request_schema(service)
    blob = f"{root}/blobs/0b8f6d0e-6f0c-4f63-9d3e-7c1f2a5b4c3d"

    def by_url(_: str, field: Schema) -> Schema:
        return {**field, "pattern": f"^{re.escape(root)}/blobs/{_UUID}$"}

    def by_name(name: str, field: Schema) -> Schema:
        about = f"{field.get('description', '')} Here it is the part of this name; any other may be named, too."
        return {**field, "const": f"attachment://{name}", "description": about.strip()}

    example = _each_text(service.example[0], lambda text: blob if text.startswith("attachment://") else text)
    given = {**example, "async": False}
    content: Schema = {"application/json": {"schema": _with_files(service, schema, by_url), "example": given}}
    if service.files:
        parts = {f"attachment://{name}": {"type": "string", "format": "binary"} for name in service.files}
        types = {f"attachment://{name}": {"contentType": _media_types(file)} for name, file in service.files.items()}
        meta = _with_files(
            service, schema, lambda name, field: (by_name if name in service.files else by_url)(name, field)
        )
        content["multipart/form-data"] = {
            "schema": {"type": "object", "properties": {"meta": meta, **parts}, "required": ["meta", *parts]},
            "encoding": {"meta": {"contentType": "application/json"}, **types},
        }
    done = {"allOf": [{"$ref": "#/components/schemas/Job"}, service.output_schema()]}
    return {
        "operationId": f"create_{service.name}_{service.version}",
        "summary": service.description,
        "tags": [service.name],
        "requestBody": {"required": True, "content": content},
        "responses": {
            "201": {"description": "The result", **_json(done, _example(service))},
            "202": {"description": "Accepted: the result will be at `url`", **_json(_JOB)},
            **_errors("400", "404", "409", "413", "415", "429", "507"),
        },
    }


def _media_types(file: FileInput) -> str:
    return ", ".join(file.description().get("media_types", [file.media_type]))


def _with_files(service: Service, schema: Schema, change: Callable[[str, Schema], Schema]) -> Schema:
    """The same with what names a file changed, also where it lies deeper in an input."""

    def changed(name: str, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        if value.get("format") == "uri" and value.get("type") == "string":
            return change(name, value)
        return {key: changed(name, inner) for key, inner in value.items()}

    fields = {name: changed(name, field) for name, field in schema["properties"].items()}
    return {**schema, "properties": fields}


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_each_text(inner, change) for inner in value]
    return {k: _each_text(v, change) for k, v in value.items()} if isinstance(value, dict) else value


def _example(service: Service) -> dict[str, Any]:
    url = f"http://127.0.0.1:8080/services/{service.name}/{service.version}/jobs/0b8f6d0e-6f0c-4f63-9d3e-7c1f2a5b4c3d"
    return {"url": url, "uuid": url.rpartition("/")[2], "status": 201, **service.example[1]}


def _list_jobs(service: Service) -> Schema:
    body = {
        "jobs": {"type": "array", "items": {"$ref": "#/components/schemas/Job"}},
        "next": {"type": "string", "format": "uri", "description": "The next page, where there is one."},
    }
    number = {"type": "integer", "minimum": 0, "maximum": _MOST}
    parameters = [{"name": name, "in": "query", "description": text, "schema": number} for name, text in _QUERY.items()]
    return {**_get("List your jobs, newest first", body, service.name, "400"), "parameters": parameters}


def _job(service: Service) -> Schema:
    return {
        "get": _get("Get a job and, once it is done, its result", {**_LINKS, **service.outputs}, service.name, "404"),
        "delete": {
            "summary": "Cancel a job, or forget it",
            "tags": [service.name],
            "responses": {"204": {"description": "Gone"}, **_errors("404")},
        },
    }


def _create_blob() -> Schema:
    schema = {
        "type": "object",
        "properties": {
            "meta": {
                "type": "object",
                "properties": {"content": {"const": "attachment://content", "description": "The name of the part."}},
                "required": ["content"],
            },
            "attachment://content": {"type": "string", "format": "binary"},
        },
        "required": ["meta", "attachment://content"],
    }
    encoding = {"meta": {"contentType": "application/json"}}
    return {
        "summary": "Upload a file, to use it by URL in jobs",
        "tags": ["blobs"],
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema, "encoding": encoding}}},
        "responses": {
            "201": {"description": "The blob", **_json({"type": "object", "properties": _LINKS})},
            **_errors("400", "413", "415", "507"),
        },
    }


def _blob() -> Schema:
    return {
        "get": {
            "summary": "Download a blob",
            "tags": ["blobs"],
            "responses": {"200": {"description": "Its bytes", "content": {"*/*": {}}}, **_errors("404")},
        },
        "delete": {
            "summary": "Delete a blob",
            "tags": ["blobs"],
            "responses": {"204": {"description": "Gone"}, **_errors("404")},
        },
    }


def _get(summary: str, properties: Schema, tag: str, *refusals: str) -> Schema:
    answer = {"description": "OK", **_json({"type": "object", "properties": properties})}
    return {"summary": summary, "tags": [tag], "responses": {"200": answer, **_errors(*refusals)}}


def _json(schema: Schema, example: Any = None) -> Schema:
    return {"content": {"application/json": {"schema": schema} | ({} if example is None else {"example": example})}}


def _errors(*statuses: str) -> Schema:
    """The failures of an operation: those named, and those that every one of them has."""
    return {status: {"$ref": "#/components/responses/Error"} for status in sorted({*statuses, *_ALWAYS})}


def _error_schema() -> Schema:
    return {
        "type": "object",
        "properties": {
            "status": {"type": "integer"},
            "error": {"type": "string", "description": "A sentence that a person can act on."},
            "code": {"type": "string", "enum": sorted(CODES)},
            "field": {"type": "string", "description": "The input that is at fault, where one is."},
        },
        "required": ["status", "error", "code"],
    }


def _path_parameter(name: str) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}

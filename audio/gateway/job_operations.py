"""What OpenAPI says of the jobs of every service, made from the declarations that validate their requests."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from audio.gateway import links
from audio.gateway.inputs import LAST_OFFSET, SESSION_ID
from audio.gateway.openapi import LINKS, delete, errors, get, in_path, in_query, json_of
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
_JOB = {"type": "object", "properties": LINKS, "required": list(LINKS)}
_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_MOST = 10**15 - 1  # the largest number of a query that is read
_QUERY = {
    "status": "Only jobs of this status.",
    "before": "Only jobs before this one.",
    "limit": "At most so many, and 1000 at most. 0: 100.",
}


def operations() -> Schema:
    """The part of the document that is of jobs."""
    paths: Schema = {}
    for service in registry.services().values():
        base = f"/services/{service.name}/{service.version}/jobs"
        paths[base] = {"post": _create_job(service, links.root()), "get": _list_jobs(service)}
        paths[f"{base}/{{job_id}}"] = {"parameters": [in_path("job_id", "The `uuid` of the job.")], **_job(service)}
    return {"paths": paths, "components": {"schemas": {"Job": _JOB}}}


def _request_schema(service: Service) -> Schema:
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
    schema = _request_schema(service)
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
            "201": {"description": "The result", **json_of(done, _example(service))},
            "202": {"description": "Accepted: the result will be at `url`", **json_of(_JOB)},
            **errors("400", "404", "409", "413", "415", "429", "507"),
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
    schema = {"type": "object", "properties": body, "required": ["jobs"]}
    parameters = [in_query(name, text, type="integer", minimum=0, maximum=_MOST) for name, text in _QUERY.items()]
    return get("List your jobs, newest first", schema, service.name, "400", parameters=parameters)


def _job(service: Service) -> Schema:
    schema = {"type": "object", "properties": {**LINKS, **service.outputs}, "required": list(LINKS)}
    return {
        "get": get("Get a job and, once it is done, its result", schema, service.name, "404"),
        "delete": delete("Cancel a job, or forget it", service.name),
    }

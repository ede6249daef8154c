"""The page /docs: what the OpenAPI document says, for people."""

from __future__ import annotations

import re
from typing import Any

from flask import render_template
from markupsafe import Markup, escape

import audio
from audio.gateway.openapi import METHODS
from audio.services import registry
from audio.services.base import Service
from audio.services.inputs import Schema


def page(document: Schema) -> str:
    """The page of this document."""
    code = document["components"]["schemas"]["Error"]["properties"]["code"]
    return render_template(
        "docs.html",
        root=document["servers"][0]["url"],
        version=audio.__version__,
        services=[(s, s.input_schema()) for s in registry.services().values()],
        others=_by_tag(document),
        schemas=document["components"]["schemas"],
        codes=dict(zip(code["enum"], code["x-enum-descriptions"], strict=True)),
        example_of=_example_of,
    )


def marked(text: str) -> Markup:
    """A description, with what stands between backticks as code."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text or ""))))


def _by_tag(document: Schema) -> dict[str, list[Schema]]:
    """The operations by tag, but those of jobs, which the page tells service by service.

    Each has its `method`, its `path`, all `parameters`, and `ways` in.
    """
    tags: dict[str, list[Schema]] = {}
    for path, item in document["paths"].items():
        if path.endswith(("/jobs", "/jobs/{job_id}")):
            continue
        for method in (name for name in METHODS if name in item):
            operation = item[method]
            parameters = [*item.get("parameters", ()), *operation.get("parameters", ())]
            ways = [name for way in operation.get("security", document["security"]) for name in way]
            one = {**operation, "method": method.upper(), "path": path, "parameters": parameters, "ways": ways}
            tags.setdefault(operation["tags"][0], []).append(one)
    return tags


def _example_of(service: Service) -> dict[str, Any]:
    """The JSON beside the files of its curl line."""
    return {**service.example[0], **{name: f"attachment://{name}" for name in service.files}, "async": False}

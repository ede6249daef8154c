"""Blobs over HTTP: upload a file once, use it by URL in any job."""

from __future__ import annotations

import re
import uuid

from flask import Blueprint, Response, current_app, g, jsonify, request, send_file

from audio.engine.engine import Engine
from audio.engine.requests import Part
from audio.errors import BadInput
from audio.gateway import budget, inputs, links
from audio.gateway.errors import HttpError, not_found
from audio.gateway.openapi import LINKS, delete, errors, in_path, json_of, object_of
from audio.services.inputs import Schema
from audio.stores import blobs as store

blueprint = Blueprint("blobs", __name__)
_CONTENT_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,48}/[a-z0-9!#$&^_.+-]{1,48}")


def find_blob(text: str) -> Part | None:
    """What a text stands for where it is the URL of a blob of this gateway and client; None for any other text.

    Raises BadInput, which names no field, where it is the URL of a blob that is not there.
    """
    blob_id = links.blob_id_of(text)
    if blob_id is None:
        return None
    engine: Engine = current_app.extensions["audio"]
    with engine.database.read() as connection:
        blob = store.get(connection, g.client_id, blob_id)
    if blob is not None:
        budget.take(blob.size)
    data = engine.blob_files.read(blob_id) if blob else None
    if blob is None or data is None:
        raise BadInput("There is no such blob here, or it is not yours. POST /blobs makes one.")
    return Part(data, blob.content_type)


@blueprint.post("/blobs")
def create() -> Response:
    content = inputs.read(request, find_blob).get("content")
    if not isinstance(content, Part):
        raise BadInput(
            "'content' must be the name of an attached part: "
            "curl -F 'attachment://x=@FILE' -F 'meta={\"content\": \"attachment://x\"};type=application/json' URL",
            field="content",
        )
    engine: Engine = current_app.extensions["audio"]
    kind = content.content_type.lower()
    kind = kind if _CONTENT_TYPE.fullmatch(kind) else "application/octet-stream"
    quota = engine.settings.blob_quota_mb * 2**20
    blob_id = str(uuid.uuid4())
    # The file comes first, so that nobody waits for the disk with the database locked.
    engine.blob_files.write(blob_id, content.data)
    try:
        with engine.database.write() as connection:
            if store.used(connection, g.client_id) + len(content.data) > quota:
                limit = f"The blobs of this stream may take {quota // 2**20} MiB together"
                raise HttpError(413, "too_large", f"{limit}: DELETE some, then send this one again.")
            store.add(connection, blob_id, g.client_id, kind, len(content.data))
    except BaseException:
        engine.blob_files.remove(blob_id)
        raise
    url = links.blob(blob_id)
    response = jsonify({"status": 201, "url": url, "uuid": blob_id})
    response.status_code = 201
    response.headers["Location"] = url
    return response


@blueprint.get("/blobs/<blob_id>")
def show(blob_id: str) -> Response:
    engine: Engine = current_app.extensions["audio"]
    with engine.database.read() as connection:
        blob = store.get(connection, g.client_id, blob_id)
    if blob is None:
        raise not_found()
    budget.take(blob.size if engine.settings.blobs else 0)
    try:
        # An attachment, so that no browser ever runs what somebody uploaded.
        response = send_file(
            engine.blob_files.source(blob.id),
            mimetype=blob.content_type,
            as_attachment=True,
            download_name=blob.id,
            etag=False,
        )
    except FileNotFoundError as exc:
        raise not_found() from exc
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@blueprint.delete("/blobs/<blob_id>")
def forget(blob_id: str) -> Response:
    engine: Engine = current_app.extensions["audio"]
    with engine.database.write() as connection:
        if not store.delete(connection, g.client_id, blob_id):
            raise not_found()
    engine.blob_files.remove(blob_id)
    return Response(status=204)


def operations() -> Schema:
    """The part of the document that is of blobs."""
    content = {"const": "attachment://content", "description": "The name of the part."}
    sent = object_of(
        {"meta": object_of({"content": content}), "attachment://content": {"type": "string", "format": "binary"}}
    )
    body = {"multipart/form-data": {"schema": sent, "encoding": {"meta": {"contentType": "application/json"}}}}
    create = {
        "summary": "Upload a file, to use it by URL in jobs",
        "tags": ["blobs"],
        "requestBody": {"required": True, "content": body},
        "responses": {
            "201": {"description": "The blob", **json_of(object_of(LINKS))},
            **errors("400", "413", "415", "507"),
        },
    }
    show = {
        "summary": "Download a blob",
        "tags": ["blobs"],
        "responses": {"200": {"description": "Its bytes", "content": {"*/*": {}}}, **errors("404")},
    }
    one = {
        "parameters": [in_path("blob_id", "The `uuid` of the blob.")],
        "get": show,
        "delete": delete("Delete a blob", "blobs"),
    }
    return {"paths": {"/blobs": {"post": create}, "/blobs/{blob_id}": one}}

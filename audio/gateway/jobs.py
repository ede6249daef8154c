"""Jobs over HTTP: ask for one, get one, list them, cancel or forget one."""

from __future__ import annotations

import json
import time
from functools import partial
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, g, jsonify, request

from audio.engine.engine import Engine
from audio.engine.requests import Request
from audio.errors import BadInput
from audio.gateway import disconnect, inputs, links
from audio.gateway.blobs import find_blob
from audio.gateway.directory import service_of
from audio.gateway.errors import HttpError, not_found
from audio.services.base import Service
from audio.stores import job_ids, outbox
from audio.stores import jobs as store
from audio.stores.outbox import Entry

blueprint = Blueprint("jobs", __name__)
_PAGE = 100


@blueprint.post("/services/<name>/<version>/jobs")
def create(name: str, version: str) -> Response:
    received = time.time()
    service = service_of(name, version)
    values = inputs.read(request, find_blob)
    ref = inputs.session_of(values, received)
    if inputs.wants_async(values):
        return _accept(service, Request(values, ref, received))
    typed = service.read(values, received)
    job_id = job_ids.new()
    engine: Engine = current_app.extensions["audio"]
    with engine.metrics.job(service):
        result = engine.runner.run_bounded(
            service, typed, g.client_id, ref, partial(ended, job_id, service, g.client_id), disconnect.check
        )
    response = _reply(service, job_id, result, store.CREATED)
    if limit := engine.runner.meter.header(g.client_id, service):
        response.headers["RateLimit"] = limit
    return response


def ended(job_id: str, service: Service, client_id: str, result: str) -> Entry:
    """A synchronous job, to be written with its session."""
    return outbox.ended(job_id, client_id, service.name, service.version, result)


def _accept(service: Service, asked: Request) -> Response:
    """Store an asynchronous job, once its inputs are known to be good, and answer at once."""
    service.read(asked.values, asked.received)
    engine: Engine = current_app.extensions["audio"]
    engine.runner.meter.check(g.client_id, service)
    job_id = job_ids.new()
    packed = asked.pack(service)
    settings = engine.settings
    with engine.database.write_prepared() as connection:
        count, size = store.waiting(connection, g.client_id)
        if count >= settings.async_queue or (count and size + len(packed) > settings.blob_quota_mb * 2**20):
            raise HttpError(
                429,
                "too_many_jobs",
                f"{count} asynchronous jobs of this stream wait already, with {size} bytes: send this one later.",
                headers={"Retry-After": "2"},
            )
        store.add_queued(
            connection,
            id=job_id,
            client_id=g.client_id,
            service=service.name,
            version=service.version,
            session_id=asked.ref.session_id if asked.ref else None,
            request=packed,
        )
    engine.wake()
    return _reply(service, job_id, "{}", store.ACCEPTED)


def _reply(service: Service, job_id: str, result: str, status: int) -> Response:
    """The job with its result, a JSON object that is taken over as it is: it may be large, and was encoded once."""
    url = links.job(service.name, service.version, job_id)
    return Response(body(url, result, job_id, status), status, {"Location": url}, content_type="application/json")


def fields(result: str) -> str:
    """The inside of a result, a JSON object, to stand before other fields."""
    return result[1:-1] + "," if result != "{}" else ""


def body(url: str, result: str, job_id: str, status: int) -> bytes:
    """The JSON of a job."""
    return f'{{"url":{json.dumps(url)},{fields(result)}"uuid":"{job_id}","status":{status}}}\n'.encode()


@blueprint.get("/services/<name>/<version>/jobs/<job_id>")
def show(name: str, version: str, job_id: str) -> Response:
    service = service_of(name, version)
    job = _job(service, job_id, fresh=False)
    if job is None or job.phase != store.ENDED:  # one that has ended stays as it is
        job = _job(service, job_id, fresh=True) or _waiting(service, job_id)
    if job is None:
        raise not_found()
    return jsonify({"url": links.job(name, service.version, job.id), **job.fields()})


def _job(service: Service, job_id: str, *, fresh: bool) -> store.Job | None:
    engine: Engine = current_app.extensions["audio"]
    seconds = engine.settings.result_seconds
    with engine.database.read(fresh=fresh) as connection:
        return store.get(connection, g.client_id, service.name, service.version, job_id, seconds=seconds)


def _waiting(service: Service, job_id: str) -> store.Job | None:
    """A job that the full disk keeps from the database."""
    engine: Engine = current_app.extensions["audio"]
    job = engine.outbox.job(job_id) if engine.database.full else None
    own = (g.client_id, service.name, service.version)
    return job if job is not None and (job.client_id, job.service, job.version) == own else None


@blueprint.delete("/services/<name>/<version>/jobs/<job_id>")
def forget(name: str, version: str, job_id: str) -> Response:
    service = service_of(name, version)
    engine: Engine = current_app.extensions["audio"]
    with engine.database.write() as connection:
        if not store.delete(connection, g.client_id, name, service.version, job_id):
            raise not_found()
    return Response(status=204)


@blueprint.get("/services/<name>/<version>/jobs")
def page(name: str, version: str) -> Response:
    service = service_of(name, version)
    engine: Engine = current_app.extensions["audio"]
    status, before = _whole("status"), _whole("before")
    limit = min(max(_whole("limit") or _PAGE, 1), 1000)
    with engine.database.read() as connection:
        found = store.page(
            connection,
            g.client_id,
            name,
            service.version,
            status=status,
            before=before,
            limit=limit + 1,
            seconds=engine.settings.result_seconds,
        )
    shown = found[:limit]
    content: dict[str, Any] = {
        "jobs": [{"url": links.job(name, service.version, job.id), **job.fields()} for job in shown]
    }
    if len(found) > limit:
        query = {"before": shown[-1].seq, "limit": limit} | ({} if status is None else {"status": status})
        content["next"] = f"{links.jobs(name, service.version)}?{urlencode(query)}"
    return jsonify(content)


def _whole(name: str) -> int | None:
    """A number of the query, if it is there."""
    text = request.args.get(name)
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise BadInput(f"'{name}' must be a whole number; '{text[:40]}' came.", field=name)
    return int(text)

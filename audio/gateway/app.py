"""The Flask application: routes, authentication before them, one shape of errors after them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from flask import Flask, Request, Response, current_app, g, jsonify, request

import audio
from audio.engine.config import Settings
from audio.engine.engine import Engine
from audio.engine.metrics import CONTENT_TYPE
from audio.gateway import (
    auth,
    blobs,
    budget,
    directory,
    docs,
    errors,
    events,
    forwarded,
    inputs,
    job_operations,
    jobs,
    links,
    openapi,
    resources,
    sdk_streams,
)
from audio.gateway.errors import HttpError, not_found
from audio.services import registry
from audio.services.inputs import Schema

log = logging.getLogger(__name__)

# Pages here hold no script, and nothing of another host. A page that needs more says so itself.
_DEFENCE = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}


def create_app(settings: Settings) -> Flask:
    """The application. Its Engine (`app.extensions["audio"]`) is opened by whoever runs it, after the last fork."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_mb * 2**20
    app.config["PUBLIC_URL"] = settings.public_url.rstrip("/")
    app.json = inputs.Json(app)
    app.json.sort_keys = False
    app.url_map.strict_slashes = False
    engine = Engine(settings)
    app.extensions["audio"] = engine
    # Blueprints of other rooms that say for themselves who may come.
    app.extensions["own_authentication"] = set[str]()
    # What other rooms take for credentials: functions that give the client_id a request may speak for, or None.
    app.extensions["ways_in"] = list[Callable[[Request], str | None]]()
    # Who reads events as they happen, beside a stream's own credentials: server_sent_events.ReadersOf.
    app.extensions["event_readers"] = list[Any]()
    # What rooms say of their operations: functions that give a part of the OpenAPI document.
    described = (directory, job_operations, blobs, events, sdk_streams, resources)
    app.extensions["operations"] = [_operations, *(room.operations for room in described)]
    errors.register(app)
    budget.register(app, engine.budget)
    for room in (directory, jobs, blobs, events, sdk_streams):
        app.register_blueprint(room.blueprint)
    app.register_blueprint(resources.blueprint())
    app.add_url_rule("/", "index", _index)
    app.add_url_rule("/health", "health", _health)
    app.add_url_rule("/metrics", "metrics", _metrics)
    app.add_url_rule("/openapi.json", "openapi", _openapi)
    app.add_url_rule("/docs", "docs", _docs)
    app.add_template_filter(docs.marked)
    app.before_request(_refuse_bad_origin)
    app.before_request(_authenticate)
    app.after_request(_count)
    app.wsgi_app = forwarded.middleware(app.wsgi_app, settings)  # type: ignore[method-assign,assignment]
    registry.services()
    return app


def _refuse_bad_origin() -> None:
    if "\0" in request.path:  # no name has one, and PostgreSQL takes none
        raise not_found()
    if reason := request.environ.get("audio.bad_origin"):
        raise HttpError(400, "bad_request", reason)


def _authenticate() -> None:
    # An unknown path is 404 for everybody; it tells nothing.
    if request.url_rule is None or request.blueprint in current_app.extensions["own_authentication"]:
        return
    for way in current_app.extensions["ways_in"]:
        if (client_id := way(request)) is not None:
            g.client_id = client_id
            return
    if request.endpoint not in auth.OPEN_ENDPOINTS:
        auth.authenticate(request)


def _count(response: Response) -> Response:
    engine: Engine = _engine()
    engine.metrics.request(request.method if request.url_rule else "-", response.status_code)
    for name, value in _DEFENCE.items():
        response.headers.setdefault(name, value)
    return response


def _engine() -> Engine:
    engine: Engine = current_app.extensions["audio"]
    return engine


def _index() -> Response:
    root = links.root()
    return jsonify(
        {
            "name": "audio",
            "version": audio.__version__,
            "services": f"{root}/services",
            "blobs": f"{root}/blobs",
            "docs": f"{root}/docs",
            "openapi": f"{root}/openapi.json",
            "health": f"{root}/health",
        }
    )


def _health() -> tuple[Response, int]:
    """Liveness by answering at all, readiness by the database's answer."""
    ready, why = _engine().ready()
    body: dict[str, Any] = {"status": "ok" if ready else "unavailable", "version": audio.__version__}
    if not ready:
        body["error"] = why
    return jsonify(body), 200 if ready else 503


def _metrics() -> Response:
    return Response(_engine().metrics.exposition(), content_type=CONTENT_TYPE)


def _openapi() -> Response:
    return jsonify(_document())


def _document() -> Schema:
    return openapi.document(links.root(), [operations() for operations in current_app.extensions["operations"]])


def _operations() -> Schema:
    """The part of the document that is of the gateway itself."""
    text, url = {"type": "string"}, {"type": "string", "format": "uri"}
    ways = dict.fromkeys(("services", "blobs", "docs", "openapi", "health"), url)
    health = {"status": {"type": "string", "enum": ["ok", "unavailable"]}, "version": text, "error": text}
    state = openapi.json_of({"type": "object", "properties": health, "required": ["status", "version"]})
    metrics = {"description": "OK", "content": {"text/plain": {"schema": text}}}
    tag = "gateway"
    return {
        "paths": {
            "/": {
                "get": {
                    **openapi.get(
                        "Where everything is", openapi.object_of({"name": text, "version": text, **ways}), tag
                    ),
                    "security": [],
                }
            },
            "/health": {
                "get": {
                    "summary": "Whether the gateway lives, and is ready",
                    "tags": [tag],
                    "security": [],
                    "responses": {
                        "200": {"description": "Ready", **state},
                        "503": {"description": "Its database does not answer", **state},
                    },
                }
            },
            "/metrics": {
                "get": {"summary": "Metrics, as Prometheus reads them", "tags": [tag], "responses": {"200": metrics}}
            },
        }
    }


def _docs() -> str:
    return docs.page(_document())

"""Events over HTTP: what happened on a stream, read back in order."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, g, jsonify, request

from audio.engine.engine import Engine
from audio.errors import BadInput
from audio.gateway import links
from audio.gateway.openapi import get, in_query, object_of
from audio.services.inputs import Schema
from audio.stores import events as store
from audio.stores import zones

blueprint = Blueprint("events", __name__)
_PAGE, _MOST = 100, 1000
_LAST_ID, _LARGEST = 2**53, 10**9


@blueprint.get("/api/1/events")
def page() -> Response:
    """Events of the stream that asks, oldest first; `after` reads on without a gap, `newest=1` gives the last page."""
    asked = query(request.args.to_dict())
    engine: Engine = current_app.extensions["audio"]
    with engine.database.read() as connection:
        found = store.read(connection, [g.client_id], **asked)
    body: dict[str, Any] = {"events": [event.fields() for event in found], "next_page": ""}
    if len(found) == asked["limit"] and not asked["newest"]:
        kept = {name: value for name, value in request.args.items() if name != "after"}
        body["next_page"] = f"{links.root()}/api/1/events?{urlencode({**kept, 'after': found[-1].id})}"
    return jsonify(body)


def query(given: dict[str, str]) -> dict[str, Any]:
    """The parameters of a request for events, as `store.read` takes them. Raises BadInput."""
    return {
        "after": whole(given, "after", 0, _LAST_ID),
        "limit": min(whole(given, "limit", _PAGE, _LARGEST) or 1, _MOST),
        "begin": moment(given, "from_date"),
        "end": moment(given, "to_date"),
        "types": [t.strip() for t in given.get("type", "").split(",") if t.strip()],
        "services": [s.strip() for s in given.get("service", "").split(",") if s.strip()],
        "newest": whole(given, "newest", 0, 1) == 1,
    }


def whole(given: dict[str, str], name: str, default: int, most: int) -> int:
    text = given.get(name, "")
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 16 or int(text) > most:
        raise BadInput(f"'{name}' must be a whole number; '{text[:40]}' came.", field=name)
    return int(text)


def moment(given: dict[str, str], name: str) -> float | None:
    """A date and time as Unix time; UTC where it has no offset, and a blank is a + that was not encoded."""
    text = given.get(name, "")
    if not text:
        return None
    try:
        return zones.moment(text.strip().replace(" ", "+")).timestamp()
    except (ValueError, OverflowError) as exc:
        raise BadInput(
            f"'{name}' must be a date and time such as 2026-11-28T16:20:41+01:00; '{text[:40]}' came.", field=name
        ) from exc


def operations() -> Schema:
    """The part of the document that is of events: one URL, read back or followed."""
    texts = {
        "id": {
            "type": "string",
            "description": "A number that grows: what is read after it holds all that came later.",
        },
        "stream": {"type": "string", "description": "The client_id of the stream."},
        "service": {"type": "string", "description": "NAME/VERSION; empty for the gateway's own."},
        "type": {"type": "string", "enum": list(store.TYPES)},
        "time": {"type": "string", "format": "date-time", "description": "When it happened, in UTC."},
    }
    event = object_of({**texts, "data": {"type": "object"}})
    next_page = {"type": "string", "description": "The URL of the next page; empty on the last one."}
    page_ = object_of(
        {"events": {"type": "array", "items": {"$ref": "#/components/schemas/Event"}}, "next_page": next_page}
    )
    moment_ = {"type": "string", "format": "date-time"}
    asked: dict[str, tuple[str, Schema]] = {
        "after": ("Behind the event with this id.", {"type": "integer", "minimum": 0, "maximum": _LAST_ID}),
        "from_date": ("Not before this date and time, ISO 8601; UTC where it has no offset.", moment_),
        "to_date": ("Before this one.", moment_),
        "type": (
            f"One type, or several with commas between, of {', '.join(store.TYPES)}.",
            {"type": "string", "examples": ["voice_on,voice_off"]},
        ),
        "service": ("One service, or several with commas between.", {"type": "string", "examples": ["dummy/1"]}),
        "limit": (
            f"At most so many, and {_MOST} at most.",
            {"type": "integer", "minimum": 0, "maximum": _LARGEST, "default": _PAGE},
        ),
        "newest": (
            "1: the last `limit` ones in place of the first, without a next page.",
            {"type": "integer", "enum": [0, 1], "default": 0},
        ),
        "live": ("1, where events are followed: how each session is just now, too, as `state`.", {"type": "string"}),
    }
    parameters: list[Schema] = [
        {**in_query(n, t, **schema), "allowEmptyValue": True} for n, (t, schema) in asked.items()
    ]
    replayed = "As `after`, where events are followed; a browser's EventSource sends it by itself."
    parameters.append({"name": "Last-Event-ID", "in": "header", "description": replayed, "schema": {"type": "string"}})
    found = get("Read events, oldest first, or follow them", page_, "events", "400", parameters=parameters)
    found["description"] = (
        "With `Accept: text/event-stream` the answer stays open and tells events as they happen: `id`, `event` (the "
        "type) and `data` (an Event, as JSON) of each. `event: gap` comes first where some of what was asked for is "
        "not kept any more. A comment comes each 15 s; after half an hour the connection ends: open it again."
    )
    found["responses"]["200"]["content"]["text/event-stream"] = {"schema": {"type": "string"}}
    # A list of its own, for other rooms to add ways in.
    found["security"] = [{"basic": []}, {"bearer": []}]
    return {"paths": {"/api/1/events": {"get": found}}, "components": {"schemas": {"Event": event}}}

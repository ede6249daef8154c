"""Events over HTTP: what happened on a stream, read back in order."""

from __future__ import annotations

from datetime import timezone
from typing import Any
from urllib.parse import urlencode

from dateutil.parser import isoparse
from flask import Blueprint, Response, current_app, g, jsonify, request

from audio.engine.engine import Engine
from audio.errors import BadInput
from audio.gateway import links
from audio.stores import events as store

blueprint = Blueprint("events", __name__)
_PAGE, _MOST = 100, 1000


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
        "after": whole(given, "after", 0, 2**53),
        "limit": min(whole(given, "limit", _PAGE, 10**9) or 1, _MOST),
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
        found = isoparse(text.strip().replace(" ", "+"))
        return (found if found.tzinfo else found.replace(tzinfo=timezone.utc)).timestamp()
    except (ValueError, OverflowError) as exc:
        raise BadInput(
            f"'{name}' must be a date and time such as 2026-11-28T16:20:41+01:00; '{text[:40]}' came.", field=name
        ) from exc

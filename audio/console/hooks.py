"""Where the events of a stream go: its webhooks, and an event to try them with."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Response, current_app, request
from werkzeug.exceptions import NotFound

from audio.console import pages
from audio.console.pages import blueprint
from audio.console.stream import mine, page
from audio.errors import BadInput
from audio.stores import events, webhooks
from audio.stores.events import Event
from audio.stores.webhooks import Webhook

MOST = 10  # of one stream; chosen


@dataclass(frozen=True)
class Hooking:
    """What the room of events does for this one. check: raises BadInput where a URL may not be a target."""

    check: Callable[[str], object]
    new_secret: Callable[[], str]


@blueprint.post("/streams/<client_id>/webhooks")
def hooks(client_id: str) -> Response:
    """Add one, whose secret is shown once; remove one; turn one on again; a second secret beside the first."""
    do = {"add": _add, "remove": _remove, "on": _on, "secret": _second}.get(request.form.get("action", ""))
    if do is None:
        raise NotFound
    try:
        return do(client_id)
    except BadInput as exc:
        typed = {name: request.form.get(name, "") for name in ("url", "types")}
        return page(client_id, 400, errors={exc.field or "url": exc.message}, typed=typed)


@blueprint.post("/streams/<client_id>/test")
def test(client_id: str) -> Response:
    """An event of its own type, by every way that is set."""
    with pages.engine().database.write() as connection:
        mine(connection, client_id)
        events.add(connection, [Event(client_id, "", "test", round(time.time(), 3), {})])
    return pages.to(".stream", client_id=client_id, said="test")


def _hooking() -> Hooking:
    found: Hooking = current_app.extensions["hooking"]
    return found


def _add(client_id: str) -> Response:
    url, secret = request.form.get("url", "").strip(), _hooking().new_secret()
    with pages.engine().database.read() as connection:
        mine(connection, client_id)
    _hooking().check(url)
    types = _types(request.form.get("types", ""))
    with pages.engine().database.write() as connection:
        stream = mine(connection, client_id)
        if len(webhooks.of_stream(connection, client_id)) >= MOST:
            raise BadInput(f"A stream has {MOST} webhooks at most: remove one first.")
        webhooks.add(connection, client_id, url, types, secret)
        pages.note(connection, f"added a webhook to {stream.name}")
    return page(client_id, typed={}, hook_secret=secret)


def _types(text: str) -> list[str]:
    """The types that are named, with commas or spaces between; none: all. Raises BadInput."""
    names = list(dict.fromkeys(text.replace(",", " ").split()))
    wrong = next((name for name in names if name not in events.TYPES), None)
    if wrong is not None:
        raise BadInput(f"There is no type {wrong[:40]}. There are {', '.join(events.TYPES)}.", field="types")
    return names


def _remove(client_id: str) -> Response:
    with pages.engine().database.write() as connection:
        hook = _one(connection, client_id)
        webhooks.remove(connection, hook.id)
        pages.note(connection, "removed a webhook")
    return pages.to(".stream", client_id=client_id, said="hook")


def _on(client_id: str) -> Response:
    with pages.engine().database.write() as connection:
        hook = _one(connection, client_id)
        webhooks.change(connection, dataclasses.replace(hook, off="", tries=0, next_at=time.time()))
    return pages.to(".stream", client_id=client_id, said="hook")


def _second(client_id: str) -> Response:
    """A new secret; the one before it holds beside it until the next change."""
    secret = _hooking().new_secret()
    with pages.engine().database.write() as connection:
        hook = _one(connection, client_id)
        webhooks.change(connection, dataclasses.replace(hook, secrets=(secret, hook.secrets[0])))
        pages.note(connection, "made a new secret for a webhook")
    return page(client_id, typed={}, hook_secret=secret)


def _one(connection: sa.Connection, client_id: str) -> Webhook:
    """The hook that the form names, of this stream and of who is signed in."""
    mine(connection, client_id)
    wanted = request.form.get("hook", "")
    found = next((hook for hook in webhooks.of_stream(connection, client_id) if hook.id == wanted), None)
    if found is None:
        raise NotFound
    return found

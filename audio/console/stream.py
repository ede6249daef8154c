"""One stream: its credentials, usage, live state, settings and end. Another's is 404, as one that never was."""

from __future__ import annotations

import time

import sqlalchemy as sa
from flask import Response, request
from werkzeug.exceptions import NotFound

from audio.console import charts, links, pages
from audio.console.pages import blueprint
from audio.console.streams import shown
from audio.engine import erase
from audio.errors import BadInput
from audio.stores import events, plans, streams, usage, webhooks, zones
from audio.stores.plans import PLANS
from audio.stores.streams import Credentials, Stream

KEPT = (1, 7, 30, 90, 365, 730)
_STORE = {"": None, "yes": True, "no": False}
_SAID = {
    "settings": "The settings were saved.",
    "revoke": "The stream is let in no more.",
    "restore": "The stream is let in again, with the password that it had.",
    "test": "A test event was made: it goes by every way that is set.",
    "hook": "The webhooks were changed.",
    "erase": "Its data was deleted.",
}


def mine(connection: sa.Connection, client_id: str) -> Stream:
    """A stream of who is signed in. Raises NotFound for any other."""
    found = streams.get(connection, client_id)
    if found is None or found.account_id != pages.me().id:
        raise NotFound
    return found


@blueprint.get("/streams/<client_id>", endpoint="stream")
def show(client_id: str) -> Response:
    return page(client_id, said=_SAID.get(request.args.get("said", "")), typed={})


def page(client_id: str, status: int = 200, **values: object) -> Response:
    now = time.time()
    with pages.engine().database.read() as connection:
        stream = mine(connection, client_id)
        found = shown(connection, [stream])[0]
        month = plans.period(PLANS["developer"], stream.tz, now)
        hooks = [(hook, webhooks.tries(connection, hook.id)) for hook in webhooks.of_stream(connection, client_id)]
        days = usage.by_day(connection, client_id, stream.tz, month.since, month.until)
        newest = events.newest(connection)
    zone = zones.of(stream.tz)
    values = {"hook_secret": None, "credentials": None, "is_new": False, "said": None, **values}
    return pages.render(
        "stream.html",
        status,
        found=found,
        stream=stream,
        zone=zone,
        days=charts.days_of_month(days, month, zone),
        kept=KEPT,
        newest=newest,
        hooks=hooks,
        settings=pages.engine().settings,
        zones=sorted(zones.names()),
        server_zone=zones.of_server(),
        root=links.root(),
        **values,
    )


@blueprint.post("/streams/<client_id>/settings")
def settings(client_id: str) -> Response:
    form = request.form
    try:
        name, tz = streams.check_name(form.get("name", "")), zones.check(form.get("tz", ""))
        days = streams.check_keep_days(_whole(form.get("keep_days", "")))
        with pages.engine().database.write() as connection:
            stream = mine(connection, client_id)
            streams.check_free(connection, name, stream.account_id, but=client_id)
            store = _STORE.get(form.get("store", ""))
            streams.update(connection, client_id, name=name, tz=tz, store=store, keep_days=days)
            pages.note(connection, f"changed the settings of {name}")
    except BadInput as exc:
        return page(client_id, 400, errors={exc.field or "": exc.message})
    return _back(client_id, "settings")


@blueprint.post("/streams/<client_id>/token")
def token(client_id: str) -> Response:
    """A new password. The page with it is the answer: it is nowhere else, and not made again by going back."""
    with pages.engine().database.write() as connection:
        stream = mine(connection, client_id)
        credentials: Credentials = streams.rotate(connection, client_id)
        pages.note(connection, f"made a new password for {stream.name}")
    return page(client_id, credentials=credentials, typed={})


@blueprint.post("/streams/<client_id>/revoke")
def revoke(client_id: str) -> Response:
    with pages.engine().database.write() as connection:
        stream = mine(connection, client_id)
        streams.revoke(connection, client_id)
        pages.note(connection, f"revoked {stream.name}")
    return _back(client_id, "revoke")


@blueprint.post("/streams/<client_id>/restore")
def restore(client_id: str) -> Response:
    with pages.engine().database.write() as connection:
        stream = mine(connection, client_id)
        streams.restore(connection, client_id)
        pages.note(connection, f"restored {stream.name}")
    return _back(client_id, "restore")


@blueprint.post("/streams/<client_id>/erase")
def erase_data(client_id: str) -> Response:
    return _end(client_id, whole=False)


@blueprint.post("/streams/<client_id>/delete")
def delete(client_id: str) -> Response:
    return _end(client_id, whole=True)


def _end(client_id: str, whole: bool) -> Response:
    with pages.engine().database.write() as connection:
        stream = mine(connection, client_id)
        if request.form.get("name", "").strip() != stream.name:
            action = "delete" if whole else "erase"
            return page(client_id, 400, typed={}, errors={action: f"Type its name to be sure: {stream.name}"})
        left = erase.delete(connection, stream) if whole else erase.data(connection, client_id)
        pages.note(connection, f"{'deleted' if whole else 'erased the data of'} {stream.name}")
    pages.engine().remove(left)
    return pages.to(".streams") if whole else _back(client_id, "erase")


def _whole(text: str) -> int:
    """A number that was typed; -1 for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1


def _back(client_id: str, said: str) -> Response:
    return pages.to(".stream", client_id=client_id, said=said)

"""The live page: the browser's microphone through the services of a stream, with a token for a quarter of an hour."""

from __future__ import annotations

from flask import Response, jsonify, request

from audio.console import data, links, pages
from audio.console.pages import blueprint
from audio.console.stream import mine
from audio.console.streams import shown
from audio.services import registry
from audio.stores import events, streams

# The newest version of each is taken. The last one hears two channels.
SERVICES = ("sound_detection", "voice_detection", "sound_localization")


@blueprint.get("/live")
def live() -> Response:
    with pages.engine().database.read() as connection:
        found = shown(connection, [s for s in streams.of_account(connection, pages.me().id) if s.revoked_at is None])
        newest = events.newest(connection)
    wanted = request.args.get("stream", "")
    chosen = next((s for s in found if s.stream.client_id == wanted), found[0] if found else None)
    jobs = {name: links.prefix() + f"/services/{name}/{max(registry.versions(name))}/jobs" for name in SERVICES}
    return pages.render("live.html", found=found, chosen=chosen, jobs=jobs, newest=newest, root=links.root())


@blueprint.post("/streams/<client_id>/live")
def live_token(client_id: str) -> Response:
    """A token for the services, for this stream."""
    with pages.engine().database.read() as connection:
        stream = mine(connection, client_id)
    if stream.revoked_at is not None:
        return _refused("The stream is revoked: restore it first.")
    return jsonify(data.issue_live(client_id, stream.generation))


def _refused(sentence: str) -> Response:
    response = jsonify({"status": 409, "error": sentence, "code": "revoked"})
    response.status_code = 409
    return response

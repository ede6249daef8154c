from __future__ import annotations

import socket

from audio.gateway import presence
from tests.conftest import RunningGateway
from tests.gateway.client import Client


def test_what_nobody_waits_for_is_not_computed(gateway: RunningGateway, client: Client) -> None:
    ours, theirs = socket.socketpair()
    asked = {"path": "/services/dummy/1/jobs", "json": {"async": False}, "auth": client.http.auth}
    with ours, gateway.app.test_client() as caller:
        with theirs:
            assert caller.post(**asked, environ_overrides={"gunicorn.socket": ours}).status_code == 201
        reply = caller.post(**asked, environ_overrides={"gunicorn.socket": ours})
        assert (reply.status_code, reply.json["code"]) == (499, "client_gone")
        assert len(caller.get(asked["path"], auth=asked["auth"]).json["jobs"]) == 1


def test_outside_of_a_request_nobody_can_be_gone() -> None:
    presence.check()

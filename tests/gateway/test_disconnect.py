from __future__ import annotations

import socket
from urllib.parse import urlsplit

from audio.gateway import disconnect
from tests.conftest import RunningGateway
from tests.gateway.client import Client
from tests.waiting import until


def test_what_nobody_waits_for_is_not_computed(gateway: RunningGateway, client: Client) -> None:
    gone = False
    asked = {"path": "/services/dummy/1/jobs", "json": {"async": False}, "auth": client.http.auth}
    with gateway.app.test_client() as caller:
        environ = {"audio.gone": lambda: gone}
        assert caller.post(**asked, environ_overrides=environ).status_code == 201
        gone = True
        reply = caller.post(**asked, environ_overrides=environ)
        assert (reply.status_code, reply.json["code"]) == (499, "client_gone")
        assert len(caller.get(asked["path"], auth=asked["auth"]).json["jobs"]) == 1


def test_a_client_that_says_no_more_is_gone(client: Client) -> None:
    """It is told so, where it reads on."""
    body = b'{"async": false}'
    head = client.head("POST", urlsplit(client.dummy).path, "Content-Type: application/json", "Content-Length: 16")
    with socket.create_connection(("127.0.0.1", urlsplit(client.root).port or 0)) as sock:
        sock.sendall(head + body)
        sock.shutdown(socket.SHUT_WR)
        sock.recv(100)
    until(lambda: client.get(client.dummy).status_code == 200)


def test_outside_of_a_request_nobody_can_be_gone() -> None:
    disconnect.check()

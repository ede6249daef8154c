"""Clients that are slow, silent or many: they cost a buffer, and are ended in time."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from audio.gateway import connection
from tests.conftest import running_gateway
from tests.gateway.client import Client


@pytest.fixture
def slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """A gateway with little patience."""
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.2)
    monkeypatch.setattr(connection, "LINGER_SECONDS", 0.2)
    with running_gateway(tmp_path, receive_seconds=1, threads=2) as gateway:
        yield Client(gateway.url, gateway.http())


def test_a_head_that_never_ends(slow: Client) -> None:
    assert slow.raw(b"GET /health HTTP/1.1\r\nX-A: ").startswith(b"HTTP/1.1 408 ")


def test_who_says_nothing_is_hung_up_on(slow: Client) -> None:
    assert slow.raw() == b""


def test_many_half_requests_stop_nobody(slow: Client) -> None:
    address = ("127.0.0.1", urlsplit(slow.root).port or 0)
    socks = [socket.create_connection(address) for _ in range(64)]
    for i, sock in enumerate(socks):
        if i % 2:
            sock.sendall(slow.head("POST", "/blobs", "Content-Length: 1000") + b"x")
    assert slow.echo().status_code == 201
    assert slow.get(f"{slow.root}/health").status_code == 200
    for sock in socks:
        sock.close()


def test_a_large_upload_without_credentials_is_told_so_before_it_is_sent(slow: Client) -> None:
    head = slow.head("POST", "/blobs", "Content-Length: 1000000").replace(b"Authorization: ", b"X-Nothing: ")
    assert slow.raw(head).startswith(b"HTTP/1.1 401 ")

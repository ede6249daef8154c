"""What stays open, behind a real nginx with the configuration that is shipped."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from audio import client as sdk
from audio.stores import events
from audio.stores.events import Event
from tests.conftest import RunningGateway, running_gateway
from tests.gateway.nginx import SHIPPED_FOR_SEVERAL, behind_nginx, check, needs_nginx
from tests.waiting import until

pytestmark = needs_nginx


@pytest.fixture
def proxied(tmp_path: Path) -> Iterator[tuple[str, RunningGateway]]:
    """The URL of nginx, and the gateway behind it."""
    with running_gateway(tmp_path / "data", proxies=1) as gateway, behind_nginx(tmp_path, gateway.url) as url:
        yield url, gateway


def test_a_result_comes_before_the_next_part_is_sent(proxied: tuple[str, RunningGateway]) -> None:
    url, gateway = proxied
    there = sdk.connect(url, client_id=gateway.client_id, access_token=gateway.access_token)
    came = threading.Semaphore(0)

    def one_after_the_other() -> Iterator[tuple[dict[str, Any], str, bytes]]:
        for n in range(10):
            assert n == 0 or came.acquire(timeout=30)
            yield {"echo": str(n)}, "", b""

    found = []
    for text in there.services.get_service("dummy").stream(data=one_after_the_other()):
        found.append(json.loads(text)["echo"])
        came.release()
    assert found == [str(n) for n in range(10)]
    there.close()


def test_events_are_told_as_they_happen(proxied: tuple[str, RunningGateway]) -> None:
    url, gateway = proxied
    there = sdk.connect(url, client_id=gateway.client_id, access_token=gateway.access_token)
    database = gateway.app.extensions["audio"].database
    came: list[str] = []

    def happen(kind: str) -> None:
        with database.write() as connection:
            events.add(connection, [Event(gateway.client_id, "", kind, 0.0, {})])

    happen("before")

    def follow() -> None:
        for event in there.events.follow(after="0"):
            came.append(event["type"])
            if event["type"] == "three":
                return

    reader = threading.Thread(target=follow, daemon=True)
    reader.start()
    for n, kind in enumerate(("one", "two", "three"), 1):
        until(lambda expected=n: len(came) == expected)  # type: ignore[misc]
        happen(kind)
    reader.join(30)
    assert came == ["before", "one", "two", "three"]
    there.close()


def test_what_is_shipped_for_several_gateways_is_taken(tmp_path: Path) -> None:
    """Its names of machines are those of its compose file: here they stand for this one."""
    block = SHIPPED_FOR_SEVERAL.read_text()
    machines = re.findall(r"server (\w+):8080;", block)
    compose = SHIPPED_FOR_SEVERAL.with_name("compose.yaml").read_text()
    assert machines == re.findall(r"^  (\w+):\n    <<: \*gateway", compose, re.MULTILINE)
    for machine in machines:
        block = block.replace(f"server {machine}:8080;", "server 127.0.0.1:8080;")
    check(tmp_path, block)

"""Every URL for programs is in the OpenAPI document, and every URL of the document is answered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from audio.gateway import docs, sdk_streams, server_sent_events
from tests.conftest import RunningGateway
from tests.contract.client import TIMEOUT, Client

# Where people go, with a browser and a sign-in, by the first part of the path; and the document itself.
PAGES = {
    *("account", "accounts", "dashboard", "live", "login", "logout", "register", "static", "streams", "subscribe"),
    *("docs", "openapi.json"),
}
UUID = "0b8f6d0e-6f0c-4f63-9d3e-7c1f2a5b4c3d"
FILLED = {"name": "dummy", "version": "1", "job_id": UUID, "blob_id": UUID, "stream_id": UUID}

Operation = tuple[str, str]


@pytest.fixture(scope="module")
def document(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"{client.root}/openapi.json").json()
    return found


@pytest.fixture(scope="module")
def documented(document: dict[str, Any]) -> set[Operation]:
    """(method, path), with a value in place of each parameter."""
    return {
        (method.upper(), path.format(**FILLED))
        for path, item in document["paths"].items()
        for method in item
        if method != "parameters"
    }


def routed(gateway: RunningGateway) -> Iterator[tuple[str, str]]:
    """(method, pattern of a path) of all that is answered to programs, by Flask or in the event loop."""
    for rule in gateway.app.url_map.iter_rules():
        if rule.rule.split("/")[1] not in PAGES:
            pattern = "".join("[^/]+" if part.startswith("<") else re.escape(part) for part in _parts(rule.rule))
            yield from ((method, pattern) for method in rule.methods - {"HEAD", "OPTIONS"})
    for pattern, methods in native(gateway):
        yield from ((method, pattern) for method in methods)


def _parts(rule: str) -> list[str]:
    return re.split("(<[^>]+>)", rule)


def native(gateway: RunningGateway) -> list[tuple[str, frozenset[str]]]:
    found: list[tuple[str, frozenset[str]]] = []

    def route(pattern: str, methods: frozenset[str], *_: object) -> None:
        found.append((pattern, methods))

    front: Any = SimpleNamespace(engine=gateway.app.extensions["audio"], route=route)
    for room in (server_sent_events, sdk_streams):
        room.register(front)
    return found


def test_every_url_for_programs_is_in_the_document(gateway: RunningGateway, documented: set[Operation]) -> None:
    missing = [
        (method, pattern)
        for method, pattern in routed(gateway)
        if not any(method == known and re.fullmatch(pattern, path) for known, path in documented)
    ]
    assert missing == []


def test_every_url_of_the_document_is_answered(gateway: RunningGateway, documented: set[Operation]) -> None:
    known = list(routed(gateway))
    lost = [one for one in documented if not any(one[0] == m and re.fullmatch(pattern, one[1]) for m, pattern in known)]
    assert lost == []


def test_every_page_is_there(gateway: RunningGateway) -> None:
    """The list of what is for people names nothing that is gone."""
    first = {rule.rule.split("/")[1] for rule in gateway.app.url_map.iter_rules()}
    assert first >= PAGES


def test_who_may_come_is_said(gateway: RunningGateway, document: dict[str, Any]) -> None:
    """Without credentials, what the document names no way into answers, and nothing else."""
    schemes = document["components"]["securitySchemes"]
    for path, item in document["paths"].items():
        for method in (name for name in item if name != "parameters"):
            ways = {name for way in item[method].get("security", document["security"]) for name in way}
            assert ways <= set(schemes), path
            reply = requests.request(method, gateway.url + path.format(**FILLED), timeout=TIMEOUT)
            assert (reply.status_code == 401) == bool(ways), (method, path, reply.text[:200])


def test_the_page_of_the_api_has_every_url(client: Client, document: dict[str, Any]) -> None:
    page = client.get(f"{client.root}/docs").text
    for path, item in document["paths"].items():
        if path.endswith("/jobs/{job_id}"):
            continue
        for method in (name for name in item if name != "parameters"):
            shown = f"{method.upper()} {client.root}{path}" if path.endswith("/jobs") else f"{method.upper()} {path}"
            assert shown in page or (method == "get" and path.endswith("/jobs")), shown
    for code in document["components"]["schemas"]["Error"]["properties"]["code"]["enum"]:
        assert f"<code>{code}</code>" in page


def test_descriptions_are_text() -> None:
    assert docs.marked("<b> is `a<b`") == "&lt;b&gt; is <code>a&lt;b</code>"

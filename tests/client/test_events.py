"""Following events through a gateway that is away at first."""

from __future__ import annotations

from itertools import islice
from urllib.parse import parse_qs, urlparse

import pytest

from audio.client import Configuration, events
from audio.client.transport import Transport
from tests.client.scripted import ScriptedServer, answer, hang_up


def test_a_follower_waits_for_a_gateway_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was kept before it is passed over without reading it: one event is asked for."""
    monkeypatch.setattr(events, "FIRST_PAUSE", 0.0)
    monkeypatch.setattr(events, "LONGEST_PAUSE", 0.0)
    with ScriptedServer() as server:
        told = b'id: 8\nevent: sound_on\ndata: {"id":"8"}\n\n'
        server.script = [
            answer(500, {"error": "later", "code": "internal"}),
            hang_up,
            answer(200, {"events": [{"id": "7"}], "next_page": ""}),
            answer(200, told, {"Content-Type": "text/event-stream"}),
        ]
        transport = Transport(server.url, Configuration())
        follower = events.Events(transport, f"{server.url}/api/1/events").follow(type="sound_on")
        assert [event["id"] for event in islice(follower, 1)] == ["8"]
        queries = [parse_qs(urlparse(path).query) for _, path, _ in server.requests]
        assert queries[:-1] == [{"newest": ["1"], "limit": ["1"]}] * 3
        assert queries[-1] == {"type": ["sound_on"], "after": ["7"]}
        transport.close()

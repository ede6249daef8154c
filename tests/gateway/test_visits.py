"""Who was before a camera is stored with the job that saw it, where the job says so, and nothing else is."""

from __future__ import annotations

import json
import time
import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest
import requests

from audio import image
from audio.engine import idle
from audio.image import Image
from audio.stores import visits
from tests.conftest import FIXTURES, RunningGateway

BEGIN = datetime(2026, 11, 28, 16, 20, tzinfo=timezone.utc)


def watch(gateway: RunningGateway, http: requests.Session, frames: int, empty: int = 0, **given: object) -> None:
    """Frames of somebody who stays, five a second, as jobs of one session; then of nobody."""
    picture = image.decode((FIXTURES / "astronaut.jpg").read_bytes()).rgb
    small = image.encode(Image(np.ascontiguousarray(picture[::2, ::2])), "jpg")
    nobody = image.encode(Image(np.full((256, 256, 3), 110, np.uint8)), "jpg")
    session = str(uuid.uuid4())
    for k in range(frames + empty):
        stamp = (BEGIN + timedelta(seconds=k / 5)).isoformat()
        meta = {
            "async": False,
            "image": "attachment://x",
            "timestamp": stamp,
            "state": {"session_id": session},
            **given,
        }
        files = {
            "meta": (None, json.dumps(meta), "application/json"),
            "attachment://x": ("x.jpg", small if k < frames else nobody, "image/jpeg"),
        }
        assert http.post(f"{gateway.url}/services/scene_analysis/1/jobs", files=files).status_code == 201


def told(gateway: RunningGateway, http: requests.Session) -> list[dict[str, Any]]:
    reply = http.get(f"{gateway.url}/api/1/events", params={"service": "scene_analysis/1"}, timeout=10)
    found: list[dict[str, Any]] = reply.json()["events"]
    return found


@pytest.mark.parametrize(("given", "stored"), [({}, 0), ({"store": False}, 0), ({"store": True}, 1)])
def test_stored_where_it_is_asked_for(gateway: RunningGateway, given: dict[str, object], stored: int) -> None:
    watch(gateway, gateway.http(), 14, **given)
    with gateway.app.extensions["audio"].database.read() as connection:
        rows = list(visits.read(connection, gateway.client_id, BEGIN.timestamp(), BEGIN.timestamp() + 60))
    assert len(rows) == stored
    for row in rows:  # as far as it was seen, though it still goes on
        assert 1 <= row.seen <= 14 / 5 and row.last == pytest.approx(BEGIN.timestamp() + 13 / 5)


def seconds(event: dict[str, Any]) -> float:
    return datetime.fromisoformat(event["time"].replace("Z", "+00:00")).timestamp() - BEGIN.timestamp()


def test_who_comes_and_goes_is_told_with_the_visit(gateway: RunningGateway) -> None:
    http = gateway.new_stream()
    watch(gateway, http, 25, empty=9, store=True)
    entered, left = told(gateway, http)
    assert (entered["type"], left["type"]) == ("person_entered", "person_left")
    assert entered["data"].keys() == {"session_id"}  # nothing that tells one person from another
    data = left["data"]
    assert data["duration"] == pytest.approx(seconds(left) - seconds(entered), abs=0.002)
    assert 0 < seconds(entered) < 1.2 and seconds(left) == pytest.approx(24 / 5, abs=0.3)
    assert data["interested"] is True and data["gender"] == "female" and 15 < data["age"] < 60
    assert 3 <= data["stop_time"] <= data["duration"] and 1 < data["attention_time"] <= data["duration"]
    assert data.keys() == {"session_id", "duration", "interested", "stop_time", "attention_time", "age", "gender"}


def test_nobody_is_told_where_it_was_not_asked_for(gateway: RunningGateway) -> None:
    http = gateway.new_stream()
    watch(gateway, http, 8, empty=9)
    assert told(gateway, http) == []


def test_who_is_there_when_the_stream_ends_has_left(gateway: RunningGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    http = gateway.new_stream()
    watch(gateway, http, 8, store=True)
    assert [e["type"] for e in told(gateway, http)] == ["person_entered"]
    later = time.time() + 120
    monkeypatch.setattr(idle.time, "time", lambda: later)
    for _ in range(2):
        idle.close_sessions(gateway.app.extensions["audio"].outbox.store, 600)
    _, left = told(gateway, http)
    assert (left["type"], left["data"]["reason"], left["data"]["interested"]) == ("person_left", "idle", False)
    assert seconds(left) == pytest.approx(7 / 5, abs=0.01)

"""Who was before a camera is stored with the job that saw it, where the job says so, and nothing else is."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest

from audio import image
from audio.image import Image
from audio.stores import visits
from tests.conftest import FIXTURES, RunningGateway

BEGIN = datetime(2026, 11, 28, 16, 20, tzinfo=timezone.utc)


def watch(gateway: RunningGateway, frames: int, **given: object) -> None:
    """Frames of somebody who stays, five a second, as jobs of one session."""
    picture = image.decode((FIXTURES / "astronaut.jpg").read_bytes()).rgb
    small = image.encode(Image(np.ascontiguousarray(picture[::2, ::2])), "jpg")
    http, session = gateway.http(), str(uuid.uuid4())
    for k in range(frames):
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
            "attachment://x": ("x.jpg", small, "image/jpeg"),
        }
        assert http.post(f"{gateway.url}/services/scene_analysis/1/jobs", files=files).status_code == 201


@pytest.mark.parametrize(("given", "stored"), [({}, 0), ({"store": False}, 0), ({"store": True}, 1)])
def test_stored_where_it_is_asked_for(gateway: RunningGateway, given: dict[str, object], stored: int) -> None:
    watch(gateway, 14, **given)
    with gateway.app.extensions["audio"].database.read() as connection:
        rows = list(visits.read(connection, gateway.client_id, BEGIN.timestamp(), BEGIN.timestamp() + 60))
    assert len(rows) == stored
    for row in rows:  # as far as it was seen, though it still goes on
        assert 1 <= row.seen <= 14 / 5 and row.last == pytest.approx(BEGIN.timestamp() + 13 / 5)

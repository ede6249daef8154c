"""Pictures to a gateway that goes away and comes back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from audio import image
from audio.client import BadRequest, Configuration, Root
from audio.client.camera import Frame
from audio.commands import _watching
from tests.conftest import FIXTURES, RunningGateway, running_gateway


@pytest.fixture
def away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A service of a gateway that has gone; what brings it back; and the pauses that were made meanwhile."""
    monkeypatch.setattr(_watching, "_FIRST_PAUSE", 0.01)
    data = tmp_path / "data"
    with running_gateway(data) as first:
        port = int(first.url.rsplit(":", 1)[1])
        conf = Configuration()
        conf.set_credential(first.client_id, first.access_token)
        conf.retries = 0
        root = Root(first.url, conf)
        service = root.services.get_service("face_detection")
        service.enable_session()
    yield service, lambda: running_gateway(data, port)
    root.close()


FRAME = Frame((FIXTURES / "astronaut.jpg").read_bytes(), datetime(2026, 11, 28, tzinfo=timezone.utc))


def go(away: Any, frames: int, *, again: bool) -> tuple[list[int], list[str]]:
    """Three pictures, the gateway coming back once it was said to be away: losses before each answer, what was said."""
    service, back = away
    said: list[str] = []
    running: list[Any] = []

    def tell(sentence: str) -> None:
        said.append(sentence)
        if not running:
            running.append(back())
            running[0].__enter__()

    given = [replace(FRAME, waits=again)] * frames
    try:
        found = list(_watching.answers(service, given, lambda _: {}, threading.Event(), tell))
    finally:
        for one in running:
            one.__exit__(None, None, None)
    return [one.lost for one in found], said


def test_a_camera_goes_on_with_the_newest_and_counts_what_was_lost(away: Any) -> None:
    lost, said = go(away, 3, again=False)
    assert lost == [1, 0]
    assert len(said) == 2 and said[1] == "The gateway answers again."


def test_a_video_waits(away: Any) -> None:
    lost, said = go(away, 3, again=True)
    assert lost == [0, 0, 0] and len(said) == 2


def test_who_stops_does_not_wait_for_the_gateway(away: Any) -> None:
    stop = threading.Event()
    tell: Callable[[str], None] = lambda _: stop.set()  # noqa: E731
    assert list(_watching.answers(away[0], [FRAME] * 3, lambda _: {}, stop, tell)) == []


def test_what_no_waiting_mends_is_raised(gateway: RunningGateway) -> None:
    conf = Configuration()
    conf.set_credential(gateway.client_id, gateway.access_token)
    with Root(gateway.url, conf) as root:
        service = root.services.get_service("face_detection")
        broken = Frame(image.encode(image.decode(FRAME.data))[:100], FRAME.taken)
        with pytest.raises(BadRequest):
            list(_watching.answers(service, [broken], lambda _: {}, threading.Event(), print))

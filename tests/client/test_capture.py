"""A device that is watched, by a port that a test holds in its hand; real devices are in test_microphone.py."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from audio.client import capture
from audio.client.capture import Capture, Port
from audio.client.devices import MicrophoneError

RATE = 16_000


class HeldPort:
    """A device that gives `frames` frames once, and then nothing more."""

    rate, channels, name = RATE, 1, "held"

    def __init__(self, frames: int) -> None:
        self._frames = frames
        self._closed = False

    def start(self, arrived: Callable[[bytes, int], None]) -> None:
        arrived(bytes(2 * self._frames), 0)

    def active(self) -> bool:
        return False

    def close(self, timeout: float) -> bool:
        self._closed = True
        return True

    def closed(self) -> bool:
        return self._closed


class Held(Capture):
    """It can be opened once."""

    def _connect(self, *, again: bool) -> Port:
        if again:
            raise MicrophoneError("It is gone.")
        return HeldPort(1600)


def test_a_device_that_never_comes_back_ends_when_its_time_is_long_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it did not give is missing, and whoever waits for the end is not left waiting."""
    monkeypatch.setattr(capture, "CHECK", 0.01)
    monkeypatch.setattr(capture, "STALL", 0.05)
    notices: list[str] = []
    with Held(queue_seconds=10.0, duration=0.3, on_notice=lambda notice: notices.append(notice.text)) as microphone:
        block = microphone.backlog.take(timeout=5)
        assert block is not None
        assert block.frames == 1600
        assert microphone.backlog.take(timeout=5) is None
        assert microphone.backlog.ended
    counts = microphone.counts
    assert (counts.captured, counts.captured + counts.missed) == (1600, round(0.3 * RATE))
    assert any("is gone" in text for text in notices)

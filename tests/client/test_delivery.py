from __future__ import annotations

import threading

import numpy as np
import pytest

from audio import client
from audio.client import delivery
from audio.client.chunks import Chunk
from audio.client.delivery import Delivery
from audio.pcm import Pcm
from tests.client.isolation import home

__all__ = ["home"]


class GivingUp(threading.Event):
    """Is waited for at no length, and given up after some pauses, which it remembers."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.pauses: list[float] = []
        self._most = most

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.pauses.append(timeout)
        if len(self.pauses) == self._most:
            self.set()
        return self.is_set()


def pauses(seconds_left: list[float]) -> list[float]:
    """Those between attempts at a gateway that is away, while there is room for so many seconds of sound."""
    root = client.connect("http://127.0.0.1:9", client_id="a", access_token="b")
    root.conf.retries, root.conf.timeout = 0, 1.0
    cancelled, room = GivingUp(len(seconds_left)), iter(seconds_left)
    sending = Delivery(root, "sound_detection", None, {}, cancelled, lambda: next(room), lambda notice: None)
    assert sending.send(Chunk(0, 0, Pcm(np.zeros((160, 1), np.int16), 16_000), 0, None)) is None
    return cancelled.pauses


def test_pauses_grow_while_there_is_room() -> None:
    assert pauses([60.0] * 7) == [0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0]


def test_no_pause_is_so_long_that_the_queue_would_fill_meanwhile() -> None:
    """Half of what is left at most, and never a storm of requests."""
    assert pauses([8.0, 6.0, 4.0, 2.0, 1.0, 0.6, 0.1]) == [0.25, 0.5, 1.0, 1.0, 0.5, 0.3, delivery.FIRST_PAUSE]


def test_a_queue_that_is_full_has_nothing_more_to_lose() -> None:
    assert pauses([8.0, 8.0, 0.0, 0.0]) == pytest.approx([0.25, 0.5, 1.0, 2.0])

"""Cameras on the network, which stop, come back, send what is broken, and do not wait."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np
import pytest

from audio import image
from audio.client import camera
from audio.client.camera import Frame, frames

END = b""


def picture(number: int, width: int = 64) -> bytes:
    """One whose grey tells its number."""
    return bytes(cv2.imencode(".jpg", np.full((48, width, 3), 5 * number, np.uint8))[1])


def number(frame: Frame) -> int:
    return round(float(image.decode(frame.data).grey.mean()) / 5)


class Network:
    """A camera that sends JPEG after JPEG over HTTP, each when it is told to; END ends a connection."""

    def __init__(self) -> None:
        self.sent: queue.Queue[bytes] = queue.Queue()
        sent = self.sent

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=part")
                self.end_headers()
                while data := sent.get():
                    head = f"--part\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
                    self.wfile.write(head.encode() + data + b"\r\n")

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/camera"
        self._thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def send(self, *pictures: bytes) -> None:
        for one in pictures:
            self.sent.put(one)

    def close(self) -> None:
        self.send(*[END] * 20)
        self.server.shutdown()
        self._thread.join()
        self.server.server_close()


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    monkeypatch.setattr(camera, "_AGAIN", 0.02)
    running = Network()
    yield running
    running.close()


def until(found: Iterator[Frame], last: int) -> list[Frame]:
    """Frames up to the one of this number."""
    seen = [next(found)]
    while number(seen[-1]) != last:
        seen.append(next(found))
    return seen


def test_the_newest_goes_first_and_every_other_is_counted(network: Network) -> None:
    network.send(*map(picture, range(20)), END)
    found = frames(network.url, 1e6, threading.Event())
    seen = until(found, 19)
    found.close()
    numbers = [number(frame) for frame in seen]
    assert numbers == sorted(set(numbers)) and not any(frame.waits for frame in seen)
    assert sum(frame.lost for frame in seen) + len(seen) == 20


def test_a_camera_that_goes_away_is_opened_again(network: Network) -> None:
    told: list[str] = []
    network.send(*[picture(1)] * 3, END)
    found = frames(network.url, 1e6, threading.Event(), told.append)
    until(found, 1)
    network.send(END, *[picture(7)] * 3, END)  # the second connection gives nothing
    until(found, 7)
    found.close()
    assert "opened again" in told[0] and told[1] == "There are pictures again."


def test_a_camera_that_says_nothing_is_opened_again(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera, "SILENCE", 1.0)
    told: list[str] = []

    def tell(sentence: str) -> None:
        told.append(sentence)
        network.send(END, *[picture(9)] * 3)  # the first connection takes the end, the next one the pictures

    network.send(*[picture(1)] * 3)
    found = frames(network.url, 1e6, threading.Event(), tell)
    until(found, 1)
    until(found, 9)
    found.close()
    assert "opened again" in told[0]


def test_what_is_broken_or_of_another_size_does_no_harm(network: Network) -> None:
    whole = picture(3)
    network.send(whole, whole, whole[: len(whole) // 2], b"no picture", picture(4, 320), picture(30), picture(30), END)
    found = frames(network.url, 1e6, threading.Event())
    sizes = {tuple(image.decode(frame.data).size) for frame in until(found, 30)}
    found.close()
    assert sizes == {(64, 48)}


def test_a_rate_is_kept_and_what_was_not_due_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(camera.time, "monotonic", lambda: now)
    live = camera._Live(None, "0", 10, lambda _: None)
    taken = 0
    for k in range(120):  # two seconds of 60 a second, each taken at once
        now = 100 + k / 60
        live._take(k)
        taken += live._newest is not None
        live._newest = None
    assert 20 <= taken <= 21 and live._lost == 0
    for k in range(120, 180):  # a second in which nobody takes any
        now = 100 + k / 60
        live._take(k)
    assert live._newest is not None and live._newest[0] == 179 and 9 <= live._lost <= 10

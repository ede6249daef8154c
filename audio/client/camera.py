"""Pictures of a camera or a video, as JPEG, ready to be sent.

A camera does not wait: a thread takes what it gives and keeps the newest picture alone; those that nobody took are
counted as lost. One that fails is opened again until it is there. A video loses nothing and ends.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from audio.errors import AudioError, BadInput
from audio.extras import how_to_install

QUALITY = 85
_AGAIN = 1.0  # s, from one try to open a camera to the next


@dataclass(frozen=True)
class Frame:
    """data: JPEG. taken: when, UTC. lost: pictures since the one before that nobody took."""

    data: bytes
    taken: datetime
    lost: int = 0


def frames(source: str, fps: float, stop: threading.Event) -> Iterator[Frame]:
    """Up to `fps` pictures a second of a camera ("0") or of a video (a path or a URL), until `stop` is set or it ends.

    Raises AudioError where OpenCV is not installed, BadInput where there is no such camera or video.
    """
    try:
        import cv2
    except ImportError as exc:
        raise AudioError(f"Cameras and videos need OpenCV. To install it: {how_to_install('vision')}") from exc
    number = int(source) if source.isdecimal() else None
    capture = cv2.VideoCapture(source if number is None else number)
    if not capture.isOpened():
        what = "video" if number is None else "camera"
        raise BadInput(f"There is no {what} '{source}', or it cannot be opened. Cameras are numbers, from 0 on.")
    yield from _video(capture, fps, stop) if number is None else _Camera(capture, number).frames(fps, stop)


def _jpeg(picture: Any) -> bytes:
    import cv2

    return bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1])


def _video(capture: Any, fps: float, stop: threading.Event) -> Iterator[Frame]:
    """Pictures by the video's own time, as fast as they are taken."""
    import cv2

    own = capture.get(cv2.CAP_PROP_FPS) or fps
    begin, number, due = datetime.now(timezone.utc), 0, 0.0
    try:
        while not stop.is_set():
            there, picture = capture.read()
            if not there:
                return
            at = number / own
            number += 1
            if at + 1e-6 >= due:
                due = max(due + 1 / fps, at)
                yield Frame(_jpeg(picture), begin + timedelta(seconds=at))
    finally:
        capture.release()


class _Camera:
    """A camera and the thread that empties it."""

    def __init__(self, capture: Any, number: int) -> None:
        self._capture, self._number = capture, number
        self._there = threading.Condition()
        self._newest: tuple[Any, datetime] | None = None
        self._lost = 0

    def frames(self, fps: float, stop: threading.Event) -> Iterator[Frame]:
        thread = threading.Thread(target=self._empty, args=(stop,), name="camera", daemon=True)
        thread.start()
        due = time.monotonic()
        try:
            while not stop.is_set():
                with self._there:
                    if not self._there.wait_for(lambda: self._newest is not None, timeout=0.2):
                        continue
                    assert self._newest is not None
                    (picture, taken), lost = self._newest, self._lost
                    self._newest, self._lost = None, 0
                yield Frame(_jpeg(picture), taken, lost)
                due = max(due + 1 / fps, time.monotonic())
                stop.wait(max(0.0, due - time.monotonic()))
        finally:
            stop.set()
            thread.join()
            self._capture.release()

    def _empty(self, stop: threading.Event) -> None:
        import cv2

        while not stop.is_set():
            there, picture = self._capture.read()
            if there:
                with self._there:
                    self._lost += self._newest is not None
                    self._newest = picture, datetime.now(timezone.utc)
                    self._there.notify()
            elif not stop.wait(_AGAIN):  # unplugged: open it again
                self._capture.release()
                self._capture = cv2.VideoCapture(self._number)

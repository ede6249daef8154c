"""Pictures of a camera, a stream or a video, as JPEG, ready to be sent.

A camera does not wait, and neither does a stream from the network: a thread takes what comes and keeps the newest
picture alone; those that were due and that nobody took are counted as lost. One that fails, or says nothing for
`SILENCE`, is opened again until it is there. A video loses nothing and ends.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from audio.errors import AudioError, BadInput
from audio.extras import how_to_install

QUALITY = 85
SILENCE = 10.0  # s without a picture of a stream, or until it answers: chosen, above what slow cameras pause for
_AGAIN = 1.0  # s, from one try to open a camera to the next
_EARLY = 0.25  # of the time between two pictures: one that comes so much before it is due is taken, or rates would drop
_BROKEN = 10  # pictures in a row, from which on a camera is taken for gone: chosen
_END = 1.0  # s that a read is waited for at the end

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Frame:
    """data: JPEG. taken: when, UTC. lost: those since the one before that were due and that nobody took. waits: whether
    what comes next waits until it is asked for, as a video does."""

    data: bytes
    taken: datetime
    lost: int = 0
    waits: bool = False


def frames(source: str, fps: float, stop: threading.Event, tell: Tell = lambda _: None) -> Iterator[Frame]:
    """Up to `fps` pictures a second of a camera ("0"), a stream (a URL) or a video (a path or a URL), until `stop` is
    set or it ends. tell: is given a sentence where a camera or a stream goes away, and where it is there again.

    Raises AudioError where OpenCV is not installed, BadInput where there is no such camera, stream or video.
    """
    try:
        import cv2
    except ImportError as exc:
        raise AudioError(f"Cameras and videos need OpenCV. To install it: {how_to_install('vision')}") from exc
    capture = _open(source)
    if not capture.isOpened():
        raise BadInput(f"{_missing(source)} Cameras are numbers, from 0 on; streams are URLs.")
    ends = capture.get(cv2.CAP_PROP_FRAME_COUNT) > 0 or Path(source).is_file()
    yield from _video(capture, fps, stop) if ends else _Live(capture, source, fps, tell).frames(stop)


def _missing(source: str) -> str:
    if source.isdecimal():
        return f"There is no camera '{source}', or it cannot be opened: is it plugged in, and has no program it open?"
    if "://" in source:
        return f"There is no stream at '{source}', or it cannot be opened: is the camera on, and the address right?"
    return f"There is no video '{source}', or it cannot be opened: is its name right?"


def _open(source: str) -> Any:
    import cv2

    if source.isdecimal():
        return cv2.VideoCapture(int(source))
    limit = int(1000 * SILENCE)
    limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, limit, cv2.CAP_PROP_READ_TIMEOUT_MSEC, limit]
    capture = cv2.VideoCapture(source, cv2.CAP_FFMPEG, limits)
    if capture.isOpened() or ("://" in source and cv2.videoio_registry.hasBackend(cv2.CAP_FFMPEG)):
        return capture
    return cv2.VideoCapture(source)  # a device by its path; whatever else this OpenCV can read


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
                yield Frame(_jpeg(picture), begin + timedelta(seconds=at), waits=True)
    finally:
        capture.release()


class _Live:
    """A camera or a stream, and the thread that empties it."""

    def __init__(self, capture: Any, source: str, fps: float, tell: Tell) -> None:
        self._capture, self._source, self._tell = capture, source, tell
        self._step = 1 / fps
        self._due = 0.0
        self._there = threading.Condition()
        self._newest: tuple[Any, datetime] | None = None
        self._lost = 0

    def frames(self, stop: threading.Event) -> Iterator[Frame]:
        thread = threading.Thread(target=self._empty, args=(stop,), name="camera", daemon=True)
        thread.start()
        try:
            while not stop.is_set():
                with self._there:
                    if not self._there.wait_for(lambda: self._newest is not None, timeout=0.2):
                        continue
                    assert self._newest is not None
                    (picture, taken), lost = self._newest, self._lost
                    self._newest, self._lost = None, 0
                yield Frame(_jpeg(picture), taken, lost)
        finally:
            stop.set()
            thread.join(_END)
            if not thread.is_alive():  # one that still waits for a picture ends with the program
                self._capture.release()

    def _empty(self, stop: threading.Event) -> None:
        away = False
        while not stop.is_set():
            if self._read():
                if away:
                    self._tell("There are pictures again.")
                away = False
                continue
            if not away:
                self._tell("There are no pictures any more. The camera is opened again until there are.")
            away = True
            self._capture.release()
            if not stop.wait(_AGAIN):  # unplugged, or its other end is gone
                self._capture = _open(self._source)

    def _read(self) -> bool:
        """Take the next picture, over a few that are broken; whether there was one."""
        begin = time.monotonic()
        for _ in range(_BROKEN):
            there, picture = self._capture.read()
            if there:
                self._take(picture)
                return True
            if time.monotonic() - begin > _AGAIN:  # it was silent
                return False
        return False

    def _take(self, picture: Any) -> None:
        """Keep a picture that is due, or that is newer than the one that waits."""
        now = time.monotonic()
        due = now >= self._due - _EARLY * self._step
        if due:
            self._due = self._due + self._step if now < self._due + self._step else now + self._step
        with self._there:
            if due or self._newest is not None:
                self._lost += due and self._newest is not None
                self._newest = picture, datetime.now(timezone.utc)
                self._there.notify()

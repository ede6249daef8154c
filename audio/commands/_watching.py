"""Pictures to a service, one after the other, through whatever becomes of the gateway; where they come from."""

from __future__ import annotations

import argparse
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from audio.client.camera import Frame
    from audio.client.services import Service

# OpenCV and FFmpeg have words of their own about a camera that is not there, which tell nobody what to do.
os.environ.setdefault("OPENCV_LOG_LEVEL", "OFF")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")

_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 5.0  # s; chosen: soon back, and no storm on a gateway that starts
_BUSY_PAUSE = 60.0  # at most, s, whatever a busy gateway asks for: a stop is to be heard


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("video", metavar="VIDEO", nargs="?", help="a file, or the URL of a stream, instead of a camera")
    parser.add_argument("--camera", metavar="N", type=int, default=0, help="the number of the camera; 0, the first")


def frames(args: argparse.Namespace, fps: float, stop: threading.Event, tell: Callable[[str], None]) -> Iterator[Frame]:
    """The pictures that the options name."""
    from audio.client import camera

    return camera.frames(str(args.video if args.video else args.camera), fps, stop, tell)


@contextmanager
def until_interrupted() -> Iterator[threading.Event]:
    """An event that Ctrl-C sets, instead of ending the program amid a picture."""
    stop = threading.Event()
    usual = signal.signal(signal.SIGINT, lambda *_: stop.set())
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, usual)


def stamp(frame: Frame) -> dict[str, str]:
    """The parameter that says when a picture was taken."""
    return {"timestamp": frame.taken.isoformat(timespec="milliseconds")}


@dataclass(frozen=True)
class Answered:
    """A picture, its answer, and how many before it since the last one had none."""

    frame: Frame
    result: dict[str, Any]
    lost: int


def answers(
    service: Service,
    frames: Iterable[Frame],
    parameters: Callable[[Frame], dict[str, Any]],
    stop: threading.Event,
    tell: Callable[[str], None],
) -> Iterator[Answered]:
    """The answers to pictures, until they or `stop` end it.

    While the gateway is away it is tried again, ever less often: with the same picture where the next one waits, as
    in a video; else with the newest one, and what was meant to go is lost. Raises whatever no waiting mends.
    """
    from audio.client.delivery import PASSING
    from audio.client.errors import Busy

    away, pause, lost = False, _FIRST_PAUSE, 0
    for frame in frames:
        lost += frame.lost
        while not stop.is_set():
            try:
                result = service.process({"image": frame.data, **parameters(frame)}).result
            except PASSING as exc:
                if not away:
                    tell(f"{exc} It is tried again until there is an answer.")
                away = True
                stop.wait(min(exc.retry_after, _BUSY_PAUSE) if isinstance(exc, Busy) else pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
                if not frame.waits:
                    lost += 1
                    break
                continue
            if away:
                tell("The gateway answers again.")
            away, pause = False, _FIRST_PAUSE
            yield Answered(frame, result, lost)
            lost = 0
            break

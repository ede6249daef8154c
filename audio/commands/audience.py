"""`audio audience`: who passes a camera, who stops and who looks, as figures in the terminal."""

from __future__ import annotations

import argparse
import sys
import threading
from typing import TYPE_CHECKING, Any

from audio.audience import metrics
from audio.audience.observation import CONES
from audio.commands import _connection, _watching
from audio.commands._audience import Audience
from audio.commands._screen import Screen

if TYPE_CHECKING:
    from audio.client.window import Window
    from audio.commands._watching import Answered

HELP = "Count who passes a camera, who stops and who looks"
_FPS = 10.0  # what scene_analysis was measured with
_TIMEOUT = 10.0  # s, of one request


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = """\
Ten pictures a second go to scene_analysis. Who came and who went is told line by line, and the figures at the end;
docs/audience.md says what each means and how wrong it is. While the gateway is away the newest picture is tried again.
Ctrl-C ends it.

examples:
  audio audience
  audio audience --camera 1 --ceiling --store
  audio audience shop.mp4 --show"""
    _watching.add_options(parser)
    parser.add_argument("--ceiling", action="store_true", help="the camera is above the people")
    parser.add_argument("--store", action="store_true", help="keep a row a visit in the gateway, for its dashboard")
    parser.add_argument("--show", action="store_true", help="a window with what is seen; q closes it and ends")
    _connection.add_options(parser)


def run(args: argparse.Namespace) -> int:
    from audio.client.window import Window

    window = Window("audio audience") if args.show else None
    with _watching.until_interrupted() as stop:
        return _count(args, stop, window)


def _count(args: argparse.Namespace, stop: threading.Event, window: Window | None) -> int:
    position = "ceiling" if args.ceiling else "facing"
    audience, pictures, lost = Audience(CONES[position]), 0, 0
    screen = Screen(status=sys.stdout.isatty() and sys.stderr.isatty())
    with _connection.connect(args) as root:
        service = root.services.get_service("scene_analysis")
        service.enable_session({"camera_position": position, "store": args.store})
        root.conf.retries, root.conf.timeout = 0, _TIMEOUT
        screen.note(_privacy(root.conf.default_root or "the gateway", args.store))
        frames = _watching.frames(args, _FPS, stop, screen.note)
        for one in _watching.answers(service, frames, _watching.stamp, stop, screen.note):
            pictures, lost = pictures + 1, lost + one.lost
            for line in audience.add(one.frame.taken.timestamp(), one.result):
                screen.data(f"{one.frame.taken.astimezone():%H:%M:%S}  {line}")
            if screen.status_wanted:
                screen.status(f"{audience.here} here  {_figures(audience.sums)}  {lost} pictures lost")
            if window and not window.show(_drawn(one)):
                stop.set()
    for line in audience.end():
        screen.data(f"at the end  {line}")
    screen.clear()
    screen.data(_figures(audience.sums))
    screen.note(f"{pictures} pictures; {lost} were lost, as there was no time for them or nobody to take them.")
    return 0


def _privacy(url: str, store: bool) -> str:
    kept = (
        "keeps none of them, and of each visit a row: times, age, gender, happiness, no face and no identity."
        if store
        else "keeps neither them nor anything else; --store keeps a row a visit."
    )
    return f"Pictures go to {url}, which {kept} Tell people that a camera is here: docs/audience.md."


def _figures(sums: metrics.Sums) -> str:
    """The metrics in a line."""
    found = {name: one.get("value") for name, one in metrics.answer(sums, list(metrics.METRICS)).items()}
    text = f"{found['passing_by']} passed, {found['interested']} stopped and looked"
    if sums.interested:
        text += f"; stood {found['stop_time']} s, looked {found['attention_time']} s on average"
        text += f"; {sums.female} female, {sums.male} male, {sums.unknown} unknown"
    return text if found["satisfaction"] is None else f"{text}; satisfaction {found['satisfaction']}"


def _drawn(one: Answered) -> Any:
    from audio import image
    from audio.vision.draw import draw

    return draw(image.decode(one.frame.data), one.result).rgb

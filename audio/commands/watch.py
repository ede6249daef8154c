"""`audio watch`: give a service what a camera or a video shows, and print what it sees."""

from __future__ import annotations

import argparse
import json
import sys
import threading
from typing import TYPE_CHECKING, Any

from audio.commands import _connection, _watching
from audio.errors import BadInput

if TYPE_CHECKING:
    from audio.client.camera import Frame

HELP = "Give a service what a camera or a video shows and print what it sees"
_FASTEST = 60.0
_TIMEOUT = 10.0  # s, of one request


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = """\
All pictures are one session. A picture that the gateway had no time for is not sent late: the newest
one goes first, and those that were lost are counted. While the gateway is away it is tried again;
a video waits for it. Ctrl-C ends it. Nothing is kept of the pictures;
with --store, scene_analysis keeps a row a visit (docs/audience.md).

examples:
  audio watch motion_detection --camera 0
  audio watch scene_analysis shop.mp4 --store
  audio watch qrcode_decoder --json | jq -r .data"""
    parser.add_argument("service", metavar="SERVICE", help="scene_analysis, motion_detection, qrcode_decoder, ...")
    _watching.add_options(parser)
    parser.add_argument("--fps", metavar="N", type=float, default=10.0, help="pictures a second at most; 10")
    parser.add_argument("--store", action="store_true", help="keep what the audience's figures need")
    parser.add_argument("--json", action="store_true", help="print each answer as a line of JSON")
    _connection.add_options(parser)


def run(args: argparse.Namespace) -> int:
    if not 0 < args.fps <= _FASTEST:
        raise BadInput(f"--fps must be above 0 and at most {_FASTEST:g}; {args.fps:g} came.")
    with _watching.until_interrupted() as stop:
        seen, lost = _watch(args, stop)
    print(f"{seen} pictures; {lost} were lost, as there was no time for them.", file=sys.stderr)
    return 0


def _watch(args: argparse.Namespace, stop: threading.Event) -> tuple[int, int]:
    """Send and print until the end: how many pictures were answered, and how many were lost."""
    seen, lost, before = 0, 0, ""
    with _connection.connect(args) as root:
        service = root.services.get_service(args.service)
        timed = "timestamp" in service.get_description()["input"]["properties"]
        service.enable_session()
        root.conf.retries, root.conf.timeout = 0, _TIMEOUT

        def parameters(frame: Frame) -> dict[str, Any]:
            return {**(_watching.stamp(frame) if timed else {}), **({"store": True} if args.store else {})}

        frames = _watching.frames(args, args.fps, stop, tell)
        for one in _watching.answers(service, frames, parameters, stop, tell):
            seen, lost = seen + 1, lost + one.lost
            if args.json:
                print(json.dumps(one.result), flush=True)
                continue
            told = say(one.result)
            if told and told != before:
                print(f"{one.frame.taken.astimezone():%H:%M:%S}  {told}", flush=True)
            before = told
    return seen, lost


def tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def say(result: dict[str, Any]) -> str:
    """An answer in a line: its events, what it read, or how many of what there is."""
    if "events" in result:
        entities = result["entities"]
        return "; ".join(
            f"{e['entity_id'][:4]} {e['type']}" + _value(entities[e["entity_id"]], e["key"]) for e in result["events"]
        )
    if "data" in result:
        return str(result["data"])
    return ", ".join(f"{value} {name[3:].replace('_', ' ')}" for name, value in result.items() if name[:3] == "nb_")


def _value(entity: dict[str, Any], key: str) -> str:
    return "" if key == "face_roi" else f" {key} {entity[key]}"

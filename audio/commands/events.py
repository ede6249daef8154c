"""`audio events`: what happened on this client's stream, and what happens."""

from __future__ import annotations

import argparse
import json
import time
from datetime import datetime
from typing import Any

from audio.commands import _connection

HELP = "Print what happened: sounds, voices, directions, people"
_SHOWN = ("level", "duration", "yaw", "confidence", "reason")
_UNITS = {"level": " dBFS", "duration": " s", "yaw": " rad"}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = """\
Events are made by jobs in a session, as 'audio listen' sends them. Times are those of this machine.

examples:
  audio events
  audio events --follow --type voice_on,voice_off
  audio events --from 2026-11-28 --json"""
    parser.add_argument("--follow", action="store_true", help="go on, and print events as they happen")
    parser.add_argument("--type", metavar="T[,T]", default="", help="such as sound_on, voice_on, direction")
    parser.add_argument("--service", metavar="S", default="", help="such as sound_detection/1")
    parser.add_argument("--from", dest="begin", metavar="TIME", default="", help="not before; ISO 8601")
    parser.add_argument("--to", dest="end", metavar="TIME", default="", help="before; ISO 8601")
    parser.add_argument("--after", metavar="ID", default="", help="behind the event with this id")
    parser.add_argument("--json", action="store_true", help="print each as a line of JSON")
    _connection.add_options(parser)


def run(args: argparse.Namespace) -> int:
    asked = {"type": args.type, "service": args.service, "after": args.after}
    with _connection.connect(args) as root:
        found = (
            root.events.follow(**asked)
            if args.follow
            else root.events.read(**asked, from_date=args.begin, to_date=args.end)
        )
        for event in found:
            print(json.dumps(event) if args.json else line(event), flush=True)
    return 0


def line(event: dict[str, Any]) -> str:
    """One event for a person."""
    at = datetime.fromisoformat(event["time"].replace("Z", "+00:00")).timestamp()
    tenths = round(at * 10)
    when = f"{time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(tenths // 10))}.{tenths % 10}"
    data = event["data"]
    facts = [f"{name} {data[name]}{_UNITS.get(name, '')}" for name in _SHOWN if data.get(name) is not None]
    return f"{when}  {event['type']:<14}  {', '.join(facts)}".rstrip()

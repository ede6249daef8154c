"""`audio devices`: the microphones of this machine."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

HELP = "List the input devices"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="as a JSON array")
    parser.epilog = """\
The rate is the one that PortAudio gives as the device's own. * marks the default device.
'audio listen SERVICE --device D' takes an index, a name or a part of a name.
Exit code: 0; 3 where there is no PyAudio."""


def run(args: argparse.Namespace) -> int:
    from audio.client.devices import MicrophoneError
    from audio.client.microphone import devices

    try:
        found = devices()
    except MicrophoneError as exc:
        print(f"audio: {exc}", file=sys.stderr)
        return 3
    if args.json:
        print(json.dumps([asdict(device) for device in found], ensure_ascii=False, indent=2))
        return 0
    width = max((len(device.name) for device in found), default=0)
    for device in found:
        mark = "*" if device.default else " "
        print(f"{mark}{device.index:3d}  {device.name:{width}}  {device.channels:3d} channels  {device.rate} Hz")
    if not found:
        print("No input device was found. 'audio doctor' tells what to do.", file=sys.stderr)
    return 0

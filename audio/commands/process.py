"""`audio process`: give a service files, whole or chunk by chunk."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audio.commands import _channels, _connection, _report
from audio.errors import AudioError, BadInput

if TYPE_CHECKING:
    from audio.client import Service
    from audio.pcm import Pcm

HELP = "Give a service sound files and print what it answers"
CHUNK = 8192  # frames


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = """\
Files are WAV, PCM of 16 bits. Times are seconds since the sound began, angles are degrees and radians (positive to
the left), levels are dBFS. A file that is refused is named on stderr, the others go on; the exit code is then 1.

examples:
  audio process sound_detection door.wav --sensitivity 0.7
  audio process voice_detection *.wav --session --json
  audio process sound_localization stereo.wav --baseline 0.2 --chunk 4096
  audio process sound_localization six.wav --channel 1,3 --baseline 0.064 --session
  audio process dummy --param echo="Hello world!\""""
    parser.add_argument("service", metavar="SERVICE", help="sound_detection, voice_detection, sound_localization, ...")
    parser.add_argument("files", metavar="FILE", nargs="*", type=Path, help="a sound; each is a job of its own")
    parser.add_argument(
        "--session", action="store_true", help=f"send each file in chunks, in one session, of {CHUNK} frames"
    )
    parser.add_argument("--chunk", metavar="N", type=_frames, help="send each file in chunks of N frames instead")
    _channels.add_option(parser)
    parser.add_argument("--baseline", metavar="M", type=float, help="metres between the microphones")
    parser.add_argument("--sensitivity", metavar="S", type=float, help="from 0, deaf to quiet sounds, to 1")
    parser.add_argument(
        "--param",
        metavar="NAME=VALUE",
        type=_parameter,
        action="append",
        default=[],
        help="any other parameter; the value is JSON where it can be, else text",
    )
    parser.add_argument("--version", metavar="V", type=int, help="of the service; the highest where not given")
    parser.add_argument("--json", action="store_true", help="print each answer as a line of JSON")
    _connection.add_options(parser)


def run(args: argparse.Namespace) -> int:
    from audio.client import TooLarge

    with _connection.connect(args) as root:
        service = root.services.get_service(args.service, args.version)
        chunk = args.chunk or (CHUNK if args.session else None)
        failed = False
        for file in args.files or [None]:
            if len(args.files) > 1 and not args.json:
                print(f"{file}:")
            try:
                for offset, rate, result in _results(service, file, args, chunk):
                    _print(file, offset, rate, result, as_json=args.json)
            except (BadInput, TooLarge) as exc:  # this file's own fault; the next one may be better
                print(f"audio: {f'{file}: ' if file else ''}{exc}{_advice(args.service, file, exc)}", file=sys.stderr)
                failed = True
    return 1 if failed else 0


def _advice(service: str, file: Path | None, exc: AudioError) -> str:
    """What to do about it, where that is known here."""
    if file is None:
        return f" For example: audio process {service} FILE.wav" if exc.field == "sound" else ""
    if exc.field == "baseline":
        return " For example: --baseline 0.2"
    # No program makes two microphones out of one, so nothing is advised for stereo.
    if exc.code != "unsupported_format" or service == "sound_localization":
        return ""
    return f" To make one: ffmpeg -i {shlex.quote(str(file))} -ac 1 -ar 16000 -c:a pcm_s16le NEW.wav"


def _results(
    service: Service, file: Path | None, args: argparse.Namespace, chunk: int | None
) -> Iterator[tuple[int, int | None, dict[str, Any]]]:
    """Of each part that was sent: the frame at which it begins, its rate where known, and the answer."""
    from audio import wav

    parameters = _parameters(args)
    if file is None:
        yield 0, None, service.process(parameters).result
        return
    data = _bytes(file)
    if chunk is None and args.channel is None:
        result = service.process({**parameters, "sound": data}).result
        yield 0, wav.decode(data).rate, result
        return
    sound = wav.decode(data, field="sound")
    if args.channel is not None:
        sound = sound.pick(args.channel)
    if chunk is None:
        yield 0, sound.rate, service.process({**parameters, "sound": sound}).result
        return
    session = service.create_session()
    for offset, part in _chunks(sound, chunk):
        yield offset, sound.rate, service.process({**parameters, "sound": part}, session=session.at(offset)).result


def _chunks(sound: Pcm, frames: int) -> Iterator[tuple[int, Pcm]]:
    for i, part in enumerate(sound.chunks(frames)):
        yield i * frames, part


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as exc:
        raise BadInput(f"It cannot be read: {exc.strerror or exc}.") from exc


def _parameters(args: argparse.Namespace) -> dict[str, Any]:
    named = {"baseline": args.baseline, "sensitivity": args.sensitivity}
    return {**{name: value for name, value in named.items() if value is not None}, **dict(args.param)}


def _print(file: Path | None, offset: int, rate: int | None, result: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"file": str(file) if file else None, "offset": offset, **result}), flush=True)
    else:
        for line in _report.lines(result, offset=offset, rate=rate):
            print(line, flush=True)


def _parameter(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"'{text}' is not NAME=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _frames(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of frames")
    return int(text)

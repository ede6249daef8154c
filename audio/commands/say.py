"""`audio say`: a text as speech, in a WAV file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from audio.commands import _connection
from audio.errors import AudioError

HELP = "Turn a text into speech"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = """\
examples:
  audio say "Hi guys, how are you today?"
  audio say "Bonjour tout le monde" --lang fr-FR --output bonjour.wav
  echo "Good night" | audio say - --output - | aplay"""
    parser.add_argument("text", metavar="TEXT", help="what to say; - reads it from stdin")
    parser.add_argument(
        "--lang", default="en-US", help="en-US (where not given), en-GB, de-DE, es-ES, fr-FR or it-IT", metavar="L"
    )
    parser.add_argument(
        "--output", default="speech.wav", help="the WAV file to write (default: speech.wav); - is stdout", metavar="F"
    )
    _connection.add_options(parser)


def run(args: argparse.Namespace) -> int:
    from audio import wav

    text = sys.stdin.read().strip() if args.text == "-" else args.text
    with _connection.connect(args) as root:
        service = root.services.get_service("text_to_speech")
        result = service.process({"text": text, "lang": args.lang}).result
    data = wav.unpack(str(result.get("sound", "")))
    sound = wav.decode(data, field="sound")
    if args.output == "-":
        sys.stdout.buffer.write(data)
    else:
        _write(Path(args.output), data)
        print(f"{args.output}: {sound.seconds:.2f} s at {sound.rate} Hz")
    return 0


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as exc:
        raise AudioError(f"{path} cannot be written: {exc.strerror or exc}.") from exc

"""`audio say`: a text as speech, in a WAV file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from audio.commands import _connection
from audio.errors import AudioError

if TYPE_CHECKING:
    from audio.pcm import Pcm

HELP = "Turn a text into speech"
LARGEST = 64 * 2**20  # bytes of a WAV file: half an hour of speech


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = """\
examples:
  audio say "Hi guys, how are you today?"
  audio say "Bonjour tout le monde" --lang fr-FR --output bonjour.wav
  echo "Good night" | audio say - --output - | aplay"""
    parser.add_argument("text", metavar="TEXT", help="what to say; - reads it from stdin")
    parser.add_argument(
        "--lang", metavar="L", default="en-US", help="en-US (where not given), en-GB, de-DE, es-ES, fr-FR or it-IT"
    )
    parser.add_argument(
        "--output", metavar="F", default="speech.wav", help="the WAV file to write (default: speech.wav); - is stdout"
    )
    _connection.add_options(parser)


def run(args: argparse.Namespace) -> int:
    data, sound = speak(args)
    if args.output == "-":
        sys.stdout.buffer.write(data)
        return 0
    write(Path(args.output), data)
    print(f"{args.output}: {sound.seconds:.2f} s at {sound.rate} Hz")
    return 0


def speak(args: argparse.Namespace) -> tuple[bytes, Pcm]:
    """The speech: the bytes of a WAV file, which is known to be one, and its sound."""
    from audio import wav
    from audio.client import BadReply

    text = sys.stdin.read().strip() if args.text == "-" else args.text
    with _connection.connect(args) as root:
        result = root.services.get_service("text_to_speech").process({"text": text, "lang": args.lang}).result
    packed = result.get("sound")
    if not isinstance(packed, str):
        raise BadReply("The gateway answered with no sound.")
    data = wav.unpack(packed, limit=LARGEST)
    return data, wav.decode(data)


def write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as exc:
        raise AudioError(f"{path} cannot be written: {exc.strerror or exc}.") from exc

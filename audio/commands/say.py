"""`audio say`: a text as speech, from the loudspeaker or into a WAV file."""

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
NO_LOUDSPEAKER = 3  # exit code
OTHER_FORMATS = {".mp3", ".flac", ".ogg", ".opus", ".aac", ".m4a"}
LARGEST = 64 * 2**20  # bytes of a WAV file: half an hour of speech


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = """\
exit code: 0 all done; 1 another error; 2 wrong usage; 3 no player, no sound device, or it is busy

examples:
  audio say "Hi guys, how are you today?"
  audio say "Bonjour tout le monde" --lang fr-FR --output bonjour.wav
  audio say "Guten Abend" --lang de-DE --player "ffplay -nodisp -autoexit"
  echo "Good night" | audio say - --output - | paplay"""
    parser.add_argument("text", metavar="TEXT", help="what to say; - reads it from stdin")
    parser.add_argument(
        "--lang", metavar="L", default="en-US", help="en-US (where not given), en-GB, de-DE, es-ES, fr-FR or it-IT"
    )
    parser.add_argument("--output", metavar="F", help="a WAV file to write instead of playing; - is stdout")
    parser.add_argument(
        "--player", metavar="COMMAND", help="what plays the WAV file that is its last argument (default: aplay)"
    )
    _connection.add_options(parser)


def run(args: argparse.Namespace) -> int:
    if args.output and Path(args.output).suffix.lower() in OTHER_FORMATS:
        raise AudioError(
            f"{args.output} would hold WAV, which is all that is written: give it a name that ends in .wav."
        )
    data, sound = speak(args)
    if args.output is None:
        return play(data, args.player)
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


def play(data: bytes, command: str | None) -> int:
    """Play a WAV file's bytes to their end; the exit code."""
    from audio.client.player import APLAY, Player, PlayerError

    try:
        with Player(APLAY if command is None else command) as player:
            player.play(data)
    except PlayerError as exc:
        print(f"audio: {exc}", file=sys.stderr)
        return NO_LOUDSPEAKER
    return 0


def write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as exc:
        raise AudioError(f"{path} cannot be written: {exc.strerror or exc}.") from exc

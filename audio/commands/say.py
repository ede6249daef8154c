"""`audio say`: a text as speech, from the loudspeaker or into a WAV file.

From the loudspeaker it begins with the first sentence, while the gateway speaks the next ones.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audio.commands import _connection
from audio.errors import AudioError

if TYPE_CHECKING:
    from audio.client.services import Service

HELP = "Turn a text into speech"
NO_LOUDSPEAKER = 3  # exit code
OTHER_FORMATS = {".mp3", ".flac", ".ogg", ".opus", ".aac", ".m4a"}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = """\
exit code: 0 all done; 1 another error; 2 wrong usage; 3 no player, no sound device, or it is busy

examples:
  audio say "Hi guys, how are you today?"
  audio say "Bonjour tout le monde" --lang fr-FR --output bonjour.wav
  audio say "Good evening." --lang en-GB --version 3 --voice bm_george
  audio say "Guten Abend" --lang de-DE --player "ffplay -nodisp -autoexit"
  echo "Good night" | audio say - --output - | paplay"""
    parser.add_argument("text", metavar="TEXT", help="what to say; - reads it from stdin")
    parser.add_argument(
        "--lang", metavar="L", default="en-US", help="en-US (where not given), en-GB, de-DE, es-ES, fr-FR or it-IT"
    )
    parser.add_argument("--voice", metavar="NAME", help="of the language's voices (where not given: the first)")
    parser.add_argument(
        "--version",
        type=int,
        metavar="V",
        help="of text_to_speech: 1 and 2 are quick, 3 sounds like a person (where not given: the highest)",
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
    text = sys.stdin.read().strip() if args.text == "-" else args.text
    parameters = {"text": text, "lang": args.lang, **({"voice": args.voice} if args.voice else {})}
    with _connection.connect(args) as root:
        service = root.services.get_service("text_to_speech", args.version)
        if args.output is None:
            return play(service, parameters, args.player)
        save(service, parameters, args.output)
    return 0


def play(service: Service, parameters: dict[str, Any], command: str | None) -> int:
    """Play the speech to its end; the exit code."""
    from audio.client import speech
    from audio.client.player import APLAY, Player, PlayerError

    try:
        with Player(APLAY if command is None else command) as player:
            player.play_in_a_row(speech.sounds(service, parameters))
    except PlayerError as exc:
        print(f"audio: {exc}", file=sys.stderr)
        return NO_LOUDSPEAKER
    return 0


def save(service: Service, parameters: dict[str, Any], output: str) -> None:
    """The speech as a WAV file, which is known to be one, or on stdout."""
    from audio import wav
    from audio.client import speech

    data = speech.unpack(service.process(parameters).result)
    sound = wav.decode(data)
    if output == "-":
        sys.stdout.buffer.write(data)
        return
    write(Path(output), data)
    print(f"{output}: {sound.seconds:.2f} s at {sound.rate} Hz")


def write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as exc:
        raise AudioError(f"{path} cannot be written: {exc.strerror or exc}.") from exc

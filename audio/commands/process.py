"""`audio process`: give a service files, whole or chunk by chunk."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audio.commands import _answers, _channels, _connection, _drawn, _parameter, _report
from audio.errors import AudioError, BadInput

if TYPE_CHECKING:
    from audio.client import Service, Session
    from audio.client.wanted import WantedFile
    from audio.pcm import Pcm

HELP = "Give a service files and print what it answers"
CHUNK = 8192  # frames


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = """\
Sounds are WAV, PCM of 16 bits. Times are seconds since the sound began, angles are degrees and radians (positive to
the left), levels are dBFS. A file that is refused is named on stderr, the others go on; the exit code is then 1.

examples:
  audio process sound_detection door.wav --sensitivity 0.7
  audio process voice_detection *.wav --session --json
  audio process sound_localization stereo.wav --baseline 0.2 --chunk 4096
  audio process sound_localization six.wav --channel 1,3 --baseline 0.064 --session
  audio process face_detection photo.jpg --draw seen.png
  audio process gaze_analysis photos/ --draw seen/
  audio process dummy --param echo="Hello world!\""""
    parser.add_argument("service", metavar="SERVICE", help="sound_detection, voice_detection, sound_localization, ...")
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="*",
        type=Path,
        help="a sound or a picture, each a job of its own; a folder is its files",
    )
    parser.add_argument(
        "--draw", metavar="OUT", type=Path, help="write the picture with what was found: a .png or .jpg, or a folder"
    )
    parser.add_argument(
        "--session",
        action="store_true",
        help=f"send each sound in chunks of {CHUNK} frames, in one session; of pictures all are one session",
    )
    parser.add_argument("--chunk", metavar="N", type=_frames, help="send each file in chunks of N frames instead")
    _channels.add_option(parser)
    parser.add_argument("--baseline", metavar="M", type=float, help="metres between the microphones")
    parser.add_argument("--sensitivity", metavar="S", type=float, help="from 0, deaf to quiet sounds, to 1")
    _parameter.add_option(parser)
    parser.add_argument("--version", metavar="V", type=int, help="of the service; the highest where not given")
    parser.add_argument("--json", action="store_true", help="print each answer as a line of JSON")
    _connection.add_options(parser)


def run(args: argparse.Namespace) -> int:
    from audio.client import TooLarge
    from audio.client.wanted import of_description

    with _connection.connect(args) as root:
        service = root.services.get_service(args.service, args.version)
        wanted = of_description(service.get_description())
        work = _Work(service, args, wanted)
        failed = False
        files: list[Path] = [found for file in args.files for found in _unfolded(file, wanted)]
        for file in files or (None,):
            if len(files) > 1 and not args.json:
                print(f"{file}:")
            try:
                work.do(file)
            except (BadInput, TooLarge) as exc:  # this file's own fault; the next one may be better
                print(f"audio: {f'{file}: ' if file else ''}{exc}{_advice(args, wanted, file, exc)}", file=sys.stderr)
                failed = True
    return 1 if failed else 0


class _Work:
    """Sends files to a service and prints what it answers."""

    def __init__(self, service: Service, args: argparse.Namespace, wanted: WantedFile | None) -> None:
        from audio.client.wanted import WAV

        self._service, self._args, self._wanted = service, args, wanted
        self._parameters = _parameter.given(args)
        self._sound = wanted is not None and wanted.media_type == WAV
        # Each file of another kind is a chunk by itself: the files of one call are one session.
        self._session = None if self._sound or not args.session else service.create_session()
        self._place = 0

    def do(self, file: Path | None) -> None:
        chunk = self._args.chunk or (CHUNK if self._args.session else None)
        if file is None:
            self._print(None, 0, None, self._service.process(self._parameters).result)
        elif self._wanted is None:
            _bytes(file)  # a name that is mistyped is the first thing to say
            raise BadInput(f"{self._service.name} takes no file.")
        elif self._sound:
            self._hear(file, chunk)
        else:
            self._see(file)

    def _see(self, file: Path) -> None:
        """A file that goes as it is."""
        session = self._session.at(self._place) if self._session is not None else None
        data = _bytes(file)
        result = self._process(data, session)
        if self._args.draw is not None:
            _drawn.write(data, result, _drawn.path_of(self._args.draw, file))
        self._print(file, self._place, None, result)
        self._place += 1

    def _hear(self, file: Path, chunk: int | None) -> None:
        from audio import wav

        data = _bytes(file)
        if chunk is None and self._args.channel is None:
            result = self._process(data)
            self._print(file, 0, wav.decode(data).rate, result)
            return
        sound = wav.decode(data, field=self._field)
        if self._args.channel is not None:
            sound = sound.pick(self._args.channel)
        if chunk is None:
            self._print(file, 0, sound.rate, self._process(sound))
        else:
            self._hear_chunks(file, sound, chunk)

    def _hear_chunks(self, file: Path, sound: Pcm, frames: int) -> None:
        """One session: what goes on over the bounds of chunks is told once."""
        from audio.client.chunks import Chunk

        session, formatter = self._service.create_session(), _answers.AnswerFormatter(self._service.name)
        for number, part in enumerate(sound.chunks(frames)):
            offset = number * frames
            result = self._process(part, session.at(offset))
            if self._args.json:
                self._print(file, offset, sound.rate, result)
                continue
            for line in formatter.lines(result, Chunk(number, offset, part, 0, None)):
                print(line, flush=True)

    @property
    def _field(self) -> str:
        assert self._wanted is not None
        return self._wanted.field

    def _process(self, value: Any, session: Session | None = None) -> dict[str, Any]:
        return self._service.process({**self._parameters, self._field: value}, session=session).result

    def _print(self, file: Path | None, offset: int, rate: int | None, result: dict[str, Any]) -> None:
        if self._args.json:
            print(json.dumps({"file": str(file) if file else None, "offset": offset, **result}), flush=True)
            return
        for line in _report.lines(result, offset=offset, rate=rate):
            print(line, flush=True)


def _advice(args: argparse.Namespace, wanted: WantedFile | None, file: Path | None, exc: AudioError) -> str:
    """What to do about it, where that is known here."""
    if wanted is not None and file is None:
        suffix = wanted.facts.get("suffix", ".wav")
        return f" For example: audio process {args.service} FILE{suffix}" if exc.field == wanted.field else ""
    if exc.field == "baseline":
        return " For example: --baseline 0.2"
    # No program makes two microphones out of one, so nothing is advised for stereo; nor a sound out of what is none.
    if exc.code != "unsupported_format" or wanted is None or wanted.channels > 1 or "no sound file" in exc.message:
        return ""
    return f" To make one: ffmpeg -i {shlex.quote(str(file))} -ac 1 -ar 16000 -c:a pcm_s16le NEW.wav"


def _unfolded(file: Path, wanted: WantedFile | None) -> list[Path]:
    """A file, or those of a folder that are of the kind."""
    if wanted is None or not file.is_dir():
        return [file]
    suffixes = wanted.facts.get("suffixes") or [wanted.facts.get("suffix", ".wav")]
    found = sorted(path for path in file.iterdir() if path.suffix.lower() in suffixes)
    if not found:
        raise BadInput(f"There is no {' or '.join(suffixes)} file in '{file}'.")
    return found


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as exc:
        raise BadInput(f"It cannot be read: {exc.strerror or exc}.") from exc


def _frames(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of frames")
    return int(text)

"""`audio demo`: the real thing on real sound, to see in a terminal."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audio.errors import AudioError
from audio.extras import how_to_install

if TYPE_CHECKING:
    from audio.client import Root
    from audio.commands._draw import Pen
    from audio.commands._gateway import Running
    from audio.commands._scenes import Played

HELP = "Show it all on recordings: sounds, a voice, a speaker who walks, speech, a picture, visitors"
CHUNK = 8192  # frames
SENTENCES = (
    ("en-US", "Hello! Somebody is at the door."),
    ("en-GB", "Good evening. Somebody is at the door."),
    ("de-DE", "Guten Abend. Jemand ist an der Tür."),
    ("es-ES", "Buenas tardes. Alguien está en la puerta."),
    ("fr-FR", "Bonsoir. Quelqu'un est à la porte."),
    ("it-IT", "Buonasera. C'è qualcuno alla porta."),
)
_WIDTH = 98  # columns of what is printed as running text
NO_VISION = ("What sees is not installed here, so this is left out. To have it:", how_to_install("vision"))
ESPEAK = "sudo apt-get install -y espeak-ng"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = """\
It starts a gateway of its own with the defaults of 'audio serve', on a free port of this machine, plays recordings to
it through the client, chunk by chunk as a microphone does, draws what is in them and what was heard, and ends it.

examples:
  audio demo
  audio demo --keep speech        put the sentences and the picture into ./speech
"""
    parser.add_argument(
        "--keep",
        metavar="DIR",
        type=Path,
        help="where to put the sentences and the picture (default: a new directory in /tmp)",
    )


def run(args: argparse.Namespace) -> int:
    from audio.commands._draw import Pen
    from audio.commands._gateway import gateway

    fixtures = _fixtures()
    keep = _directory(args.keep)
    show = Show(Pen.for_stream(sys.stdout, os.environ))
    show.line("Starting a gateway of our own, as 'audio serve' does ...")
    with gateway() as running:
        show.line(f"It listens on {running.url}. Recordings are sent to it in chunks, as a microphone would.")
        show.line("The truth is what we know to be in them; the answer is what the service heard.")
        with _connect(running) as root:
            show.scene("Sounds going on and off", lambda: _sounds(show.pen, root, fixtures))
            show.scene("A voice coming and going in noise", lambda: _voice(show.pen, root, fixtures))
            show.scene("A speaker walking from left to right", lambda: _walk(show.pen, root, fixtures))
            show.scene("Text to speech in six languages", lambda: _speech(show.pen, root, keep))
            show.scene("What is seen in a picture", lambda: _picture(show.pen, root, fixtures, keep))
            show.scene("Who came, and who looked", lambda: _clip(show.pen, root, running, fixtures))
        show.end(fixtures)
    return 1 if show.failures else 0


class Show:
    """What is printed, scene by scene. failures: the titles of those that failed."""

    def __init__(self, pen: Pen) -> None:
        self.pen = pen
        self.failures: list[str] = []
        self._scenes = 0

    def line(self, text: str = "") -> None:
        print(text, flush=True)

    def scene(self, title: str, lines: Callable[[], list[str]]) -> None:
        """One scene: its title, and its lines, or why there are none."""
        self._scenes += 1
        rule = self.pen.glyph("rule") * (self.pen.width - len(title) - 5)
        self.line(f"\n{self.pen.paint(f'{self._scenes}  {title}', 'title')}  {self.pen.paint(rule, 'quiet')}")
        try:
            for text in lines():
                self.line(text)
        except AudioError as exc:
            self.failures.append(title)
            why = textwrap.fill(str(exc), self.pen.width, initial_indent="FAILED  ", subsequent_indent="        ")
            self.line(self.pen.paint(why, "bad"))

    def end(self, fixtures: Path) -> None:
        """How to go on, and what failed."""
        audio = _command()
        sound = _from_here(fixtures / "sounds.wav")
        self.line(f"\n{self.pen.paint('To go on', 'title')}")
        for command, about in (
            ("serve", "a gateway to stay; do what it prints"),
            ("listen voice_detection", "hear with your microphone"),
            ("events --follow", "what happens, as it happens, from all that listens"),
        ):
            self.line(f"  {audio} {command:24}{self.pen.paint(about, 'quiet')}")
        self.line('  curl -u CLIENT_ID:ACCESS_TOKEN -F \'meta={"sound": "attachment://a", "async": false}\' \\')
        self.line(f"    -F 'attachment://a=@{sound}' http://127.0.0.1:8080/services/sound_detection/1/jobs")
        self.line(f"\n{textwrap.fill(_microphone(), _WIDTH, break_long_words=False)}")
        about = self.pen.paint("dashboards; 'serve' prints the code for it", "quiet")
        self.line(f"In a browser: http://127.0.0.1:8080/register  {about}")
        if self.failures:
            self.line(f"\n{self.pen.paint('This failed:', 'bad')} {'; '.join(self.failures)}.")


def _sounds(pen: Pen, root: Root, fixtures: Path) -> list[str]:
    from audio.commands import _scenes

    about, played = _play(root, "sound_detection", fixtures / "sounds.wav", {})
    return [*_headed(pen, about, played), *_scenes.sounds(pen, played), "", f"  {_scenes.latency(played)}"]


def _voice(pen: Pen, root: Root, fixtures: Path) -> list[str]:
    from audio.commands import _scenes

    about, played = _play(root, "voice_detection", fixtures / "voice.wav", {})
    return [*_headed(pen, about, played), *_scenes.voice(pen, played), "", f"  {_scenes.latency(played)}"]


def _walk(pen: Pen, root: Root, fixtures: Path) -> list[str]:
    from audio.commands import _scenes

    baseline = _expected(fixtures / "moving_speaker.wav")["baseline"]
    about, played = _play(root, "sound_localization", fixtures / "moving_speaker.wav", {"baseline": baseline})
    return [*_headed(pen, about, played), *_scenes.walk(pen, played), "", f"  {_scenes.latency(played)}"]


def _headed(pen: Pen, service: str, played: Played) -> list[str]:
    return [pen.paint(f"{service}: {played.expected['about']}", "quiet"), ""]


def _play(root: Root, name: str, file: Path, parameters: dict[str, Any]) -> tuple[str, Played]:
    """Play a recording to a service, chunk by chunk in one session, the next one when the last is answered."""
    from time import perf_counter

    from audio import wav
    from audio.commands._scenes import Played

    sound = wav.decode(file.read_bytes())
    service = root.services.get_service(name)
    session = service.create_session()
    answers, milliseconds = [], []
    for i, chunk in enumerate(sound.chunks(CHUNK)):
        begun = perf_counter()
        job = service.process({**parameters, "sound": chunk}, session=session.at(i * CHUNK))
        milliseconds.append(1000 * (perf_counter() - begun))
        answers.append(job.result)
    return f"{name} {service.version}", Played(sound, CHUNK, answers, milliseconds, _expected(file))


def _speech(pen: Pen, root: Root, keep: Path) -> list[str]:
    from time import perf_counter

    from audio import wav
    from audio.client import GatewayError
    from audio.commands._draw import table

    service = root.services.get_service("text_to_speech")
    rows = []
    for lang, text in SENTENCES:
        begun = perf_counter()
        try:
            data = wav.unpack(service.process({"text": text, "lang": lang}).result["sound"])
        except GatewayError as exc:
            if exc.code == "speech_failed" and not _espeak():
                return [f"There is no espeak-ng here, so nothing is spoken. To have it: {ESPEAK}"]
            raise
        milliseconds = 1000 * (perf_counter() - begun)
        _write(keep / f"{lang}.wav", data)
        spoken = wav.decode(data)
        rows.append((lang, pen.plain(text), f"{spoken.seconds:.1f} s", f"{milliseconds:.0f} ms", f"{lang}.wav"))
    head = ("", "sentence", "speech", "took", "file")
    lines = ["  " + line for line in table(pen, head, rows, "<<>><")]
    about = pen.paint(f"text_to_speech {service.version}: a sentence in each language, as a WAV file.", "quiet")
    return [about, "", *lines, "", f"  The files are in {keep}. To hear them: aplay {keep}/*.wav"]


def _picture(pen: Pen, root: Root, fixtures: Path, keep: Path) -> list[str]:
    from audio.commands import _picture_scenes

    return _picture_scenes.picture(pen, root, fixtures / "astronaut.jpg", keep) if _sees() else list(NO_VISION)


def _clip(pen: Pen, root: Root, running: Running, fixtures: Path) -> list[str]:
    from audio.commands import _picture_scenes

    file = fixtures / "visitors.mp4"
    return _picture_scenes.clip(pen, root, running, file, _expected(file)) if _sees() else list(NO_VISION)


def _sees() -> bool:
    """Whether the services of pictures are offered here."""
    from audio.services.scene_analysis import SERVICE

    return not SERVICE.missing()


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as exc:
        raise AudioError(f"{path} cannot be written: {exc.strerror or exc}.") from exc


def _connect(running: Running) -> Root:
    from audio.client import Configuration, Root

    # No proxy can reach an address of this machine.
    exempt = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    os.environ["no_proxy"] = ",".join(filter(None, (exempt, "127.0.0.1")))
    conf = Configuration()
    conf.set_credential(running.client_id, running.access_token)
    return Root(running.url, conf)


def _fixtures() -> Path:
    """The directory with the recordings: beside the package, as in its source tree."""
    import audio

    found = Path(audio.__file__).resolve().parents[1] / "fixtures"
    if not (found / "sounds.wav").is_file():
        raise AudioError(
            f"The recordings are not in {found}: they come with the source. Run this in a checkout, with 'make run'."
        )
    return found


def _expected(file: Path) -> dict[str, Any]:
    import json

    expected: dict[str, Any] = json.loads(file.with_suffix(".json").read_text())
    return expected


def _directory(wanted: Path | None) -> Path:
    if wanted is None:
        return Path(tempfile.mkdtemp(prefix="audio-demo-"))
    try:
        wanted.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise AudioError(f"The directory {wanted} cannot be made: {exc.strerror or exc}.") from exc
    return wanted


def _command() -> str:
    """How to call this program from where we are."""
    here = Path(sys.argv[0])
    found = shutil.which("audio")
    if found is not None and Path(found).resolve() == here.resolve():
        return "audio"
    return str(_from_here(here.absolute())) if here.name == "audio" else "python -m audio.cli"


def _from_here(path: Path) -> Path:
    """The path as short as it can be typed in this directory."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _microphone() -> str:
    """Whether 'audio listen' can work here, and what to do where it cannot."""
    from audio.client.microphone import MicrophoneError, devices

    try:
        found = len(devices())
    except MicrophoneError as exc:
        return str(exc)
    return f"Microphones here: {found}." if found else f"No microphone was found; '{_command()} doctor' tells more."


def _espeak() -> bool:
    """Whether there is an espeak-ng, of the system or of a wheel."""
    from audio.errors import SpeechFailed
    from audio.speech.engine import find

    try:
        find("espeak").version()
    except SpeechFailed:
        return False
    return True

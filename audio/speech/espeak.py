"""The engine of version 1: espeak-ng, driven by pyttsx3. The one place that imports pyttsx3.

Source: pyttsx3 2.99, drivers/espeak.py; espeak-ng 1.51 and 1.52, speak_lib.h.

pyttsx3 speaks right once in a fresh process, and only so: an engine is made after the fork, its loop is started by
`startLoop` (`runAndWait` stops the driver first, which now and then throws queued parameters away), and the sound is
written into memory.

espeak-ng spells the name of a voice in lower case and looks for a file of that name; where there is none (en-US), it
reads all of its 250 voices to find it, which costs as much as a short sentence. So it is given a folder of links to the
voices that are offered here, in lower case, and to the rest of its data.
"""

from __future__ import annotations

import ctypes
import io
import math
import os
import tempfile
import threading
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from audio.errors import SpeechFailed
from audio.speech.engine import LANGUAGES, Speech, Utterance, Voice

_SONAME = "libespeak-ng.so.1"
_FILES = {
    "en-US": "gmw/en-US",
    "en-GB": "gmw/en",
    "de-DE": "gmw/de",
    "es-ES": "roa/es",
    "fr-FR": "roa/fr",
    "it-IT": "roa/it",
}
_VARIANTS = {"male": "", "female": "+f3"}
_WORDS_PER_MINUTE = 175
_WAV_HEADER = 44
_RETRIEVAL, _NO_EXIT = 1, 0x8000  # of espeak_Initialize
_RATE = 22050


class Espeak:
    """espeak-ng by pyttsx3."""

    apart = False
    longest = 400
    emphasis = 0.8
    voices: Sequence[Voice] = tuple(Voice(name, lang, name) for lang in LANGUAGES for name in _VARIANTS)

    def __init__(self) -> None:
        self._engine: Any = None
        self._file = ""
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def version(self) -> str:
        library, origin = _library()
        library.espeak_Info.restype = ctypes.c_char_p
        return f"espeak-ng {library.espeak_Info(None).decode()} ({origin})"

    def load(self) -> None:
        library, _ = _library()
        # espeak-ng looks for a sound server, though nothing is played here: let it find none, and at once.
        os.environ["PULSE_SERVER"] = "unix:/dev/null"
        self._folder = _link(_data_of(library))
        os.environ["ESPEAK_DATA_PATH"] = self._folder.name
        import pyttsx3.drivers.espeak  # noqa: F401

    def start(self, lang: str, voice: str) -> None:
        import pyttsx3
        from pyttsx3.drivers.espeak import EspeakDriver

        self._engine = pyttsx3.Engine("espeak")
        self._file = _file(lang, voice)
        EspeakDriver.setProperty("voice", self._file)

    def speak(self, utterance: Utterance) -> Speech:
        wav = io.BytesIO()
        finished = threading.Event()
        problems: list[str] = []

        def failed(exception: BaseException, **_: Any) -> None:
            problems.append(str(exception))
            finished.set()

        def loop() -> None:
            try:
                self._engine.startLoop()
            except Exception as exc:  # noqa: BLE001  whatever it is, it is the reason that there is no sound
                failed(exc)

        self._engine.connect("error", failed)
        self._engine.connect("finished-utterance", lambda **_: finished.set())
        if (file := _file(utterance.lang, utterance.voice)) != self._file:
            self._engine.setProperty("voice", file)
        self._engine.setProperty("rate", round(_WORDS_PER_MINUTE * utterance.rate))
        self._engine.setProperty("pitch", _pitch(utterance.pitch))
        self._engine.save_to_file(utterance.text, wav)
        # The loop looks at its end every 10 ms; the event comes at once.
        threading.Thread(target=loop, daemon=True).start()
        finished.wait()
        if problems:
            raise SpeechFailed(f"espeak-ng gave no sound: {problems[0]}")
        return Speech(wav.getvalue()[_WAV_HEADER:], _RATE)


def _file(lang: str, voice: str) -> str:
    return _FILES[lang].lower() + _VARIANTS[voice]


def _pitch(factor: float) -> int:
    """espeak-ng's 0 to 99 for a factor: 50 is 1, and 50 steps are an octave."""
    return max(0, min(99, round(50 + 50 * math.log2(factor))))


def _library() -> tuple[ctypes.CDLL, str]:
    """The library, loaded so that pyttsx3 finds it under its usual name, and where it came from."""
    try:
        return ctypes.CDLL(_SONAME), "of the system"
    except OSError as missing:
        if find_spec("espeakng_loader") is None:
            raise SpeechFailed(
                "espeak-ng is not installed: run `apt-get install espeak-ng`, or `pip install espeakng-loader`."
            ) from missing
    import espeakng_loader

    os.environ["ESPEAK_DATA_PATH"] = str(Path(espeakng_loader.get_data_path()).parent)
    # Once it is loaded, pyttsx3 finds it by its name.
    return ctypes.CDLL(espeakng_loader.get_library_path(), mode=ctypes.RTLD_GLOBAL), "of the wheel espeakng-loader"


def _data_of(library: ctypes.CDLL) -> Path:
    """The folder of its data. It tells only once it runs, and then it has threads: so another process asks it."""
    ours, its = os.pipe()
    pid = os.fork()
    if pid == 0:
        path = ctypes.c_char_p()
        library.espeak_Initialize(_RETRIEVAL, 0, None, _NO_EXIT)
        library.espeak_Info(ctypes.byref(path))
        os.write(its, path.value or b"")
        os._exit(0)
    os.close(its)
    with os.fdopen(ours, "rb") as answer:
        data_path = answer.read()
    os.waitpid(pid, 0)
    if not data_path:
        raise SpeechFailed("espeak-ng has lost its data: install it again.")
    return Path(os.fsdecode(data_path))


def _link(data: Path) -> tempfile.TemporaryDirectory[str]:
    """A folder that holds a folder of links to the data."""
    folder = tempfile.TemporaryDirectory(prefix="audio-espeak-")
    links = Path(folder.name) / data.name
    places = {data / "lang" / file: links / "lang" / file.lower() for file in _FILES.values()}
    places |= {e: links / e.name for e in data.iterdir() if e.name not in ("lang", "voices")}
    variants = [v.removeprefix("+") for v in _VARIANTS.values() if v]
    places |= {data / "voices" / "!v" / v: links / "voices" / "!v" / v for v in variants}
    for place, link in places.items():
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(place)
    return folder


ENGINE = Espeak()

"""The engine of version 2: SVOX Pico, from the wheel py-nanotts. The one place that imports py_nanotts.

Source: py-nanotts 0.1.1; SVOX Pico manual, "Markup". Pico reads commands in angle brackets, one of which writes files:
`signs` lets none through, and a child may not write files. At its default volume it clips; half of it does not.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from importlib import metadata, resources
from importlib.util import find_spec
from typing import Any

from audio.errors import SpeechFailed
from audio.speech.engine import LANGUAGES, Speech, Utterance, Voice

_VOLUME = 0.5
_M_MMAP_THRESHOLD, _SMALLEST = -3, 128 * 1024  # of glibc's mallopt
_RATE = 16000


class Pico:
    """SVOX Pico by py-nanotts."""

    apart = True
    longest = 400
    emphasis = 0.0
    voices: Sequence[Voice] = tuple(Voice("female", lang, "female") for lang in LANGUAGES)

    def __init__(self) -> None:
        self._tts: Any = None

    def version(self) -> str:
        self._check()
        return f"SVOX Pico (py-nanotts {metadata.version('py-nanotts')})"

    def load(self) -> None:
        self._check()
        from py_nanotts import NanoTTS

        self._tts = NanoTTS()
        # NanoTTS looks for its voices with this, which imports more: once here, and not in every child.
        resources.files("py_nanotts").joinpath("lang").is_dir()
        # Pico reads memory that it has not written. It asks for all of it in one large block: let that always be fresh
        # from the system, and so zeros, whatever was done before.
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _SMALLEST)

    def start(self, lang: str, voice: str) -> None:
        pass  # it loads a language when it speaks

    def speak(self, utterance: Utterance) -> Speech:
        samples: bytes = self._tts.speak(
            utterance.text, voice=utterance.lang, speed=utterance.rate, pitch=utterance.pitch, volume=_VOLUME
        )
        return Speech(samples, _RATE)

    @staticmethod
    def _check() -> None:
        if find_spec("py_nanotts") is None:
            raise SpeechFailed("SVOX Pico is not installed: run `pip install py-nanotts`.")


ENGINE = Pico()

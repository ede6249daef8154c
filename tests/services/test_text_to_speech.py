"""Text to speech as a service, both versions."""

from __future__ import annotations

import io
import wave
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from audio import wav
from audio.errors import BadInput
from audio.services import speech_contract, text_to_speech, text_to_speech_2
from audio.services.base import Service
from audio.speech.engine import LANGUAGES
from audio.speech.loudness import TARGET_LUFS, loudness

SERVICES = [text_to_speech.SERVICE, text_to_speech_2.SERVICE]
SPEAKERS = [text_to_speech.SPEAKER, text_to_speech_2.SPEAKER]
SENTENCES = {
    "en-US": "Good morning, how are you today?",
    "en-GB": "Good morning, how are you today?",
    "de-DE": "Guten Morgen, wie geht es Ihnen heute?",
    "es-ES": "Buenos días, ¿cómo está usted hoy?",
    "fr-FR": "Bonjour, comment allez-vous aujourd'hui ?",
    "it-IT": "Buongiorno, come sta oggi?",
}


@pytest.fixture(scope="module", autouse=True)
def _stop() -> Any:
    yield
    for speaker in SPEAKERS:
        speaker.pool.stop()


@pytest.fixture(params=SERVICES, ids=["version 1", "version 2"])
def service(request: pytest.FixtureRequest) -> Service:
    one: Service = request.param
    return one


def ask(service: Service, **values: Any) -> dict[str, Any]:
    return service.compute(service.read({"text": "Hello.", "lang": "en-US", **values}), None)[0]


def samples(answer: dict[str, Any]) -> np.ndarray:
    return wav.decode(wav.unpack(answer["sound"])).samples[:, 0].astype(np.float32) / 32768


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_speaks_at_the_same_loudness(service: Service, lang: str) -> None:
    answer = ask(service, text=SENTENCES[lang], lang=lang)
    with wave.open(io.BytesIO(wav.unpack(answer["sound"]))) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        assert file.getframerate() == answer["sample_rate"]
        assert file.getnframes() == round(answer["duration"] * answer["sample_rate"])
    x = samples(answer)
    measured = loudness(x, answer["sample_rate"])
    assert measured is not None
    assert abs(measured - TARGET_LUFS) < 1
    assert np.max(np.abs(x)) < 0.99
    assert abs(float(np.mean(x))) < 1e-3
    assert 6 < len(SENTENCES[lang]) / answer["duration"] < 30


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("text", {"text": ""}),
        ("text", {"text": 123}),
        ("text", {"text": None}),
        ("text", {"text": "a" * 5001}),
        ("text", {"text": "a\0b"}),
        ("lang", {"lang": "xx-YY"}),
        ("lang", {"lang": ["en-US"]}),
        ("lang", {"lang": None}),
        ("voice", {"voice": "nobody"}),
        ("rate", {"rate": 2.5}),
        ("rate", {"rate": "fast"}),
        ("pitch", {"pitch": float("nan")}),
        ("volume", {"volume": -1}),
        ("format", {"format": "aac"}),
    ],
)
def test_a_bad_input_is_refused(service: Service, field: str, values: dict[str, Any]) -> None:
    with pytest.raises(BadInput) as refusal:
        ask(service, **values)
    assert refusal.value.field == field


@pytest.mark.parametrize(
    "text",
    [
        "-v de --version",
        '<genfile file="/tmp/audio_must_not_exist.wav">hello</genfile>',
        "Hello [[aaa]] world.",
        "hello \N{GRINNING FACE} world",
        "&lt;break time='60s'/&gt; hello",
        "%s%n%x hello $(reboot) `reboot`",
    ],
)
def test_strange_texts_are_spoken_and_harm_no_other(service: Service, text: str) -> None:
    before = ask(service, text="A probe before.")
    assert 0.3 < ask(service, text=text)["duration"] < 15
    assert ask(service, text="A probe after.") != before
    assert ask(service, text="A probe before.", volume=1.0) == before


def test_the_same_request_gives_the_same_bytes() -> None:
    for speaker, service in zip(SPEAKERS, SERVICES, strict=True):
        answers = []
        for _ in range(3):
            fresh = speech_contract.service(
                type(speaker)(speaker.pool.engine), version=9, description="", sample_rate=1, requires=(), models=("x",)
            )
            ask(service, text="Something else in between.", lang="de-DE")
            answers.append(ask(fresh, text="Always the same."))
        assert answers[0] == answers[1] == answers[2]


def test_many_threads_at_once(service: Service) -> None:
    texts = [f"Caller number {n} speaks." for n in range(24)]
    with ThreadPoolExecutor(12) as threads:
        together = list(threads.map(lambda t: ask(service, text=t)["duration"], texts))
    assert together == [ask(service, text=t)["duration"] for t in texts]


def test_rate_pitch_and_volume_do_what_they_say(service: Service) -> None:
    text = "The quick brown fox jumps over the lazy dog."
    normal = ask(service, text=text)
    assert ask(service, text=text, rate=2.0)["duration"] < 0.7 * normal["duration"]
    assert ask(service, text=text, rate=0.5)["duration"] > 1.5 * normal["duration"]
    assert median_pitch(ask(service, text=text, pitch=1.3)) > 1.15 * median_pitch(normal)
    loud, soft = samples(normal), samples(ask(service, text=text, volume=0.5))
    assert np.max(np.abs(loud / 2 - soft)) < 1e-3


def median_pitch(answer: dict[str, Any]) -> float:
    """The pitch in Hz, by autocorrelation of 40 ms frames."""
    x, rate = samples(answer), answer["sample_rate"]
    size, low, high = rate // 25, rate // 400, rate // 60
    periods = []
    for start in range(0, len(x) - size - high, size):
        frame = x[start : start + size]
        if np.sqrt(np.mean(frame**2)) > 0.05:
            match = [float(frame @ x[start + lag : start + lag + size]) for lag in range(low, high)]
            periods.append(low + int(np.argmax(match)))
    return rate / float(np.median(periods))


@pytest.mark.parametrize(
    ("form", "magic"), [("wav", b"RIFF"), ("flac", b"fLaC"), ("ogg", b"OggS"), ("opus", b"OggS"), ("mp3", b"\xff")]
)
def test_formats(service: Service, form: str, magic: bytes) -> None:
    answer = ask(service, format=form)
    assert answer["format"] == form
    assert wav.unpack(answer["sound"]).startswith(magic)


def test_a_text_of_the_greatest_length_is_spoken(service: Service) -> None:
    answer = ask(service, text=("Words come and words go. " * 200)[:5000])
    assert 120 < answer["duration"] < 600


def voices(service: Service) -> list[dict[str, str]]:
    """As its own resource lists them."""
    (listed,) = (r for r in service.resources if r.path == "voices")
    content = listed.answer(service, {}).content
    assert isinstance(content, dict)
    found: list[dict[str, str]] = content["voices"]
    return found


def test_voices_are_listed_and_each_speaks() -> None:
    for service in SERVICES:
        listed = voices(service)
        assert {v["lang"] for v in listed} == set(LANGUAGES)
        distinct = set()
        for voice in [v for v in listed if v["lang"] == "en-US"]:
            answer = ask(service, voice=voice["name"])
            assert answer["voice"] == voice["name"]
            distinct.add(answer["sound"])
        assert len(distinct) == sum(v["lang"] == "en-US" for v in listed)


def test_the_default_voice_is_the_first() -> None:
    for service in SERVICES:
        first = next(v for v in voices(service) if v["lang"] == "fr-FR")["name"]
        assert ask(service, lang="fr-FR") == ask(service, lang="fr-FR", voice=first)


def test_thousands_of_lines_are_refused_before_any_is_spoken(service: Service) -> None:
    with pytest.raises(BadInput, match="2500 lines and sentences") as refusal:
        ask(service, text="a\n" * 2500)
    assert refusal.value.field == "text"


@pytest.mark.parametrize("text", ["a" * 400, "." * 400 + "a"], ids=["one word", "one letter after dots"])
@pytest.mark.parametrize("lang", ["de-DE", "it-IT"])
def test_what_never_ends_is_spoken_all_the_same(service: Service, text: str, lang: str) -> None:
    """Such words kept Pico busy for ever, and such dots made it silent for minutes."""
    assert 0.1 < ask(service, text=text, lang=lang)["duration"] < 60

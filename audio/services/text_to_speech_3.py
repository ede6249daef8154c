"""Text to speech, version 3: Kokoro-82M, a voice that sounds like somebody; German by SVOX Pico."""

from __future__ import annotations

from audio.services import speech_contract
from audio.speech import engine, kokoro
from audio.speech.natural import NaturalPool
from audio.speech.speaker import Speaker

_GERMAN = [v for v in engine.find("pico").voices if v.lang == "de-DE"]
SPEAKER = Speaker("kokoro", NaturalPool(), _GERMAN)

SERVICE = speech_contract.service(
    SPEAKER,
    version=3,
    description="Speaks a text of up to 500 characters with the natural voices of Kokoro, and German with SVOX Pico. "
    "A sentence takes some two seconds of a core.",
    sample_rate=24000,
    requires=(*kokoro.requires(), "py_nanotts"),
    models=("text_to_speech-3",),
    extra="natural",
    check=kokoro.check,
    engine=lambda lang: "SVOX Pico" if lang == "de-DE" else "Kokoro-82M",
)

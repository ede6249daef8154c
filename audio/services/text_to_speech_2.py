"""Text to speech, version 2: SVOX Pico by py-nanotts."""

from __future__ import annotations

from audio.services import speech_contract
from audio.speech.speaker import Speaker

SPEAKER = Speaker("pico")

SERVICE = speech_contract.service(
    SPEAKER,
    version=2,
    description="Speaks a text in one of six languages with the voices of SVOX Pico: calm, and pleasant to listen to.",
    sample_rate=16000,
    requires=("py_nanotts",),
    models=("tts-1-hd", "gpt-4o-mini-tts", "text_to_speech-2"),
)

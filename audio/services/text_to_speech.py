"""Text to speech, version 1: espeak-ng by pyttsx3."""

from __future__ import annotations

from audio.services import speech_contract
from audio.speech.speaker import Speaker

SPEAKER = Speaker("espeak")

SERVICE = speech_contract.service(
    SPEAKER,
    version=1,
    description="Speaks a text in one of six languages with the voices of espeak-ng: quick, clear, and not very human.",
    sample_rate=22050,
    requires=("pyttsx3",),
    models=("tts-1", "text_to_speech-1"),
)

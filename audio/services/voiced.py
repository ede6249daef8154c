"""What the two voice detectors share of a session: its state, its answer, and what they tell of both.

Goal: one contract for both versions. A state holds plain data only. Times in seconds, spans in frames of the chunk.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from audio.dsp import level, voice_answer, voice_stream
from audio.dsp.framing import runs
from audio.dsp.plain import pack, unpack
from audio.pcm import Pcm

ABOUT = {
    "sensitivity": "Higher finds quieter and noisier voices, and takes more other sounds for one.",
    "min_speech_duration_ms": (
        "A voice is told once it has lasted this long (250 is usual): fewer false starts, but each start is told later."
    ),
    "min_silence_duration_ms": (
        "A voice has ended once it was silent this long (100 is usual): fewer gaps, and later ends. Pauses of up to "
        "about 150 ms are bridged without it."
    ),
    "speech_pad_ms": "Each span is made longer by this much at both ends (30 is usual), within the chunk at its start.",
}
OUTPUTS: dict[str, dict[str, Any]] = {
    "voice_activity": {
        "type": "string",
        "enum": ["SILENCE", "ON", "VOICE", "OFF"],
        "description": (
            "In a session by what the previous chunk and this one hold: no voice and none: SILENCE; none and voice: "
            "ON; voice and voice: VOICE; voice and none: OFF. With no session VOICE or SILENCE. A chunk holds a voice "
            "if a tenth of it is voiced, or 50 ms of it."
        ),
    },
    "segments": {
        "type": "array",
        "description": "The voiced spans in this sound, in frames, the end not included.",
        "items": {
            "type": "object",
            "properties": {"start": {"type": "integer", "minimum": 0}, "end": {"type": "integer", "minimum": 0}},
            "required": ["start", "end"],
        },
    },
    "level": {"type": "number", "description": "Level of this sound in dBFS (RMS); -120 for digital silence."},
}
EXAMPLE: tuple[dict[str, Any], dict[str, Any]] = (
    {"sound": "attachment://sound.wav", "sensitivity": 0.5},
    {"voice_activity": "ON", "segments": [{"start": 2816, "end": 8192}], "level": -27.3},
)


@dataclass(frozen=True)
class Wanted:
    """What the caller asks for; times in seconds."""

    sensitivity: float
    min_speech: float
    min_silence: float
    pad: float


def answer(
    pcm: Pcm, wanted: Wanted, state: dict[str, Any] | None, scorer: voice_stream.Scorer
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """What a voice detector answers to a sound, and the session's next state (None: there is no session)."""
    before = state or {}
    stream = unpack(voice_stream.Stream, before["stream"]) if "stream" in before else voice_stream.begin(pcm.rate)
    limits = voice_answer.limits(wanted.sensitivity, wanted.min_speech, wanted.min_silence)
    samples = pcm.samples[:, 0]
    voiced, stream, inner = voice_stream.advance(stream, before.get("inner"), samples, pcm.rate, limits, scorer)
    voiced, owed = voice_answer.padded(voiced, before.get("owed", 0), round(wanted.pad * pcm.rate))
    now = voice_answer.holds(voiced, pcm.rate)
    output = {
        "voice_activity": voice_answer.label(None if state is None else before.get("voice", False), now),
        "segments": [{"start": start, "end": end} for start, end in runs(voiced)],
        "level": level.level_dbfs(samples),
    }
    if state is None:
        return output, None
    return output, {"stream": pack(stream), "inner": inner, "voice": now, "owed": owed}


def skip(state: dict[str, Any], frames: int, rate: int) -> dict[str, Any]:
    """A hole: what was heard before it is forgotten; the label of the chunk before stays."""
    return {"voice": state.get("voice", False)}

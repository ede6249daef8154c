"""The contract of both versions of voice detection: their inputs, their answer, and the state of a session.

Goal: a version is a classifier, and nothing else. A state holds plain data only. Conventions: times in
seconds, spans in frames of the chunk.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from audio.dsp import level, voice_activity, voice_stream
from audio.dsp.framing import runs
from audio.dsp.plain import pack, unpack
from audio.pcm import Pcm
from audio.services.base import Output, Service, State
from audio.services.inputs import Gap, Schema, number, sound
from audio.services.observation import Happening, Memory, Observed, Place


@dataclass(frozen=True)
class Inputs:
    sound: Pcm = sound(channels=1, about="The sound to look at.")
    sensitivity: float = number(
        0.5,
        minimum=0.0,
        maximum=1.0,
        about="Higher finds quieter and noisier voices, and takes more other sounds for one.",
    )
    min_speech_duration_ms: float = number(
        0.0,
        minimum=0.0,
        maximum=10_000.0,
        unit="ms",
        about=(
            "A voice is told once it has lasted this long (250 is usual): fewer false starts, but each start is told "
            "later."
        ),
    )
    min_silence_duration_ms: float = number(
        0.0,
        minimum=0.0,
        maximum=10_000.0,
        unit="ms",
        about=(
            "A voice has ended once it was silent this long (100 is usual): fewer gaps, and later ends. Pauses of up "
            "to about 150 ms are bridged without it."
        ),
    )
    speech_pad_ms: float = number(
        0.0,
        minimum=0.0,
        maximum=10_000.0,
        unit="ms",
        about=("Each span is made longer by this much at both ends (30 is usual), within the chunk at its start."),
    )


OUTPUTS: dict[str, Schema] = {
    "voice_activity": {
        "type": "string",
        "enum": ["SILENCE", "ON", "VOICE", "OFF"],
        "description": (
            "In a session by what the previous chunk and this one hold: no voice and none: SILENCE; none and voice: "
            "ON; voice and voice: VOICE; voice and none: OFF. With no session VOICE or SILENCE. A chunk holds a voice "
            "if a fifth of it is voiced, or 80 ms of it, its first 32 ms left out. Where the chunk before held none, "
            "the odds of a voice must also have added up since it began: what only just passes for one for a moment "
            "is in the segments, but is no ON."
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


def service(
    *,
    version: int,
    description: str,
    classify: voice_stream.Classifier,
    prepare: Callable[[], object],
) -> Service:
    """The voice detector that decides by this classifier. prepare: loads its models."""

    def compute(inputs: Inputs, state: State | None) -> tuple[Output, State | None]:
        before = state or {}
        rate, samples = inputs.sound.rate, inputs.sound.samples[:, 0]
        stream = unpack(voice_stream.State, before["stream"]) if "stream" in before else voice_stream.State.begin(rate)
        limits = voice_activity.limits(
            inputs.sensitivity, inputs.min_speech_duration_ms / 1000, inputs.min_silence_duration_ms / 1000
        )
        found, stream, inner = voice_stream.advance(stream, before.get("inner"), samples, rate, limits, classify)
        pad = round(inputs.speech_pad_ms / 1000 * rate)
        voiced, owed = voice_activity.padded(found[:, 0], before.get("owed", 0), pad)
        now = voice_activity.holds(voiced, found[:, 1], before.get("voice", False), rate)
        output = {
            "voice_activity": voice_activity.label(None if state is None else before.get("voice", False), now),
            "segments": [{"start": start, "end": end} for start, end in runs(voiced)],
            "level": level.level_dbfs(samples),
        }
        if state is None:
            return output, None
        return output, {"stream": pack(stream), "inner": inner, "voice": now, "owed": owed}

    return Service(
        name="voice_detection",
        version=version,
        description=description,
        inputs=Inputs,
        outputs=OUTPUTS,
        compute=compute,
        skip=skip,
        observe=observe,
        example=(
            {"sound": "attachment://sound.wav", "sensitivity": 0.5},
            {"voice_activity": "ON", "segments": [{"start": 2816, "end": 8192}], "level": -27.3},
        ),
        prepare=prepare,
        inline_seconds=2.0,
    )


def skip(state: State, gap: Gap) -> State:
    """A hole: what was heard before it is forgotten; the label of the chunk before stays."""
    return {"voice": state.get("voice", False)}


def observe(output: Output, place: Place, memory: Memory) -> tuple[Observed, Memory]:
    """ON and OFF as they are told, at the edges of the voiced spans."""
    segments = [
        (s["start"] / place.rate + place.start, s["end"] / place.rate + place.start) for s in output["segments"]
    ]
    until = segments[-1][1] if segments else memory.get("until", place.start)
    happenings = []
    if output["voice_activity"] in ("ON", "VOICE"):
        begin = segments[0][0] if segments else place.start
        happenings.append(Happening("voice_on", begin, opens="voice", end="voice_off"))
    else:
        happenings.append(Happening("voice_off", until, closes="voice"))
    spoken = sum(end - start for start, end in segments)
    return Observed(happenings, voice=spoken, level=output["level"]), {"until": until}

"""Onsets and offsets of any sound, against a noise floor that adapts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from audio.dsp import level, network
from audio.dsp import sound as detection
from audio.dsp.plain import pack, unpack
from audio.dsp.sound_events import Thresholds
from audio.pcm import Pcm
from audio.services.base import Output, Service, State
from audio.services.inputs import Gap, number, sound
from audio.services.observation import Happening, Memory, Observed, Place

# The log odds that make a sound at sensitivity 0, 0.5 and 1.
TRIGGERS = (4.0, 1.5, 0.0)


@dataclass(frozen=True)
class Inputs:
    sound: Pcm = sound(channels=1, about="The sound to look at.")
    sensitivity: float = number(
        0.5, minimum=0.0, maximum=1.0, about="Higher finds weaker sounds, and more that are none."
    )
    min_duration_ms: float = number(
        0.0,
        minimum=0.0,
        maximum=10_000.0,
        unit="ms",
        about="A sound is told once it has lasted this long. More: fewer events on nothing, but clicks are missed.",
    )
    min_silence_ms: float = number(
        150.0,
        minimum=0.0,
        maximum=10_000.0,
        unit="ms",
        about="A sound has ended once it was quiet this long. More: fewer, longer events, told later.",
    )


def interpolated(sensitivity: float, values: tuple[float, float, float]) -> float:
    """Between the values at sensitivity 0, 0.5 and 1."""
    low, middle, high = values
    return (
        low + (middle - low) * 2 * sensitivity
        if sensitivity < 0.5
        else middle + (high - middle) * (2 * sensitivity - 1)
    )


def compute(inputs: Inputs, state: State | None) -> tuple[Output, State | None]:
    samples, rate = inputs.sound.samples[:, 0], inputs.sound.rate
    detector = _detector(state)
    start = detector.frames + len(detector.silence.held)
    thresholds = Thresholds(
        interpolated(inputs.sensitivity, TRIGGERS),
        inputs.min_silence_ms / 1000,
        inputs.min_duration_ms / 1000,
    )
    found, detector = detection.detect(detector, samples, rate, thresholds)
    if state is None:
        found += detection.finish(detector, rate, thresholds)
    told = [*(state or {}).get("told", []), *((event.time, event.kind) for event in found)]
    events = [_event(time, kind, start, inputs.sound) for time, kind in told]
    output = {
        "input_size": inputs.sound.frames,
        "nb_events": len(events),
        "events": events,
        "level": level.level_dbfs(samples),
    }
    if state is None:
        return output, None
    return output, {"detector": pack(detector), "thresholds": pack(thresholds), "told": []}


def skip(state: State, gap: Gap) -> State:
    """Frames are lost: what is to be told of those before them is told with the next chunk."""
    thresholds = unpack(Thresholds, state["thresholds"]) if "thresholds" in state else Thresholds(TRIGGERS[1], 0, 0)
    events, detector = detection.skip(_detector(state), gap.length, gap.identity["rate"], thresholds)
    told = [*state.get("told", []), *([event.time, event.kind] for event in events)]
    return {"detector": pack(detector), "thresholds": pack(thresholds), "told": told}


def _detector(state: State | None) -> detection.Detector:
    return unpack(detection.Detector, state["detector"]) if state else detection.Detector.begin()


def observe(output: Output, place: Place, memory: Memory) -> tuple[Observed, Memory]:
    level = round(output["level"], 1)
    happenings = [
        Happening("sound_on", e["time"], {"level": level}, opens="sound", end="sound_off")
        if e["type"] == "sound_on"
        else Happening("sound_off", e["time"], {"level": level}, closes="sound")
        for e in output["events"]
    ]
    return Observed(happenings, level=output["level"]), memory


def _event(time: float, kind: str, start: int, pcm: Pcm) -> dict[str, Any]:
    index = max(0, min(round(time * pcm.rate) - start, pcm.frames - 1))
    return {"index": index, "type": kind, "time": round(time, 6)}


SERVICE = Service(
    name="sound_detection",
    version=1,
    description=(
        "Finds where sounds of any kind begin and end, against a noise floor that adapts. In a session a sound that "
        "goes on stays on into the next chunk; with no session it is closed at the end."
    ),
    inputs=Inputs,
    outputs={
        "input_size": {"type": "integer", "minimum": 0, "description": "Frames in the sound that came."},
        "nb_events": {"type": "integer", "minimum": 0, "description": "How many events there are."},
        "events": {
            "type": "array",
            "description": "Onsets and offsets by turns, in order.",
            "items": {
                "type": "object",
                "properties": {
                    "index": {
                        "type": "integer",
                        "minimum": 0,
                        "description": "The frame of this sound where it was; 0 where it lies before this chunk.",
                    },
                    "type": {"type": "string", "enum": ["sound_on", "sound_off"]},
                    "time": {"type": "number", "description": "Seconds since the session, or this sound, began."},
                },
                "required": ["index", "type", "time"],
            },
        },
        "level": {"type": "number", "description": "Level of this sound in dBFS (RMS); -120 for digital silence."},
    },
    compute=compute,
    prepare=partial(network.load, detection.MODEL),
    skip=skip,
    observe=observe,
    example=(
        {"sound": "attachment://sound.wav", "sensitivity": 0.5},
        {
            "input_size": 8000,
            "nb_events": 2,
            "events": [
                {"index": 3990, "type": "sound_on", "time": 0.249375},
                {"index": 5210, "type": "sound_off", "time": 0.325625},
            ],
            "level": -31.4,
        },
    ),
    inline_seconds=2.0,
)

"""Where sound comes from, by two microphones.

`minimum_rate` is 16 kHz: below, too little of a voice is left to tell its direction.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from audio.dsp import localization
from audio.dsp.localization import SourceEstimate
from audio.dsp.pairing import Fault
from audio.pcm import Pcm
from audio.services.base import Output, Service, State
from audio.services.inputs import Gap, number, sound
from audio.services.observation import Happening, Memory, Observed, Place

WARNINGS = {
    "inverted": "One channel has the wrong sign, so it is turned here: swap the two wires of one microphone.",
    "misaligned": "What one channel hears comes {lag:.1f} ms apart on the other, more than the baseline allows, so no "
    "direction can be had: check the baseline, and take both microphones from one device, which has one clock.",
    "identical": "Both channels hold the same sound, so no direction can be had: send one microphone on each channel.",
    "dead": "Channel {channel} is dead, so no direction can be had: check the microphone, its cable and its gain.",
}


@dataclass(frozen=True)
class Inputs:
    sound: Pcm = sound(
        preferred_rate=48_000,
        channels=2,
        minimum_rate=16000,
        about="The sound of two microphones, the left one on channel 1.",
    )
    baseline: float = number(about="Distance between the two microphones.", minimum=0.01, maximum=10.0, unit="metres")
    sensitivity: float = number(
        0.5,
        about="How readily a source is reported: the higher, the more quiet sources, and the more noise taken for one.",
        minimum=0.0,
        maximum=1.0,
    )
    temperature: float = number(
        20.0,
        about="Temperature of the air, for the speed of sound.",
        minimum=-60.0,
        maximum=70.0,
        unit="degrees Celsius",
    )


def compute(inputs: Inputs, state: State | None) -> tuple[Output, State | None]:
    pcm = inputs.sound
    begin = localization.frames_so_far(state) if state else 0
    found, after = localization.localize(
        pcm.samples,
        pcm.rate,
        inputs.baseline,
        localization.speed_of_sound(inputs.temperature),
        state or {},
        last=state is None,
    )
    sources = [s for s in found.sources if s.confidence >= threshold(inputs.sensitivity)]
    output: Output = {
        "input_size": pcm.frames,
        "nb_sources": len(sources),
        "sources": [_described(s, begin, pcm) for s in sources],
    }
    if found.faults:
        output["warning"] = _warning(found.faults[-1])
    return output, None if state is None else after


def threshold(sensitivity: float) -> float:
    """The least confidence that is reported: 0.9 at sensitivity 0, 0.22 at 0.5, 0.05 at 1."""
    return float(0.9 * (0.22 / 0.9) ** (2 * sensitivity))


def _described(source: SourceEstimate, begin: int, pcm: Pcm) -> dict[str, Any]:
    return {
        "index": min(max(source.middle - begin, 0), pcm.frames - 1),
        "time": source.middle / pcm.rate,
        "yaw": source.yaw,
        "confidence": source.confidence,
        "tdoa": source.lag,
        "level": source.level,
    }


def _warning(fault: Fault) -> str:
    return WARNINGS[fault.reason].format(channel=fault.channel + 1, lag=1000 * abs(fault.lag))


SOURCE = {
    "type": "object",
    "properties": {
        "index": {
            "type": "integer",
            "description": "Frame of this sound at the middle of the block; 0 where that lies before this sound.",
        },
        "time": {
            "type": "number",
            "description": "The same in seconds since the session began, or since the start of the sound.",
        },
        "yaw": {
            "type": "number",
            "description": "Radians: 0 straight ahead, positive to the left, from -pi/2 to pi/2.",
        },
        "confidence": {"type": "number", "description": "Probability that a source is there, within 10 degrees."},
        "tdoa": {"type": "number", "description": "Seconds by which the right channel is later than the left."},
        "level": {"type": "number", "description": "Level of the block in dBFS."},
    },
    "required": ["index", "time", "yaw", "confidence", "tdoa", "level"],
}


def skip(state: State, gap: Gap) -> State:
    return localization.skip(state, gap.length, gap.identity["rate"])


# A direction is told when a source begins, after so many seconds without one, or has moved so far; and not too often.
BEGINS_AFTER, MOVED, NOT_WITHIN = 1.0, math.radians(10), 1.0


def observe(output: Output, place: Place, memory: Memory) -> tuple[Observed, Memory]:
    """The direction of the best source, as it begins and moves."""
    seen, told, yaw = memory.get("seen", -math.inf), memory.get("told", -math.inf), memory.get("yaw", 0.0)
    happenings = []
    blocks = {source["index"]: source for source in reversed(output["sources"])}  # best first: the last to be put in
    for index in sorted(blocks):
        source, at = blocks[index], place.start + index / place.rate
        moved = at - seen > BEGINS_AFTER or abs(source["yaw"] - yaw) >= MOVED
        seen = at
        if moved and at - told >= NOT_WITHIN:
            told, yaw = at, source["yaw"]
            data = {"yaw": round(yaw, 4), "confidence": round(source["confidence"], 3)}
            happenings.append(Happening("direction", at, data))
    yaws = [happening.data["yaw"] for happening in happenings]
    return Observed(happenings, yaws=yaws), {"seen": seen, "told": told, "yaw": yaw}


SERVICE = Service(
    name="sound_localization",
    version=1,
    description=(
        "Tells the direction that sound comes from, by two microphones, in blocks of 0.17 s: 0 straight ahead, "
        "positive to the left. In a session it remembers, and is much better for it. `warning` is there when the "
        "channels cannot give a direction."
    ),
    inputs=Inputs,
    outputs={
        "input_size": {"type": "integer", "description": "Frames of the sound."},
        "nb_sources": {"type": "integer", "description": "How many entries `sources` has."},
        "sources": {
            "type": "array",
            "items": SOURCE,
            "description": "One entry for each block and source, best first.",
        },
    },
    compute=compute,
    skip=skip,
    observe=observe,
    example=(
        {"sound": "attachment://sound.wav", "baseline": 0.14},
        {
            "input_size": 8192,
            "nb_sources": 1,
            "sources": [{"index": 4096, "time": 1.45, "yaw": 0.52, "confidence": 0.97, "tdoa": 0.0002, "level": -32.1}],
        },
    ),
    inline_seconds=2.0,
)

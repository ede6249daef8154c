"""What a service answered, as lines for a person to read.

Times are seconds since the sound began, angles degrees and radians, levels dBFS.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from math import degrees
from typing import Any

PLUMBING = {"url", "uuid", "status", "input_size", "nb_events", "nb_sources"}
SHOWN = {"level", "voice_activity", "events", "segments", "sources"}
LONGEST = 100  # characters of a value


def lines(result: Mapping[str, Any], *, offset: int = 0, rate: int | None = None) -> Iterator[str]:
    """The lines of one result.

    offset: the frame of the whole sound at which the part that was sent begins. rate: frames a second; without it,
    places are given in frames.
    """
    yield from _head(result, offset, rate)
    for event in result.get("events", ()):
        known = event.get("time")
        where = _time(known) if isinstance(known, int | float) else _place(offset + event["index"], rate)
        yield f"{where}  {event['type']}{_level(event)}"
    for segment in result.get("segments", ()):
        start, end = offset + segment["start"], offset + segment["end"]
        yield f"{_place(start, rate)}  voice until {_place(end, rate).strip()}"
    for source in result.get("sources", ()):
        yaw = source["yaw"]
        where = _place(offset + source["index"], rate)
        yield f"{where}  yaw {degrees(yaw):+6.1f} deg ({yaw:+.3f} rad)  confidence {source['confidence']:.2f}"
    for name, value in result.items():
        if name not in PLUMBING | SHOWN:
            yield f"{name}: {_short(value)}"


def _head(result: Mapping[str, Any], offset: int, rate: int | None) -> Iterator[str]:
    """What holds for the whole of the part that was sent."""
    frames = result.get("input_size")
    words = [result["voice_activity"]] if "voice_activity" in result else []
    if not words and isinstance(frames, int):
        words = [f"{frames / rate:.3f} s of sound" if rate else f"{frames} frames"]
    if words or "level" in result:
        yield f"{_place(offset, rate)}  {''.join(words)}{_level(result)}"


def _level(part: Mapping[str, Any]) -> str:
    level = part.get("level")
    return f"  {level:.1f} dBFS" if isinstance(level, int | float) else ""


def _place(frame: int, rate: int | None) -> str:
    return _time(frame / rate) if rate else f"frame {frame}"


def _time(seconds: float) -> str:
    return f"{seconds:9.3f} s"


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}... ({len(text)} characters)"

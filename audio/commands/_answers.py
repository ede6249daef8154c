"""What a listener has to tell: the answers of a service, chunk by chunk, as few lines for a person.

A line comes when something changes, with the time at which it was heard, not the time at which the answer came.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from math import degrees
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from audio.client.chunks import Chunk

PLUMBING = {"url", "uuid", "status"}
MOVED = 5.0  # degrees by which a source must have moved to be told again
PAUSE = 1.0  # seconds without it, after which it is told again though it has not moved

Lines = Iterator[str]


class AnswerFormatter:
    """One service's answers as lines. verbose: also the answers that change nothing."""

    def __init__(self, service: str, *, verbose: bool = False) -> None:
        tellers: dict[str, Callable[[Mapping[str, Any], Chunk], Lines]] = {
            "voice_detection": self._voice,
            "sound_detection": self._sound,
            "sound_localization": self._direction,
        }
        self.now = ""  # the state of things in a word or two
        self._tell = tellers.get(service, self._anything)
        self._verbose = verbose and service in tellers
        self._since = self._until = 0.0  # of the voice
        self._sound_since: float | None = None
        self._angle, self._angle_at = 0.0, float("-inf")

    def lines(self, result: Mapping[str, Any], chunk: Chunk) -> Lines:
        """What to print of one answer, oldest first."""
        if self._verbose:
            yield from self._anything(result, chunk)
        yield from self._tell(result, chunk)

    def _voice(self, result: Mapping[str, Any], chunk: Chunk) -> Lines:
        activity = result.get("voice_activity")
        segments = result.get("segments") or []
        self.now = "voice" if activity in ("ON", "VOICE") else "no voice"
        if activity == "ON":
            self._since = chunk.time_at(segments[0]["start"] if segments else 0)
            yield f"{clock(self._since, chunk)}  ON   voice"
        elif activity == "OFF":
            yield f"{clock(self._until, chunk)}  OFF  voice, {self._until - self._since:.1f} s"
        if activity in ("ON", "VOICE"):
            self._until = chunk.time_at(segments[-1]["end"] if segments else chunk.sound.frames)

    def _sound(self, result: Mapping[str, Any], chunk: Chunk) -> Lines:
        for event in result.get("events", ()):
            when = chunk.time_at(_frame(event, chunk))
            if event["type"] == "sound_on":
                self.now, self._sound_since = "sound", when
                yield f"{clock(when, chunk)}  ON   sound{_level(event)}"
            else:
                lasted = "" if self._sound_since is None else f", {when - self._sound_since:.1f} s"
                self.now, self._sound_since = "no sound", None
                yield f"{clock(when, chunk)}  OFF  sound{lasted}"

    def _direction(self, result: Mapping[str, Any], chunk: Chunk) -> Lines:
        sources = result.get("sources") or []
        self.now = direction(degrees(sources[-1]["yaw"])) if sources else "no source"
        for group in _groups(sources):
            angle = degrees(median(source["yaw"] for source in group))
            begin, end = (chunk.time_at(source["index"]) for source in (group[0], group[-1]))
            if abs(angle - self._angle) >= MOVED or begin - self._angle_at >= PAUSE:
                self._angle = angle
                confidence = median(source["confidence"] for source in group)
                yield f"{clock(begin, chunk)}  a source {direction(angle)} (confidence {confidence:.2f})"
            self._angle_at = end

    def _anything(self, result: Mapping[str, Any], chunk: Chunk) -> Lines:
        shown = {name: value for name, value in result.items() if name not in PLUMBING}
        yield f"{clock(chunk.time_at(0), chunk)}  {json.dumps(shown, ensure_ascii=False)}"


def as_json(result: Mapping[str, Any], chunk: Chunk) -> str:
    """The answer as one line of JSON, with the chunk that it answers."""
    place = {
        "number": chunk.number,
        "offset": chunk.offset,
        "frames": chunk.sound.frames,
        "rate": chunk.sound.rate,
        "lost": chunk.lost,
        "time": chunk.time,
    }
    return json.dumps({**result, "chunk": place}, ensure_ascii=False)


def direction(angle: float) -> str:
    """An angle in degrees, in words; positive is to the left."""
    rounded = round(abs(angle))
    if rounded == 0:
        return "straight ahead"
    return f"at {rounded} degree{'s' if rounded > 1 else ''} to the {'left' if angle > 0 else 'right'}"


def clock(seconds: float, chunk: Chunk | None = None) -> str:
    """Unix time as the time of day; for a sound that has none, the time since it began."""
    tenths = round(seconds * 10)
    if chunk is None or chunk.time is not None:
        return f"{time.strftime('%H:%M:%S', time.localtime(tenths // 10))}.{tenths % 10}"
    minutes, rest = divmod(tenths, 600)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest // 10:02d}.{rest % 10}"


def _frame(event: Mapping[str, Any], chunk: Chunk) -> float:
    """Where in the chunk an event lies; before it, where that is known."""
    known = event.get("time")
    return known * chunk.sound.rate - chunk.offset if isinstance(known, int | float) else event["index"]


def _level(event: Mapping[str, Any]) -> str:
    level = event.get("level")
    return f", {level:.0f} dBFS" if isinstance(level, int | float) else ""


def _groups(sources: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Entries that follow each other at about the same angle."""
    group: list[dict[str, Any]] = []
    for source in sources:
        if group and abs(degrees(source["yaw"] - group[-1]["yaw"])) > 2 * MOVED:
            yield group
            group = []
        group.append(source)
    if group:
        yield group

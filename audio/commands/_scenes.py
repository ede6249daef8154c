"""What the services made of a recording, beside what is really in it, as lines for a person to read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import degrees
from statistics import median
from typing import Any

import numpy as np

from audio.commands._draw import RULER_EXTRA, Axis, Lane, Pen, Span, gauge, meter, table
from audio.pcm import Pcm

GUTTER = 9  # columns left of a timeline
ROW_SECONDS = 0.5  # of sound, a line of the scene with a speaker who walks
_METER_ROWS = 4
_GAUGE_COLUMNS = 5
_BESIDE_LANE = 46  # columns of a line with a lane that are not the lane
_FULL_SCALE = 32768.0
_TOGETHER = 0.05  # s: spans of voice this close are one
_UNKNOWN = "(nothing there)"


@dataclass(frozen=True)
class Played:
    """A recording as it was played: in chunks of `chunk` frames, each with its answer and the ms that it took."""

    sound: Pcm
    chunk: int
    answers: Sequence[dict[str, Any]]
    milliseconds: Sequence[float]
    expected: dict[str, Any]

    def offsets(self) -> Iterable[tuple[int, dict[str, Any]]]:
        """The frame at which each chunk begins, and its answer."""
        return ((i * self.chunk, answer) for i, answer in enumerate(self.answers))


def latency(played: Played) -> str:
    """How long the answers took."""
    chunk, times = played.chunk / played.sound.rate, played.milliseconds
    took = f"{median(times):.1f} ms (median), {max(times):.1f} ms (longest)"
    return f"{len(times)} chunks of {chunk:.2f} s, each its own request, answered in {took}."


# --- sounds going on and off ---------------------------------------------------------------------------------------


def sounds(pen: Pen, played: Played) -> list[str]:
    """Levels, the sounds that are there, and those that were heard."""
    axis = Axis(played.sound.seconds, pen.width - GUTTER - RULER_EXTRA)
    truth = [(e["onset"], e["offset"]) for e in played.expected["events"]]
    names = [e["name"] for e in played.expected["events"]]
    heard = heard_sounds(played)
    rows = [(name, *times) for name, times in zip(names, compare(truth, heard), strict=True)]
    rows += [(_UNKNOWN, "", "", *_times(span)) for span in strangers(truth, heard)]
    return [
        *_levels(pen, axis, played.sound),
        labelled("", pen.paint(axis.texts((e["onset"], e["name"]) for e in played.expected["events"]), "quiet")),
        labelled("truth", axis.bars(truth, pen.glyph("truth"))),
        labelled("answer", pen.paint(axis.bars(heard, pen.glyph("answer")), "answer")),
        "",
        *_beside(pen, rows),
    ]


def heard_sounds(played: Played) -> list[Span]:
    """From every sound_on to its sound_off, in seconds; the last one lasts to the end where it was not turned off."""
    spans: list[Span] = []
    begun: float | None = None
    for offset, answer in played.offsets():
        for event in answer["events"]:
            time = event.get("time", (offset + event["index"]) / played.sound.rate)
            if event["type"] == "sound_on":
                begun = time
            elif begun is not None:
                spans.append((begun, time))
                begun = None
    return spans if begun is None else [*spans, (begun, played.sound.seconds)]


# --- a voice coming and going --------------------------------------------------------------------------------------


def voice(pen: Pen, played: Played) -> list[str]:
    """Levels, the voice and the other sounds that are there, the voice that was heard, and what each chunk answered."""
    axis = Axis(played.sound.seconds, pen.width - GUTTER - RULER_EXTRA)
    truth = [(v["start"], v["end"]) for v in played.expected["voice"]]
    other = [(o["start"], o["end"]) for o in played.expected["other"]]
    heard = heard_voice(played)
    rows = [("voice", *times) for times in compare(truth, heard)]
    named = [(start, "voice") for start, _ in truth] + [(o["start"], o["name"]) for o in played.expected["other"]]
    for o, span in zip(played.expected["other"], other, strict=True):
        mistaken = any(overlap(h, span) for h in heard)
        rows.append((o["name"], *_times(span), *(("taken for", "a voice") if mistaken else ("", "no voice"))))
    rows += [(_UNKNOWN, "", "", *_times(h)) for h in strangers(truth, heard) if not any(overlap(h, o) for o in other)]
    return [
        *_levels(pen, axis, played.sound),
        labelled("", pen.paint(axis.texts(named), "quiet")),
        labelled("truth", _two_bars(axis, pen, truth, other)),
        labelled("answer", pen.paint(axis.bars(heard, pen.glyph("answer")), "answer")),
        labelled("chunks", _activity(pen, axis, played)),
        "",
        *_beside(pen, rows),
    ]


def heard_voice(played: Played) -> list[Span]:
    """The voiced segments of all chunks, in seconds, those that touch made one."""
    spans: list[Span] = []
    for offset, answer in played.offsets():
        for segment in answer["segments"]:
            start = (offset + segment["start"]) / played.sound.rate
            end = (offset + segment["end"]) / played.sound.rate
            if spans and start - spans[-1][1] <= _TOGETHER:
                spans[-1] = (spans[-1][0], end)
            else:
                spans.append((start, end))
    return spans


def _two_bars(axis: Axis, pen: Pen, voiced: list[Span], other: list[Span]) -> str:
    """The voice as a bar, other sounds as a fainter one."""
    cells = list(axis.bars(voiced, pen.glyph("truth")))
    for i, cell in enumerate(axis.bars(other, pen.glyph("silence"))):
        cells[i] = pen.paint(cell, "quiet") if cell.strip() else cells[i]
    return "".join(cells)


def _activity(pen: Pen, axis: Axis, played: Played) -> str:
    """What each chunk answered, one beside the other: ON, a line for VOICE, OFF, and points for SILENCE."""
    line = []
    for offset, answer in played.offsets():
        end = min(offset + played.chunk, played.sound.frames) / played.sound.rate
        width = round(end * axis.columns_a_second) - round(offset / played.sound.rate * axis.columns_a_second)
        said = answer["voice_activity"]
        if said == "VOICE":
            line.append(pen.paint(pen.glyph("rule") * width, "answer"))
        elif said == "SILENCE":
            line.append(pen.paint(pen.glyph("silence").ljust(width), "quiet"))
        else:
            line.append(pen.paint(said[:width].ljust(width), "answer"))
    return "".join(line)


# --- a speaker who walks -------------------------------------------------------------------------------------------


def walk(pen: Pen, played: Played) -> list[str]:
    """A line every half second: how loud, where the speaker was heard, where she was, and how sure the answer is."""
    lane = Lane((pen.width - _BESIDE_LANE - 1) // 2 * 2 + 1)
    answers = places(played)
    lines = [pen.paint(f"   time   level   {lane.ruler()}   answer  truth  confidence", "quiet")]
    for start in np.arange(0.0, played.sound.seconds, ROW_SECONDS):
        here = [a for a in answers if start <= a[0] < start + ROW_SECONDS]
        best = max(here, key=lambda a: a[2]) if here else None
        lines.append(_walk_row(pen, lane, played, float(start), best))
    off = [abs(yaw - true_yaw(played.expected, time)) for time, yaw, _ in answers]
    found = (
        f"{len(off)} answers; half of them are within {median(off):.1f} degrees of the truth." if off else "No answer."
    )
    return [*lines, "", f"  {found}"]


def _walk_row(pen: Pen, lane: Lane, played: Played, start: float, best: tuple[float, float, float] | None) -> str:
    """One line: of the answer that is the surest, at its time, or of a silence."""
    end = start + ROW_SECONDS
    spoken = any(overlap((start, end), (a["start"], a["end"])) for a in played.expected["active"])
    truth = true_yaw(played.expected, best[0] if best else (start + end) / 2) if spoken or best else None
    loud = pen.paint(gauge(pen, 1 + _level(played.sound, start, end) / 60, _GAUGE_COLUMNS), "quiet")
    drawn = lane.draw(pen, best[1] if best else None, truth)
    heard = pen.paint(_angle(pen, best[1]), "answer") if best else " " * 6
    there = _angle(pen, truth) if truth is not None else " " * 6
    sure = f"{best[2]:.2f} {pen.paint(gauge(pen, best[2], _GAUGE_COLUMNS), 'answer')}" if best else ""
    return f"  {start:4.1f} s  {loud}   {drawn}   {heard} {there}  {sure}".rstrip()


def _angle(pen: Pen, yaw: float) -> str:
    return f"{yaw:+5.0f}{pen.glyph('degree')}"


def places(played: Played) -> list[tuple[float, float, float]]:
    """Every source of every chunk: its time in seconds, its yaw in degrees, the confidence from 0 to 1."""
    return [
        ((offset + source["index"]) / played.sound.rate, degrees(source["yaw"]), float(source["confidence"]))
        for offset, answer in played.offsets()
        for source in answer["sources"]
    ]


def true_yaw(expected: dict[str, Any], time: float) -> float:
    """Where the speaker really is at a time, in degrees."""
    points = expected["yaw"]
    return float(np.interp(time, [p["time"] for p in points], [p["degrees"] for p in points]))


# --- what they share -----------------------------------------------------------------------------------------------


def overlap(a: Span, b: Span) -> bool:
    return a[0] < b[1] and b[0] < a[1]


def compare(truth: Sequence[Span], heard: Sequence[Span]) -> list[tuple[str, str, str, str]]:
    """For each true span: its own times, and the times of what was heard of it."""
    rows = []
    for span in truth:
        met = [h for h in heard if overlap(h, span)]
        found = _times((met[0][0], met[-1][1])) if met else ("not", "heard")
        rows.append((*_times(span), *found))
    return rows


def strangers(truth: Sequence[Span], heard: Sequence[Span]) -> list[Span]:
    """What was heard where nothing is."""
    return [h for h in heard if not any(overlap(h, t) for t in truth)]


def _beside(pen: Pen, rows: Sequence[tuple[str, str, str, str, str]]) -> list[str]:
    """The truth and the answer as a table of seconds."""
    lines = table(pen, ("", "truth: on", "off", "answer: on", "off"), rows, "<>>>>")
    return [" " * GUTTER + line for line in lines]


def _times(span: Span) -> tuple[str, str]:
    return f"{span[0]:.2f} s", f"{span[1]:.2f} s"


def _levels(pen: Pen, axis: Axis, sound: Pcm) -> list[str]:
    """The ruler, and the level of every column under it."""
    levels = [_level(sound, i / axis.columns_a_second, (i + 1) / axis.columns_a_second) for i in range(axis.columns)]
    labels = ["0 dBFS", *[""] * (_METER_ROWS - 2), "-60"]
    rows = meter(pen, levels, _METER_ROWS)
    return [
        labelled("", pen.paint(axis.ruler(), "quiet")),
        *(labelled(label, pen.paint(row, "quiet")) for label, row in zip(labels, rows, strict=True)),
    ]


def _level(sound: Pcm, start: float, end: float) -> float:
    """The RMS of a stretch of all channels, in dBFS; -200 where it is silent or past the end."""
    piece = sound.samples[round(start * sound.rate) : round(end * sound.rate)].astype(np.float64) / _FULL_SCALE
    power = float(np.mean(piece * piece)) if piece.size else 0.0
    return 10 * float(np.log10(max(power, 1e-20)))


def labelled(label: str, line: str) -> str:
    """A line of a timeline, after what it is."""
    return f"{label:>{GUTTER - 2}}  {line}".rstrip()

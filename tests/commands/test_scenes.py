from __future__ import annotations

import json
from math import radians
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audio import wav
from audio.commands import _scenes
from audio.commands._draw import LONGEST_LINE, Pen
from audio.commands._scenes import Played
from audio.pcm import Pcm

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
PEN = Pen(blocks=True)


def sound(seconds: float, rate: int = 1000) -> Pcm:
    return Pcm(np.zeros((round(seconds * rate), 1), np.int16), rate)


def played(answers: list[dict[str, Any]], seconds: float = 2.0, **expected: Any) -> Played:
    """Answers to chunks of half a second, of a silence at 1000 Hz."""
    return Played(sound(seconds), 500, answers, [1.0] * len(answers), expected)


def on_off(*events: tuple[int, str]) -> dict[str, Any]:
    return {"events": [{"index": index, "type": kind} for index, kind in events]}


def recorded(name: str, answers: list[dict[str, Any]]) -> Played:
    expected = json.loads((FIXTURES / f"{name}.json").read_text())
    return Played(wav.decode((FIXTURES / f"{name}.wav").read_bytes()), 8192, answers, [1.0], expected)


def test_sounds_go_from_on_to_off_across_chunks() -> None:
    answers = [on_off((100, "sound_on")), on_off(), on_off((50, "sound_off"), (400, "sound_on")), on_off()]
    assert _scenes.heard_sounds(played(answers)) == [(0.1, 1.05), (1.4, 2.0)]


def test_the_time_of_an_event_wins_over_its_index() -> None:
    answers = [on_off(), {"events": [{"index": 0, "type": "sound_on", "time": 0.45}]}, on_off((0, "sound_off"))]
    assert _scenes.heard_sounds(played(answers)) == [(0.45, 1.0)]


def test_segments_that_touch_are_one_voice() -> None:
    answers = [
        {"segments": [{"start": 100, "end": 500}]},
        {"segments": [{"start": 0, "end": 200}, {"start": 400, "end": 450}]},
    ]
    assert _scenes.heard_voice(played(answers)) == [(0.1, 0.7), (0.9, 0.95)]


def test_places_are_in_seconds_and_degrees() -> None:
    answers = [{"sources": []}, {"sources": [{"index": 250, "yaw": radians(30), "confidence": 0.5}]}]
    ((time, yaw, confidence),) = _scenes.places(played(answers))
    assert (time, yaw, confidence) == pytest.approx((0.75, 30.0, 0.5))


def test_what_was_missed_and_what_was_not_there_is_said() -> None:
    truth, heard = [(1.0, 2.0), (3.0, 4.0)], [(1.1, 1.4), (1.6, 2.2), (5.0, 6.0)]
    assert _scenes.compare(truth, heard) == [
        ("1.00 s", "2.00 s", "1.10 s", "2.20 s"),
        ("3.00 s", "4.00 s", "not", "heard"),
    ]
    assert _scenes.strangers(truth, heard) == [(5.0, 6.0)]


def test_the_sounds_scene_shows_truth_over_answer() -> None:
    event = {"name": "knock", "onset": 0.5, "offset": 1.0}
    lines = _scenes.sounds(PEN, played([on_off((500, "sound_on"), (990, "sound_off"))], events=[event]))
    truth, answer = (next(line for line in lines if line.strip().startswith(label)) for label in ("truth", "answer"))
    assert truth.index("━") == answer.index("█") == _scenes.GUTTER + 22
    assert "knock" in lines[5]
    assert lines[-1].split() == ["knock", "0.50", "s", "1.00", "s", "0.50", "s", "0.99", "s"]


def test_the_voice_scene_shows_what_each_chunk_answered() -> None:
    states = ("SILENCE", "ON", "VOICE", "OFF")
    segments = ([], [{"start": 0, "end": 500}], [{"start": 0, "end": 500}], [])
    answers = [{"voice_activity": a, "segments": s} for a, s in zip(states, segments, strict=True)]
    glass = {"name": "glass", "start": 0.0, "end": 0.2}
    lines = _scenes.voice(PEN, played(answers, voice=[{"start": 0.5, "end": 1.5}], other=[glass]))
    (chunks,) = (line for line in lines if line.strip().startswith("chunks"))
    assert chunks.split() == ["chunks", "·", "ON", "─" * 22 + "OFF"]
    assert lines[-2].split() == ["voice", "0.50", "s", "1.50", "s", "0.50", "s", "1.50", "s"]
    assert lines[-1].split() == ["glass", "0.00", "s", "0.20", "s", "no", "voice"]


def test_a_voice_that_is_none_is_said_to_be_none() -> None:
    answers = [{"voice_activity": "ON", "segments": [{"start": 0, "end": 200}]}]
    lines = _scenes.voice(PEN, played(answers, voice=[], other=[]))
    assert lines[-1].split() == ["(nothing", "there)", "0.00", "s", "0.20", "s"]


def test_a_sound_that_was_taken_for_a_voice_is_said_to_be() -> None:
    answers = [{"voice_activity": "ON", "segments": [{"start": 150, "end": 500}]}]
    glass = {"name": "glass", "start": 0.0, "end": 0.2}
    lines = _scenes.voice(PEN, played(answers, voice=[], other=[glass]))
    assert lines[-1].split() == ["glass", "0.00", "s", "0.20", "s", "taken", "for", "a", "voice"]


def test_the_walk_shows_the_surest_answer_of_every_half_second() -> None:
    sources = [
        {"index": 0, "yaw": radians(-30), "confidence": 0.2},
        {"index": 1, "yaw": radians(45), "confidence": 0.9},
    ]
    answers = [{"sources": sources}, {"sources": []}]
    yaw = [{"time": 0.0, "degrees": 40.0}, {"time": 1.0, "degrees": 40.0}]
    active = [{"start": 0.0, "end": 0.5}]
    _, first, second, _, summary = _scenes.walk(PEN, played(answers, 1.0, yaw=yaw, active=active))
    assert "+45°" in first
    assert "+40°" in first
    assert "0.90" in first
    assert first.index("●") < first.index("│")
    assert "°" not in second
    assert "2 answers" in summary
    assert "within 37.5 degrees" in summary


@pytest.mark.parametrize("width", [72, 80, 100])
@pytest.mark.parametrize("blocks", [True, False])
def test_no_line_is_too_long_and_ascii_is_ascii(width: int, blocks: bool) -> None:
    pen = Pen(blocks=blocks, width=width)
    source = {"index": 0, "yaw": -1.5, "confidence": 1.0}
    lines = [
        *_scenes.sounds(pen, recorded("sounds", [on_off((0, "sound_on"))])),
        *_scenes.voice(pen, recorded("voice", [{"voice_activity": "ON", "segments": [{"start": 9, "end": 99}]}])),
        *_scenes.walk(pen, recorded("moving_speaker", [{"sources": [source]}])),
    ]
    assert max(map(len, lines)) <= width
    assert len(_scenes.latency(Played(sound(60.0), 512, [], [1234.5] * 999, {}))) < LONGEST_LINE
    assert blocks or all(line.isascii() for line in lines)


def test_no_answer_at_all_is_no_failure() -> None:
    yaw = [{"time": 0.0, "degrees": 0.0}]
    assert "No answer." in _scenes.walk(PEN, played([], yaw=yaw, active=[]))[-1]

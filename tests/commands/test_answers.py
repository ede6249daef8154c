from __future__ import annotations

import json
import time
from collections.abc import Iterable
from math import radians
from typing import Any

import numpy as np
import pytest

from audio.client.chunks import Chunk
from audio.commands._answers import AnswerFormatter, as_json, clock, direction
from audio.pcm import Pcm

NOON = time.mktime((2026, 11, 23, 12, 0, 0, 0, 0, -1))
FRAMES = 8000


def chunk(number: int, *, heard: bool = True) -> Chunk:
    """Half a second of sound at 16 kHz."""
    offset = number * FRAMES
    sound = Pcm(np.zeros((FRAMES, 1), np.int16), 16_000)
    return Chunk(number, offset, sound, 0, NOON + offset / 16_000 if heard else None)


def told(service: str, results: Iterable[dict[str, Any]], *, heard: bool = True, verbose: bool = False) -> list[str]:
    formatter = AnswerFormatter(service, verbose=verbose)
    return [line for n, result in enumerate(results) for line in formatter.lines(result, chunk(n, heard=heard))]


VOICE = [
    {"voice_activity": "SILENCE", "segments": []},
    {"voice_activity": "ON", "segments": [{"start": 4000, "end": 8000}]},
    {"voice_activity": "VOICE", "segments": [{"start": 0, "end": 1280}]},
    {"voice_activity": "OFF", "segments": []},
    {"voice_activity": "SILENCE", "segments": []},
]


def test_a_voice_is_told_when_it_was_heard() -> None:
    assert told("voice_detection", VOICE) == ["12:00:00.8  ON   voice", "12:00:01.1  OFF  voice, 0.3 s"]


def test_a_sound_without_a_time_of_day_is_told_by_its_own_time() -> None:
    assert told("voice_detection", VOICE, heard=False) == ["0:00:00.8  ON   voice", "0:00:01.1  OFF  voice, 0.3 s"]


def test_without_segments_the_chunk_is_what_is_known() -> None:
    bare = [{"voice_activity": result["voice_activity"]} for result in VOICE]
    assert told("voice_detection", bare) == ["12:00:00.5  ON   voice", "12:00:01.5  OFF  voice, 1.0 s"]


def test_a_sound_that_began_in_an_earlier_chunk_is_told_at_its_true_time() -> None:
    results = [
        {"events": []},
        {"events": [{"index": 0, "type": "sound_on", "time": 0.4, "level": -23.4}]},
        {"events": [{"index": 1600, "type": "sound_off", "time": 1.1}]},
    ]
    assert told("sound_detection", results) == ["12:00:00.4  ON   sound, -23 dBFS", "12:00:01.1  OFF  sound, 0.7 s"]


def source(index: int, degrees: float, confidence: float = 0.8) -> dict[str, float]:
    return {"index": index, "yaw": radians(degrees), "confidence": confidence}


def test_a_source_is_told_when_it_appears_and_when_it_has_moved() -> None:
    results = [
        {"sources": [source(0, 32), source(2000, 33), source(4000, 31)]},
        {"sources": [source(0, 33)]},
        {"sources": [source(0, 34), source(2000, -10)]},
        {"sources": []},
        {"sources": []},
        {"sources": [source(0, -10)]},
    ]
    assert told("sound_localization", results) == [
        "12:00:00.0  a source at 32 degrees to the left (confidence 0.80)",
        "12:00:01.1  a source at 10 degrees to the right (confidence 0.80)",
        "12:00:02.5  a source at 10 degrees to the right (confidence 0.80)",
    ]


@pytest.mark.parametrize(
    ("angle", "words"),
    [
        (0.3, "straight ahead"),
        (-0.4, "straight ahead"),
        (1.0, "at 1 degree to the left"),
        (-32.4, "at 32 degrees to the right"),
    ],
)
def test_an_angle_in_words(angle: float, words: str) -> None:
    assert direction(angle) == words


def test_a_service_that_is_not_known_here_is_told_as_it_is() -> None:
    assert told("bird_detection", [{"birds": 2, "url": "http://x", "status": 201}]) == ['12:00:00.0  {"birds": 2}']


def test_verbose_tells_what_changes_nothing_too() -> None:
    lines = told("voice_detection", VOICE, verbose=True)
    assert len(lines) == len(VOICE) + 2
    assert lines[0] == '12:00:00.0  {"voice_activity": "SILENCE", "segments": []}'


def test_a_line_of_json_holds_the_answer_and_its_place() -> None:
    line = json.loads(as_json({"voice_activity": "ON", "status": 201}, chunk(2)))
    assert line == {
        "voice_activity": "ON",
        "status": 201,
        "chunk": {"number": 2, "offset": 16_000, "frames": 8000, "rate": 16_000, "lost": 0, "time": NOON + 1.0},
    }


def test_the_clock_rounds_and_carries() -> None:
    assert clock(NOON + 59.96) == "12:01:00.0"
    assert clock(3725.04, chunk(0, heard=False)) == "1:02:05.0"

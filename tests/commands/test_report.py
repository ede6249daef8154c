from __future__ import annotations

from math import pi
from typing import Any

import pytest

from audio.commands import _report

PLUMBING = {"url": "http://g/j", "uuid": "x", "status": 201}


@pytest.mark.parametrize(
    ("result", "lines"),
    [
        (
            {
                "input_size": 8000,
                "nb_events": 2,
                "events": [
                    {"index": 4000, "type": "sound_on", "time": 1.25},
                    {"index": 6000, "type": "sound_off"},
                ],
                "level": -30.26,
            },
            ["    1.000 s  0.500 s of sound  -30.3 dBFS", "    1.250 s  sound_on", "    1.375 s  sound_off"],
        ),
        (
            {"voice_activity": "VOICE", "segments": [{"start": 0, "end": 8000}], "level": -20.0},
            ["    1.000 s  VOICE  -20.0 dBFS", "    1.000 s  voice until 1.500 s"],
        ),
        (
            {
                "input_size": 8000,
                "nb_sources": 1,
                "sources": [{"index": 1600, "yaw": -pi / 6, "confidence": 0.5}],
            },
            ["    1.000 s  0.500 s of sound", "    1.100 s  yaw  -30.0 deg (-0.524 rad)  confidence 0.50"],
        ),
        ({"echo": "Hello"}, ["echo: Hello"]),
        ({"sound": "x" * 200}, [f"sound: {'x' * 100}... (200 characters)"]),
        ({"other": {"a": [1]}}, ['other: {"a": [1]}']),
        ({}, []),
    ],
)
def test_lines(result: dict[str, Any], lines: list[str]) -> None:
    assert list(_report.lines({**PLUMBING, **result}, offset=16000, rate=16000)) == lines


def test_without_a_rate_places_are_frames() -> None:
    result = {"input_size": 10, "sources": [{"index": 3, "yaw": 0.0, "confidence": 1.0}]}
    first, second = _report.lines(result, offset=5)
    assert first == "frame 5  10 frames"
    assert second.startswith("frame 8  yaw   +0.0 deg")

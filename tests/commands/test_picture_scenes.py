from __future__ import annotations

import json
from typing import Any

from audio.commands import _picture_scenes
from audio.commands._draw import Pen
from tests.conftest import FIXTURES

EXPECTED: dict[str, Any] = json.loads((FIXTURES / "visitors.json").read_text())
PEN = Pen(blocks=True)


def entity(seen: float, yaw: float) -> dict[str, Any]:
    return {"full_body_roi_confidence": seen, "gaze": [yaw, 0.0], "gaze_confidence": 0.9}


def test_runs_of_flags_are_spans() -> None:
    assert _picture_scenes.spans([False, True, True, False, True], 0.5) == [(0.5, 1.5), (2.0, 2.5)]
    assert _picture_scenes.spans([], 0.5) == _picture_scenes.spans([False], 0.5) == []


def test_who_is_seen_and_who_looks_is_drawn_where_it_is() -> None:
    held, aside, at_us = entity(0.0, 2.0), entity(0.9, 2.0), entity(0.9, 0.0)
    answers = [{"entities": {"x": one}} for one in [held] * 25 + [aside] * 25 + [at_us] * 25]
    *_, truth, stands, seen, looks = _picture_scenes.timeline(PEN, answers, EXPECTED)
    assert truth.count("━") > stands.count("━") > 0
    assert abs(seen.count("█") - 2 * looks.count("█")) <= 1
    assert seen.index("█") < looks.index("█")


def test_the_figures_stand_beside_the_truth() -> None:
    figures = {"passing_by": 2, "interested": 0, "stop_time": None, "attention_time": 7.5}
    rows = _picture_scenes.compared(EXPECTED, {name: {"value": value} for name, value in figures.items()})
    assert [row[1:] for row in rows] == [("2", "2"), ("1", "0"), ("6.0 s", "none"), ("8.0 s", "7.5 s")]


def test_a_face_in_words() -> None:
    one = {"faces": [{"roi": [1, 2, 3, 4], "roi_confidence": 0.5}]}
    two = {"faces": [{"roi": [1, 2, 3, 4], "roi_confidence": 0.5, "neutral": 0.9, "gaze_yaw": 0.1, "gaze_pitch": 0.0}]}
    (face,) = _picture_scenes.together([one, two])
    assert [name for name, _ in _picture_scenes.facts(PEN, face)] == ["place", "expression", "gaze"]
    assert _picture_scenes.together([{"faces": []}, {"faces": []}]) == []

"""`audio audience` with a clip in place of a camera, whose visitors are known."""

from __future__ import annotations

import re
import time
from typing import Any

import cv2
import pytest

from audio.audience.observation import CONES
from audio.commands import audience
from audio.commands._audience import Audience
from audio.stores import visits
from tests.commands.conftest import Run
from tests.conftest import FIXTURES, RunningGateway

CLIP = FIXTURES / "visitors.mp4"


def stored(gateway: RunningGateway) -> list[Any]:
    with gateway.app.extensions["audio"].database.read() as connection:
        return list(visits.read(connection, gateway.client_id, time.time() - 3600, time.time() + 3600))


def test_who_passes_and_who_stops_is_counted(audio: Run, configured: RunningGateway) -> None:
    before = len(stored(configured))
    code, out, err = audio("audience", CLIP, "--store")
    assert code == 0, err
    *lines, figures = out.splitlines()
    assert figures.startswith("2 passed, 1 stopped and looked; stood 6.")
    assert sum("somebody came" in line for line in lines) == 2
    assert sum(" left after " in line for line in lines) == 2
    assert sum("(interested)" in line for line in lines) == 1
    assert "keeps none of them, and of each visit a row" in err
    assert re.search(r"^75 pictures; 0 were lost", err, re.MULTILINE)
    rows = stored(configured)[before:]
    assert len(rows) == 2
    (told,) = (re.findall(r"stood ([\d.]+) s, looked ([\d.]+) s \(interested\)", out),)
    kept = max(rows, key=lambda row: row.stop)
    assert [float(v) for v in told[0]] == pytest.approx([kept.still_total, kept.look], abs=0.25)


def test_without_a_camera_it_says_so(audio: Run, configured: RunningGateway) -> None:
    code, out, err = audio("audience", "none.mp4")
    assert (code, out) == (1, "") and "none.mp4" in err
    assert "keeps neither them nor anything else" in err


def test_no_window_is_no_riddle(audio: Run, configured: RunningGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: str) -> None:
        raise cv2.error("The function is not implemented")

    monkeypatch.setattr(cv2, "namedWindow", fails)
    code, _, err = audio("audience", CLIP, "--show")
    assert code == 1 and "opencv-python" in err


def seen(identity: str, *events: str) -> dict[str, Any]:
    entity = {"face_roi": [0, 0, 9, 9], "face_roi_confidence": 1, "gaze": [0, 0], "gaze_confidence": 1}
    return {"entities": {identity: entity}, "events": [{"entity_id": identity, "type": e} for e in events]}


def test_who_is_still_there_is_counted_at_the_end() -> None:
    counted = Audience(CONES["facing"])
    for k in range(50):
        list(counted.add(k / 10, seen("a")))
    assert counted.here == 1 and counted.sums.passing_by == 0
    (line,) = counted.end()
    assert line.startswith("somebody left after 4.9 s") and line.endswith("(interested)")
    assert (counted.here, counted.sums.interested) == (0, 1)
    assert audience._figures(counted.sums).startswith("1 passed, 1 stopped and looked; stood ")


def test_who_goes_is_counted_once() -> None:
    counted = Audience(CONES["facing"])
    for k in range(20):
        list(counted.add(k / 10, seen("a")))
    assert len(list(counted.add(2.0, seen("a", "disappearance")))) == 1
    assert list(counted.end()) == [] and counted.sums.passing_by == 1

from __future__ import annotations

import itertools
import json
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest

from audio.client import camera
from audio.commands.watch import say
from tests.commands.conftest import Run
from tests.conftest import RunningGateway


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds at 10 pictures a second: a wall, then a code on it."""
    path = tmp_path_factory.mktemp("video") / "code.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 10, (320, 240))
    code = cv2.copyMakeBorder(cv2.QRCodeEncoder.create().encode("hello"), 4, 4, 4, 4, cv2.BORDER_CONSTANT, value=255)
    large = cv2.resize(code, None, fx=5, fy=5, interpolation=cv2.INTER_NEAREST)
    for k in range(20):
        wall = np.full((240, 320, 3), 100, np.uint8)
        if k >= 10:
            wall[40 : 40 + len(large), 60 : 60 + len(large)] = large[:, :, None]
        writer.write(wall)
    writer.release()
    return path


def test_a_video_loses_nothing_and_has_its_own_time(video: Path) -> None:
    seen = list(camera.frames(str(video), 5, threading.Event()))
    assert len(seen) == 10 and not any(frame.lost for frame in seen)
    steps = {round((b.taken - a.taken).total_seconds(), 3) for a, b in itertools.pairwise(seen)}
    assert steps == {0.2}


def test_what_is_read_is_printed_once(audio: Run, configured: RunningGateway, video: Path) -> None:
    code, out, err = audio("watch", "qrcode_decoder", str(video))
    assert code == 0 and [line.split()[-1] for line in out.splitlines()] == ["hello"]
    assert err == "20 pictures; 0 were lost, as there was no time for them.\n"


def test_every_answer_as_json(audio: Run, configured: RunningGateway, video: Path) -> None:
    code, out, _ = audio("watch", "scene_analysis", str(video), "--json", "--fps", "5")
    answers = [json.loads(line) for line in out.splitlines()]
    assert code == 0 and len(answers) == 10
    assert all(a["events"] == [] for a in answers)


def test_no_camera_and_no_video(audio: Run, configured: RunningGateway, tmp_path: Path) -> None:
    code, _, err = audio("watch", "motion_detection", str(tmp_path / "none.mp4"))
    assert code == 1 and "none.mp4" in err
    code, _, err = audio("watch", "motion_detection", "--fps", "0")
    assert code == 1 and "--fps" in err


def test_an_answer_in_a_line() -> None:
    assert say({"nb_faces": 2, "faces": []}) == "2 faces"
    assert say({"data": "hello", "type": "QRCODE"}) == "hello"
    gone = {"entity_id": "16fd2706-8baf", "type": "disappearance", "key": "face_roi"}
    aged = {"entity_id": "16fd2706-8baf", "type": "age_estimated", "key": "age"}
    entities = {"16fd2706-8baf": {"age": 25, "face_roi": [0, 0, 1, 1]}}
    assert say({"events": [aged, gone], "entities": entities}) == "16fd age_estimated age 25; 16fd disappearance"
    assert say({"events": [], "entities": {}}) == say({}) == ""

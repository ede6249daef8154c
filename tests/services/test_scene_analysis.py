from __future__ import annotations

import uuid
from typing import Any

import numpy as np
import pytest

from audio import image
from audio.errors import BadInput
from audio.image import Image
from audio.services.scene_analysis import EVENTS, SERVICE, visits
from audio.stores import codec
from tests.conftest import FIXTURES

ASTRONAUT = image.decode((FIXTURES / "astronaut.jpg").read_bytes()).rgb
EMPTY = Image(np.full((360, 480, 3), 110, np.uint8))
Answer = dict[str, Any]


class _Data:
    def __init__(self, data: bytes) -> None:
        self.data = data


def somebody(left: int) -> Image:
    """The astronaut in a room of 480 x 360."""
    room = np.full((360, 480, 3), 110, np.uint8)
    small = image.decode(image.encode(Image(ASTRONAUT[: len(ASTRONAUT) // 2 * 2 : 2, ::2]))).rgb
    height, width = (min(n, m) for n, m in zip(small.shape[:2], (360, 480 - left), strict=True))
    room[360 - height :, left : left + width] = small[:height, :width]
    return Image(room)


def watch(frames: list[tuple[float, Image]], **given: Any) -> tuple[list[Answer], dict[str, Any]]:
    """The answers to frames at some times in s, and the last state: each is stored in between, as the gateway does."""
    state: dict[str, Any] = {}
    answers = []
    for second, shown in frames:
        stamp = f"2026-11-28T16:20:{second:09.6f}+00:00"
        inputs = SERVICE.read({"image": _Data(image.encode(shown)), "timestamp": stamp, **given})
        answer, after = SERVICE.compute(inputs, state)
        state = codec.decode(codec.encode(after))
        assert answer["timestamp"] == stamp
        answers.append(answer)
    return answers, state


def told(answers: list[Answer]) -> list[str]:
    return [e["type"] for a in answers for e in a["events"]]


STAYS = [(k / 5, somebody(100)) for k in range(24)]
LEAVES = [(4.8 + k / 5, EMPTY) for k in range(12)]


@pytest.fixture(scope="module")
def visit() -> tuple[list[Answer], dict[str, Any]]:
    return watch(STAYS + LEAVES, sensitivity=dict.fromkeys(EVENTS, 0.7))


def test_somebody_comes_looks_and_goes(visit: tuple[list[Answer], dict[str, Any]]) -> None:
    kinds = told(visit[0])
    assert kinds[0] == "appearance" and kinds[-1] == "disappearance"
    assert kinds.count("appearance") == kinds.count("disappearance") == 1
    assert {"age_estimated", "gender_estimated", "focus_locked"} <= set(kinds)


def test_every_event_has_its_entity_with_its_key(visit: tuple[list[Answer], dict[str, Any]]) -> None:
    for answer in visit[0]:
        for event in answer["events"]:
            assert event["key"] in answer["entities"][event["entity_id"]]
        for identity, entity in answer["entities"].items():
            assert str(uuid.UUID(identity)) == identity
            assert len(entity["face_roi"]) == 4 and entity["direction"] == "unknown"
            assert [len(eye) for eye in entity["face_eye"]] == [2, 2] and len(entity["gaze"]) == 2


def test_who_is_not_found_is_held_with_confidences_of_nothing(visit: tuple[list[Answer], dict[str, Any]]) -> None:
    held = visit[0][len(STAYS) + 1]["entities"]
    (entity,) = held.values()
    assert entity["full_body_roi_confidence"] == entity["face_roi_confidence"] == 0
    assert entity["face_confidence"] == entity["gaze_confidence"] == 0
    left, top, width, height = entity["face_roi"]  # with eyes, as there are clients that draw the gaze of everybody
    assert all(left <= x <= left + width and top <= y <= top + height for x, y in entity["face_eye"])
    assert visit[0][-1]["entities"] == {}


def test_the_visit_is_what_was_seen() -> None:
    _, state = watch(STAYS, sensitivity=dict.fromkeys(EVENTS, 1.0))
    (row,) = visits(state).values()
    assert row.seen == pytest.approx(4.6 - 0.2, abs=0.25) and row.stop > 3 and row.look > 2
    assert row.age is not None and row.gender == "female"
    assert len(codec.encode(state)) < 6400


def test_after_a_gap_everybody_is_somebody_else() -> None:
    late = [(second + 10, shown) for second, shown in STAYS[:8]]
    answers, _ = watch(STAYS[:8] + late)
    assert told(answers[:8]).count("appearance") == 1
    assert told(answers[8:9]) == ["disappearance"]
    assert told(answers[9:]).count("appearance") == 1
    assert len({i for a in answers for i in a["entities"]}) == 2


def test_a_clock_that_runs_backward_stands_still() -> None:
    answers, state = watch([*STAYS[:8], (0.2, somebody(100)), *STAYS[8:12]])
    assert told(answers).count("appearance") == 1 and "disappearance" not in told(answers)
    assert state["clock"] - watch(STAYS[:12])[1]["clock"] == pytest.approx(0, abs=1e-6)


def test_a_clock_that_was_set_back_goes_on_from_there(visit: tuple[list[Answer], dict[str, Any]]) -> None:
    """Somebody who stays meanwhile is the same; one frame's time is lost, and no later one's."""
    back = [(second + 30 if k < 8 else second, shown) for k, (second, shown) in enumerate(STAYS)]
    answers, state = watch(back + LEAVES)
    assert told(answers).count("appearance") == told(answers).count("disappearance") == 1
    assert state["clock"] - 30 == pytest.approx(visit[1]["clock"] - 0.2, abs=1e-6)
    assert len({i for a in answers for i in a["entities"]}) == 1


def test_without_a_session_everybody_appears_and_nobody_goes() -> None:
    inputs = SERVICE.read({"image": _Data(image.encode(somebody(100)))}, received=1e9)
    answer, state = SERVICE.compute(inputs, None)
    assert state is None and told([answer])[:1] == ["appearance"] and "disappearance" not in told([answer])
    assert answer["timestamp"].startswith("2001-09-09")


def test_nobody() -> None:
    answers, state = watch([(0.0, EMPTY), (0.2, EMPTY), (0.4, Image(np.zeros((1, 1), np.uint8)))])
    assert told(answers) == [] and visits(state) == {}
    assert all(a["entities"] == {} for a in answers)


@pytest.mark.parametrize("wrong", [0.5, {"appearance": 2}, {"appearance": "much"}, [], {"focus_locked": True}])
def test_a_wrong_sensitivity_is_refused(wrong: Any) -> None:
    with pytest.raises(BadInput, match="sensitivity"):
        watch([(0.0, EMPTY)], sensitivity=wrong)


def test_a_wrong_place_of_the_camera_is_refused() -> None:
    with pytest.raises(BadInput, match="facing, ceiling"):
        watch([(0.0, EMPTY)], camera_position="floor")

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from audio.image import Image
from audio.services.motion_detection import SERVICE, Inputs
from audio.stores import codec
from tests.vision.test_motion import Pixels, frame


def watch(frames: list[Pixels]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    state: dict[str, Any] = {}
    answers = []
    for pixels in frames:
        answer, after = SERVICE.compute(Inputs(Image(pixels)), state)
        state = codec.decode(codec.encode(after))
        answers.append(answer)
    return answers, state


def test_a_thing_that_moves() -> None:
    answers, state = watch([frame(100 + 8 * k) for k in range(5)])
    assert answers[0] == {"input_size": [400, 280], "nb_targets": 0, "targets": []}
    (target,) = answers[-1]["targets"]
    assert target["mean_velocity"] == pytest.approx([8, 0], abs=0.3)
    assert len(codec.encode(state)) < 96 * 1024


def test_a_large_picture_is_told_in_its_own_pixels() -> None:
    answers, _ = watch([np.kron(frame(100 + 4 * k), np.ones((4, 4), np.uint8)) for k in range(4)])
    (target,) = answers[-1]["targets"]
    assert target["mean_velocity"] == pytest.approx([16, 0], abs=1.5)
    assert target["mean_position"] == pytest.approx([4 * 142, 4 * 145], abs=60)


def test_another_size_begins_anew() -> None:
    answers, _ = watch([frame(100), frame(108)[:200], frame(116)[:200]])
    assert answers[1]["targets"] == []


def test_without_a_session_nothing_moves() -> None:
    answer, state = SERVICE.compute(Inputs(Image(frame(100))), None)
    assert answer["targets"] == [] and state is None

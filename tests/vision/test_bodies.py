from __future__ import annotations

import numpy as np
import pytest

from audio import image
from audio.vision import bodies
from audio.vision.bodies import ONE, TWO, Bodies, Look, chance, detect, fuse, upper
from tests.conftest import FIXTURES

ASTRONAUT = image.decode((FIXTURES / "astronaut.jpg").read_bytes()).rgb


def found(*rows: tuple[float, float, float, float, float]) -> Bodies:
    table = np.array(rows, np.float32).reshape(-1, 5)
    return Bodies(table[:, :4], table[:, 4])


@pytest.mark.parametrize("looks", [ONE, TWO, (Look(416, mirrored=True),)])
def test_the_astronaut(looks: tuple[Look, ...]) -> None:
    seen = detect(ASTRONAUT, looks)
    left, top, width, height = seen.boxes[0]
    size = len(ASTRONAUT)
    assert seen.scores[0] > 0.6 and (len(seen.scores) == 1 or seen.scores[1] < 0.4)
    assert width * height > 0.5 * size * size and left < 0.2 * size and top < 0.1 * size


def test_a_mirrored_picture_gives_mirrored_boxes() -> None:
    wide = np.full((300, 700, 3), 120, np.uint8)
    wide[:300, 380:680] = ASTRONAUT[: len(ASTRONAUT) // 300 * 300 : len(ASTRONAUT) // 300][:300, :300]
    straight, other = detect(wide), detect(wide[:, ::-1], (Look(416, mirrored=True),))
    left = 700 - other.boxes[0, 0] - other.boxes[0, 2]
    assert np.allclose(straight.boxes[0], [left, *other.boxes[0, 1:]], atol=3)


@pytest.mark.parametrize("shape", [(1, 1), (3, 900), (900, 3), (480, 640)])
def test_nobody(shape: tuple[int, int]) -> None:
    assert not (detect(np.full((*shape, 3), 110, np.uint8), TWO).scores >= 0.3).any()


def test_boxes_of_two_looks_become_one_and_who_was_seen_once_counts_less() -> None:
    both = fuse([found((0, 0, 100, 200, 0.8), (300, 0, 50, 90, 0.5)), found((10, 0, 100, 200, 0.4))])
    assert np.allclose(both.boxes, [(10 / 3, 0, 100, 200), (300, 0, 50, 90)], atol=1e-3)
    assert np.allclose(both.scores, [0.8, 0.5 * 0.6])
    assert len(fuse([found(), found()]).scores) == 0


def test_the_upper_body() -> None:
    assert upper([10, 20, 100, 120]) == [10, 20, 100, 120]
    assert upper([10, 20, 100, 200]) == [10, 20, 100, 130]
    assert upper([10, 20, 100, 300]) == [10, 20, 100, 150]


def test_chance_grows_with_the_score() -> None:
    chances = chance(np.linspace(0, 1, 50, dtype=np.float32))
    assert (np.diff(chances) >= 0).all() and chances[0] < 0.01 and chances[-1] > 0.99


def test_the_least_score_is_about_an_even_chance() -> None:
    assert bodies.chance(np.array([0.43], np.float32))[0] == pytest.approx(0.5, abs=0.05)

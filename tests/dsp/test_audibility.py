from __future__ import annotations

import numpy as np
import pytest

from audio.dsp import audibility
from audio.dsp.audibility import AHEAD, EVIDENT_ODDS, EVIDENTLY, HEARD, NOTHING, UNHEARD, UNHEARD_ODDS
from audio.dsp.noise_floor import NoiseFloor
from audio.dsp.sound_bands import BANDS, Windows

STEP = 0.004


def graded(whole: float, audible: float, lasting: float) -> int:
    """One instant over a background of -60 dBFS; in dB over it."""
    powers = [np.full(1, 10 ** ((over - 60) / 10), np.float32) for over in (audible, lasting)]
    levels = np.full((BANDS, 1), whole - 60, np.float32)
    floor = NoiseFloor(np.full(BANDS, 1e-6), np.full(BANDS, -60.0), np.ones(BANDS), 1e-6, -60.0, 0.0)
    windows = Windows(np.zeros(1), np.zeros(1), np.zeros((BANDS, 1), np.float32), *powers)
    return int(audibility.grades(windows, levels, floor)[0])


@pytest.mark.parametrize(
    ("over", "grade"),
    [
        ((0, 0, 0), NOTHING),
        ((30, 0, 0), UNHEARD),
        ((30, 1, 2), HEARD),
        ((30, 7, 0), HEARD),
        ((30, 21, 12), EVIDENTLY),
        ((3, 0, 0), NOTHING),
    ],
)
def test_grades(over: tuple[float, float, float], grade: int) -> None:
    assert graded(*over) == grade


def checked(grades: list[int], linger: float = 0.0) -> tuple[list[float], float]:
    odds = np.full(len(grades), 3, np.float32)
    ahead = np.array(grades + [NOTHING] * AHEAD, np.int8)
    out, left = audibility.checked(odds, ahead, linger, STEP)
    return out.tolist(), left


def test_what_is_too_low_is_no_sound_and_what_is_evident_is_one() -> None:
    assert checked([UNHEARD] * 3 + [NOTHING])[0] == [UNHEARD_ODDS] * 3 + [3]
    assert checked([EVIDENTLY, HEARD])[0] == [EVIDENT_ODDS, 3]


def test_it_may_end_a_sound_for_a_part_of_its_time_and_begin_it() -> None:
    found, left = checked([UNHEARD] * 30 + [HEARD] * 100 + [UNHEARD] * 100)
    assert found[: 30 - AHEAD + 1] == [UNHEARD_ODDS] * (30 - AHEAD + 1)
    assert set(found[30 - AHEAD + 1 : 130 + 59]) == {3}
    assert set(found[-39:]) == {UNHEARD_ODDS}
    assert left == 0


def test_chunks_do_not_matter() -> None:
    grades = np.random.default_rng(4).choice([NOTHING, UNHEARD, HEARD], 300, p=[0.1, 0.7, 0.2]).astype(np.int8)
    ahead = np.concatenate((grades, np.zeros(AHEAD, np.int8)))
    odds = np.full(300, 3, np.float32)
    whole, left = audibility.checked(odds, ahead, 0.0, STEP)
    linger, parts = 0.0, []
    for start in range(0, 300, 7):
        some, linger = audibility.checked(odds[start : start + 7], ahead[start:], linger, STEP)
        parts.append(some)
    assert np.concatenate(parts).tolist() == whole.tolist()
    assert linger == left


def test_no_instants_change_nothing() -> None:
    found, left = audibility.checked(np.zeros(0, np.float32), np.zeros(AHEAD, np.int8), 0.3, STEP)
    assert (len(found), left) == (0, 0.3)

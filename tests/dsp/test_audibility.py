from __future__ import annotations

import numpy as np
import pytest

from audio.dsp import audibility, sound_bands
from audio.dsp.audibility import (
    AROUND,
    BEFORE,
    ENOUGH,
    EVIDENT_ODDS,
    EVIDENTLY,
    HEARD,
    LOWS,
    NOTHING,
    STRONGLY,
    TAIL,
    UNHEARD_ODDS,
)
from audio.dsp.noise_floor import NoiseFloor
from audio.dsp.sound_bands import BANDS, WHOLE
from audio.dsp.sound_events import EDGE
from tests.sounds import pcm16

RATE = 16_000
# Of white noise at -60 dBFS, about.
FLOOR = NoiseFloor(
    np.array([1e-6] * WHOLE + [1e-7] * (BANDS - WHOLE)), np.full(BANDS, -60.0), np.ones(BANDS), 1e-6, 0.0
)


def graded(x: np.ndarray) -> set[int]:
    grid = sound_bands.grid(RATE)
    samples = pcm16(x)
    windows = sound_bands.windows(samples[: len(samples) // grid.block * grid.block].reshape(-1, grid.block), RATE)
    return set(audibility.grades(sound_bands.powers(windows, 0.0), windows.mean, FLOOR).tolist())


def wave(hertz: float, dbfs: float) -> np.ndarray:
    return 10 ** (dbfs / 20) * np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE)


@pytest.mark.parametrize("hertz", [1, 3, 8, 12])
@pytest.mark.parametrize("dbfs", [-40, -25, -10])
def test_lows_are_known_however_strong_and_never_heard(hertz: float, dbfs: float) -> None:
    assert LOWS in graded(wave(hertz, dbfs)) <= {LOWS, NOTHING}


@pytest.mark.parametrize("hertz", [30, 40, 50])
def test_a_thump_is_none(hertz: float) -> None:
    assert LOWS not in graded(wave(hertz, -30))


@pytest.mark.parametrize("hertz", [100, 150, 1000])
def test_what_is_higher_is_heard(hertz: float) -> None:
    assert graded(wave(hertz, -48)) == {HEARD}


def test_a_sound_is_heard_amid_lows() -> None:
    assert graded(wave(8, -20) + wave(1000, -30)) == {EVIDENTLY}
    assert graded(wave(8, -20) + wave(1000, -42)) == {STRONGLY}
    assert graded(wave(1000, -100)) == {NOTHING}


def checked(before: list[int], now: list[int], after: list[int], odds: float = 3) -> list[float]:
    grades = [NOTHING] * (BEFORE - len(before)) + before + now + after + [NOTHING] * (AROUND - len(after))
    return audibility.checked(np.full(len(now), odds, np.float32), np.array(grades, np.int8)).tolist()


def test_lows_are_no_sound_nor_what_is_around_them_and_what_is_evident_is_one() -> None:
    assert checked([], [NOTHING, LOWS, HEARD, EVIDENTLY], []) == [UNHEARD_ODDS, UNHEARD_ODDS, 3, EVIDENT_ODDS]
    assert checked([LOWS], [NOTHING] * (AROUND + 1), []) == [UNHEARD_ODDS] * AROUND + [3]
    assert checked([], [NOTHING] * (AROUND + 1), [LOWS]) == [3] + [UNHEARD_ODDS] * AROUND


def test_nothing_else_is_changed() -> None:
    assert checked([HEARD] * 9, [NOTHING, HEARD] * 5, [HEARD]) == [3] * 10
    assert checked([], [EVIDENTLY, HEARD, NOTHING], []) == [EVIDENT_ODDS, 3, 3]


def test_what_stays_strong_after_an_evident_window_is_part_of_its_sound() -> None:
    assert checked([EVIDENTLY], [STRONGLY, HEARD, STRONGLY], [], odds=-3) == [EDGE, -3, EDGE]
    assert checked([EVIDENTLY], [STRONGLY], []) == [3]
    assert checked([], [EVIDENTLY] + [STRONGLY] * (TAIL + 1), [], odds=-3) == [EVIDENT_ODDS] + [EDGE] * TAIL + [-3]


def test_what_is_strong_before_an_evident_window_or_without_one_is_left() -> None:
    assert checked([], [STRONGLY, EVIDENTLY], [EVIDENTLY], odds=-3) == [-3, EVIDENT_ODDS]
    assert checked([STRONGLY] * 9, [STRONGLY] * 3, [], odds=-3) == [-3] * 3


def test_they_are_part_of_a_sound_of_which_enough_was_heard() -> None:
    assert checked([HEARD] * ENOUGH, [LOWS] * 20, []) == [3] * 20
    assert checked([HEARD] * (ENOUGH - 1), [LOWS] * 20, []) == [UNHEARD_ODDS] * 20
    assert checked([HEARD] * ENOUGH, [LOWS] * (BEFORE + 1), [])[-2:] == [UNHEARD_ODDS] * 2
    assert checked([], [LOWS] * 2, [HEARD] * ENOUGH) == [3, 3]


def test_chunks_do_not_matter() -> None:
    rng = np.random.default_rng(4)
    grades = rng.choice(5, 900, p=[0.94, 0.03, 0.01, 0.01, 0.01]).astype(np.int8)
    odds = rng.normal(0, 3, 900 - BEFORE - AROUND).astype(np.float32)
    whole = audibility.checked(odds, grades)
    parts = [
        audibility.checked(
            odds[start : start + 7], grades[start : start + len(odds[start : start + 7]) + BEFORE + AROUND]
        )
        for start in range(0, len(odds), 7)
    ]
    assert np.concatenate(parts).tolist() == whole.tolist()
    assert len(set(whole.tolist()) - set(odds.tolist())) == 3


def test_no_instants_change_nothing() -> None:
    assert checked([HEARD], [], [LOWS]) == []

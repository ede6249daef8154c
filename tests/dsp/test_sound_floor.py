from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.dsp import sound_floor
from audio.dsp.sound_looks import LOOKS


def heard(levels: NDArray[np.float64], mean: float = 0.0) -> NDArray[np.float64]:
    """The same levels in each look, in dBFS."""
    return np.vstack([levels] * LOOKS + [np.full(len(levels), mean)])


def varied(count: int, dbfs: float, sigma: float) -> NDArray[np.float64]:
    return np.random.default_rng(3).normal(dbfs, sigma, count)


@pytest.mark.parametrize("sigma", [0.5, 2.0, 4.0])
def test_a_background_is_known_by_its_mean_and_spread(sigma: float) -> None:
    levels = varied(sound_floor.MEMORY, -50, sigma)
    background = sound_floor.learn(heard(levels, 0.1))
    assert background.centre == pytest.approx(-50, abs=0.4)
    assert background.spread == pytest.approx(sigma, rel=0.15)
    assert 10 * np.log10(background.power) == pytest.approx(10 * np.log10(np.mean(10 ** (levels / 10))), abs=0.5)
    assert background.total == background.power[0]
    assert background.offset == 0.1


def test_sounds_do_not_count() -> None:
    levels = varied(sound_floor.MEMORY, -50, 1)
    loud = levels.copy()
    loud[100:220] += 25
    with_sounds = sound_floor.learn(heard(loud))
    assert with_sounds.centre == pytest.approx(sound_floor.learn(heard(levels)).centre, abs=0.5)
    assert with_sounds.spread == pytest.approx(1, abs=0.4)


def test_nor_do_their_rise_and_fall() -> None:
    levels = varied(sound_floor.MEMORY, -50, 1)
    fading = heard(levels)
    for start in range(0, sound_floor.MEMORY, 45):
        fading[:, start : start + 16] += np.concatenate((np.linspace(0, 20, 6), np.linspace(20, 0, 10)))
    plain, with_sounds = sound_floor.learn(heard(levels)), sound_floor.learn(fading)
    assert with_sounds.centre == pytest.approx(plain.centre, abs=0.3)
    assert with_sounds.spread == pytest.approx(plain.spread, abs=0.2)


def test_a_window_that_is_loud_in_one_look_counts_in_none() -> None:
    levels = varied(sound_floor.MEMORY, -50, 1)
    both = heard(levels)
    both[0, 100:150] += 20
    both[1:LOOKS, 100:150] += 2
    assert sound_floor.learn(both).centre[1] == pytest.approx(sound_floor.learn(heard(levels)).centre[1], abs=0.1)


def test_a_background_that_a_sound_elsewhere_lowers_is_still_known() -> None:
    levels = np.full((LOOKS, sound_floor.MEMORY), -60.0)
    lowered = slice(-round(0.42 * sound_floor.MEMORY), None)
    levels[0], levels[0, lowered], levels[LOOKS - 1, lowered] = -40.0, -44.2, -20.0
    background = sound_floor.learn(np.concatenate((levels, np.zeros((1, sound_floor.MEMORY)))).astype(np.float32))
    assert 10 * np.log10(background.total) == pytest.approx(-44.2, abs=0.1)
    assert np.isfinite(background.power).all()


def test_a_level_that_stays_becomes_the_background() -> None:
    levels = varied(sound_floor.MEMORY, -60, 0.5)
    levels[-sound_floor.STEADY_FOR + 10 :] += 30
    assert sound_floor.learn(heard(levels)).centre == pytest.approx(-60, abs=0.5)
    levels[-sound_floor.STEADY_FOR :] = varied(sound_floor.STEADY_FOR, -30, 0.5)
    background = sound_floor.learn(heard(levels))
    assert background.centre == pytest.approx(-30, abs=0.5)
    assert 10 * np.log10(background.power) == pytest.approx(-30, abs=0.5)


def test_a_click_does_not_raise_a_steady_background() -> None:
    levels = varied(sound_floor.MEMORY, -60, 0.5)
    levels[-20:-16] += 20
    background = sound_floor.learn(heard(levels))
    assert 10 * np.log10(background.power) == pytest.approx(-60, abs=0.2)


def test_a_young_stream_believes_in_no_loud_background_and_expects_it_to_vary() -> None:
    levels = np.full(sound_floor.SETTLED - 1, -20.0)
    background = sound_floor.learn(heard(levels))
    assert 10 * np.log10(background.total) == pytest.approx(sound_floor.START_CEILING)
    assert (background.spread > 2).all()
    older = sound_floor.learn(heard(np.full(sound_floor.SETTLED, -20.0)))
    assert 10 * np.log10(older.total) == pytest.approx(-20)


def test_digital_silence_has_a_floor() -> None:
    background = sound_floor.learn(heard(np.full(sound_floor.MEMORY, -120.0)))
    assert 10 * np.log10(background.total) == pytest.approx(sound_floor.LOWEST)


def test_only_the_latest_levels_are_remembered() -> None:
    old = heard(np.full(sound_floor.MEMORY, -50.0))
    new = sound_floor.remember(old, np.full((LOOKS, 3), 1e-3), np.full(3, 0.5))
    assert new.shape == (LOOKS + 1, sound_floor.MEMORY)
    assert new[:, -3:] == pytest.approx(np.array([[-30.0] * 3] * LOOKS + [[0.5] * 3]))
    assert new[0, 0] == -50

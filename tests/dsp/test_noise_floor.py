from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.dsp import noise_floor
from audio.dsp.noise_floor import STEP, Levels
from audio.dsp.sound_bands import BANDS, Windows


def known(levels: NDArray[np.float64], mean: int = 0) -> Levels:
    """The same levels in each band, in dBFS."""
    return rounded(np.vstack([levels] * BANDS), mean)


def rounded(levels: NDArray[np.float64], mean: int = 0) -> Levels:
    means = np.full((1, levels.shape[1]), mean)
    return np.concatenate((np.rint(levels / STEP), means)).astype(np.int16)


def varied(count: int, dbfs: float, sigma: float) -> NDArray[np.float64]:
    return np.random.default_rng(3).normal(dbfs, sigma, count)


@pytest.mark.parametrize("sigma", [0.5, 2.0, 4.0])
def test_a_background_is_known_by_its_mean_and_spread(sigma: float) -> None:
    levels = varied(noise_floor.MEMORY, -50, sigma)
    background = noise_floor.estimate(known(levels, 3277))
    assert background.centre == pytest.approx(-50, abs=0.4)
    assert background.spread == pytest.approx(sigma, rel=0.15)
    assert 10 * np.log10(background.power) == pytest.approx(10 * np.log10(np.mean(10 ** (levels / 10))), abs=0.5)
    assert background.total == background.power[0]
    assert background.offset == pytest.approx(0.1, abs=1e-4)


def test_sounds_do_not_count() -> None:
    levels = varied(noise_floor.MEMORY, -50, 1)
    loud = levels.copy()
    loud[100:220] += 25
    with_sounds = noise_floor.estimate(known(loud))
    assert with_sounds.centre == pytest.approx(noise_floor.estimate(known(levels)).centre, abs=0.5)
    assert with_sounds.spread == pytest.approx(1, abs=0.4)


def test_nor_do_their_rise_and_fall() -> None:
    levels = varied(noise_floor.MEMORY, -50, 1)
    fading = known(levels)
    for start in range(0, noise_floor.MEMORY, 45):
        rise = np.concatenate((np.linspace(0, 20, 6), np.linspace(20, 0, 10))) / STEP
        fading[:BANDS, start : start + 16] += np.rint(rise).astype(np.int16)
    plain, with_sounds = noise_floor.estimate(known(levels)), noise_floor.estimate(fading)
    assert with_sounds.centre == pytest.approx(plain.centre, abs=0.3)
    assert with_sounds.spread == pytest.approx(plain.spread, abs=0.2)


def test_a_window_that_is_loud_in_one_band_counts_in_none() -> None:
    levels = varied(noise_floor.MEMORY, -50, 1)
    both = known(levels)
    both[0, 100:150] += round(20 / STEP)
    both[1:BANDS, 100:150] += round(2 / STEP)
    assert noise_floor.estimate(both).centre[1] == pytest.approx(noise_floor.estimate(known(levels)).centre[1], abs=0.1)


def test_a_background_that_a_sound_elsewhere_lowers_is_still_known() -> None:
    levels = np.full((BANDS, noise_floor.MEMORY), -60.0)
    lowered = slice(-round(0.42 * noise_floor.MEMORY), None)
    levels[0], levels[0, lowered], levels[BANDS - 1, lowered] = -40.0, -44.2, -20.0
    background = noise_floor.estimate(rounded(levels))
    assert 10 * np.log10(background.total) == pytest.approx(-44.2, abs=0.1)
    assert np.isfinite(background.power).all()


def test_a_level_that_stays_becomes_the_background() -> None:
    levels = varied(noise_floor.MEMORY, -60, 0.5)
    levels[-noise_floor.STEADY_FOR + 10 :] += 30
    assert noise_floor.estimate(known(levels)).centre == pytest.approx(-60, abs=0.5)
    levels[-noise_floor.STEADY_FOR :] = varied(noise_floor.STEADY_FOR, -30, 0.5)
    background = noise_floor.estimate(known(levels))
    assert background.centre == pytest.approx(-30, abs=0.5)
    assert 10 * np.log10(background.power) == pytest.approx(-30, abs=0.5)


def test_a_click_does_not_raise_a_steady_background() -> None:
    levels = varied(noise_floor.MEMORY, -60, 0.5)
    levels[-20:-16] += 20
    background = noise_floor.estimate(known(levels))
    assert 10 * np.log10(background.power) == pytest.approx(-60, abs=0.2)


def test_a_young_stream_believes_in_no_loud_background_and_expects_it_to_vary() -> None:
    levels = np.full(noise_floor.SETTLED - 1, -20.0)
    background = noise_floor.estimate(known(levels))
    assert 10 * np.log10(background.total) == pytest.approx(noise_floor.START_CEILING)
    assert (background.spread > 2).all()
    older = noise_floor.estimate(known(np.full(noise_floor.SETTLED, -20.0)))
    assert 10 * np.log10(older.total) == pytest.approx(-20)


def test_digital_silence_has_a_floor() -> None:
    background = noise_floor.estimate(known(np.full(noise_floor.MEMORY, -120.0)))
    assert 10 * np.log10(background.total) == pytest.approx(noise_floor.LOWEST)


def test_only_the_latest_levels_are_remembered() -> None:
    old = known(np.full(noise_floor.MEMORY, -50.0))
    windows = Windows(np.full(3, 0.25), np.zeros(3), np.zeros((BANDS, 3), np.float32))
    new = noise_floor.remember(old, np.full((BANDS, 3), -30.0, np.float32), windows)
    assert new.shape == (BANDS + 1, noise_floor.MEMORY)
    assert new[:, -3:].tolist() == [[-3000] * 3] * BANDS + [[8192] * 3]
    assert new[0, 0] == -5000


def test_beeps_of_any_beat_are_no_background() -> None:
    """Each of six windows, with pauses of four to twelve."""
    for pause in (4, 8, 12):
        levels = varied(noise_floor.MEMORY, -60, 0.8)
        levels[np.arange(len(levels)) % (6 + pause) < 6] += 38
        assert noise_floor.estimate(known(levels)).centre == pytest.approx(-60, abs=1.0)


def test_a_step_of_the_converters_offset_does_not_raise_the_bands() -> None:
    levels = np.vstack([varied(noise_floor.MEMORY, -60, 0.8)] * BANDS)
    levels[0, -100:] = -20
    assert 10 * np.log10(noise_floor.estimate(rounded(levels)).power[1:]) == pytest.approx(-60, abs=0.5)


def test_backgrounds_of_consecutive_instants_stand_side_by_side() -> None:
    quiet, loud = (noise_floor.estimate(known(varied(60, dbfs, 1), 100)) for dbfs in (-70, -50))
    assert noise_floor.of_each([quiet], [7]) is quiet
    both = noise_floor.of_each([quiet, loud], [2, 3])
    assert both.power.shape == both.centre.shape == both.spread.shape == (BANDS, 5)
    for instant, one in enumerate([quiet] * 2 + [loud] * 3):
        assert both.power[:, instant].tolist() == one.power.tolist()
        assert both.spread[:, instant].tolist() == one.spread.tolist()
        assert (np.asarray(both.total)[instant], np.asarray(both.offset)[instant]) == (one.total, one.offset)

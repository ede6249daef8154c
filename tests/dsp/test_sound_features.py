from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.dsp import noise_floor, sound_features
from audio.dsp.noise_floor import NoiseFloor
from audio.dsp.sound_bands import BANDS, WHOLE


def background(dbfs: float, spread: float = 2.0) -> NoiseFloor:
    power = np.full(BANDS, 10 ** (dbfs / 10))
    return NoiseFloor(power, np.full(BANDS, dbfs), np.full(BANDS, spread), float(power[0]), 0.0)


def features(levels: NDArray[np.float64], of: NoiseFloor) -> NDArray[np.float32]:
    """Of one instant."""
    column = levels[:, None].astype(np.float32)
    return sound_features.features(10 ** (column / 10), column, of)[0]


def test_the_level_of_everything_does_not_matter() -> None:
    levels = np.linspace(-70, -20, BANDS)
    assert features(levels, background(-50)) == pytest.approx(features(levels - 17, background(-67)), abs=1e-4)


def test_the_background_itself_adds_nothing() -> None:
    found = features(np.full(BANDS, -50.0), background(-50))
    assert found[:BANDS] == pytest.approx(0, abs=1e-4)
    assert found[BANDS : 2 * BANDS] == pytest.approx(0, abs=1e-4)
    assert found[2 * BANDS : 3 * BANDS] == pytest.approx(2)
    assert found[3 * BANDS : 4 * BANDS] == pytest.approx(np.log10(0.01), abs=1e-4)
    assert found[4 * BANDS : -4] == pytest.approx(np.log10(0.02), abs=1e-4)


def test_what_a_sound_adds_counts_where_it_is_well_over_the_background() -> None:
    levels = np.full(BANDS, -50.0)
    levels[[WHOLE, WHOLE + 3]] = -50 + 2 * 4
    found = features(levels, background(-50))
    added = 2 * (10**0.8 - 1)
    # Four spreads over it: over the bars of 2.2 and 3, not over those of 4.5 and 6.5.
    assert found[4 * BANDS : -4] == pytest.approx(np.log10([added + 0.02] * 2 + [0.02] * 2), abs=1e-4)
    # The most and the second are those two, the fourth is none.
    assert found[-4:-1] == pytest.approx([4, 4, 0], abs=1e-4)
    assert found[-1] == pytest.approx(8 / (BANDS - WHOLE), abs=1e-4)


def test_extremes_stay_finite_and_bounded() -> None:
    for level in (-120.0, 0.0):
        for dbfs in (-120.0, 0.0):
            found = features(np.full(BANDS, level), background(dbfs, spread=0.0))
            assert np.isfinite(found).all()
            assert np.abs(found).max() <= 14.1


def test_rows_hold_instants_in_order() -> None:
    some = np.arange(4 * sound_features.FEATURES, dtype=np.float32).reshape(4, sound_features.FEATURES)
    assert sound_features.rows(some).shape == (2, 2 * sound_features.FEATURES)
    assert sound_features.rows(some)[1].tolist() == [*some[2], *some[3]]


def test_instants_over_different_backgrounds_are_as_each_over_its_own() -> None:
    levels = np.random.default_rng(4).uniform(-70, -20, (BANDS, 5)).astype(np.float32)
    powers, floors = 10 ** (levels / 10), [background(-60), background(-45, spread=1.0)]
    together = sound_features.features(powers, levels, noise_floor.of_each(floors, [2, 3]))
    first = sound_features.features(powers[:, :2], levels[:, :2], floors[0])
    second = sound_features.features(powers[:, 2:], levels[:, 2:], floors[1])
    assert np.array_equal(together, np.concatenate((first, second)))

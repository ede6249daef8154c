from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.dsp import sound_cues
from audio.dsp.sound_floor import Background
from audio.dsp.sound_looks import LOOKS, WHOLE


def background(dbfs: float, spread: float = 2.0) -> Background:
    power = np.full(LOOKS, 10 ** (dbfs / 10))
    return Background(power, np.full(LOOKS, dbfs), np.full(LOOKS, spread), float(power[0]), 0.0)


def cues(levels: NDArray[np.float64], of: Background) -> NDArray[np.float32]:
    """Of one instant."""
    return sound_cues.cues(10 ** (levels[:, None] / 10), of)[0]


def test_the_level_of_everything_does_not_matter() -> None:
    levels = np.linspace(-70, -20, LOOKS)
    assert cues(levels, background(-50)) == pytest.approx(cues(levels - 17, background(-67)), abs=1e-4)


def test_the_background_itself_adds_nothing() -> None:
    found = cues(np.full(LOOKS, -50.0), background(-50))
    assert found[:LOOKS] == pytest.approx(0, abs=1e-4)
    assert found[LOOKS : 2 * LOOKS] == pytest.approx(0, abs=1e-4)
    assert found[2 * LOOKS : 3 * LOOKS] == pytest.approx(2)
    assert found[3 * LOOKS : 4 * LOOKS] == pytest.approx(np.log10(0.01), abs=1e-4)
    assert found[4 * LOOKS : -4] == pytest.approx(np.log10(0.02), abs=1e-4)


def test_what_a_sound_adds_counts_where_it_is_well_over_the_background() -> None:
    levels = np.full(LOOKS, -50.0)
    levels[[WHOLE, WHOLE + 3]] = -50 + 2 * 4
    found = cues(levels, background(-50))
    added = 2 * (10**0.8 - 1)
    # Four spreads over it: over the bars of 2.2 and 3, not over those of 4.5 and 6.5.
    assert found[4 * LOOKS : -4] == pytest.approx(np.log10([added + 0.02] * 2 + [0.02] * 2), abs=1e-4)
    # The most and the second are those two, the fourth is none.
    assert found[-4:-1] == pytest.approx([4, 4, 0], abs=1e-4)
    assert found[-1] == pytest.approx(8 / (LOOKS - WHOLE), abs=1e-4)


def test_extremes_stay_finite_and_bounded() -> None:
    for level in (-120.0, 0.0):
        for dbfs in (-120.0, 0.0):
            found = cues(np.full(LOOKS, level), background(dbfs, spread=0.0))
            assert np.isfinite(found).all()
            assert np.abs(found).max() <= 14.1


def test_rows_hold_instants_in_order() -> None:
    some = np.arange(4 * sound_cues.CUES, dtype=np.float32).reshape(4, sound_cues.CUES)
    assert sound_cues.rows(some).shape == (2, 2 * sound_cues.CUES)
    assert sound_cues.rows(some)[1].tolist() == [*some[2], *some[3]]

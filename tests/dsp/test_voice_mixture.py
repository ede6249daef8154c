from __future__ import annotations

import numpy as np
import pytest

from audio.dsp.voice_features import BANDS, FEATURES
from audio.dsp.voice_mixture import State, mix

HOPS = 200


def rows(lowest_level: float, low_rise: float) -> np.ndarray:
    """Of a voice whose bass is that loud re its middle, and rises that much over its floor."""
    out = np.zeros((HOPS, FEATURES), np.float32)
    out[:, 0] = lowest_level
    out[:, BANDS : 2 * BANDS] = 5
    out[:, BANDS : BANDS + 3] = low_rise
    return out


FIRST, SECOND = np.full(HOPS, -3, np.float32), np.full(HOPS, 3, np.float32)


@pytest.mark.parametrize("lowest_level", [0.0, -1.0, -3.0])
def test_a_voice_of_the_whole_band_is_the_firsts(lowest_level: float) -> None:
    odds, _ = mix(State(), rows(lowest_level, 7), FIRST, SECOND, covered=True)
    assert odds[-1] < 0


@pytest.mark.parametrize(("lowest_level", "low_rise"), [(-8.0, 5.0), (-10.0, 8.0), (0.0, 0.5)])
def test_a_voice_without_bass_is_the_seconds(lowest_level: float, low_rise: float) -> None:
    odds, _ = mix(State(), rows(lowest_level, low_rise), FIRST, SECOND, covered=True)
    assert odds[-1] > 1


def test_a_voice_whose_bass_is_covered_is_the_firsts_where_that_hears_through() -> None:
    odds, _ = mix(State(), rows(0.0, 0.5), FIRST, SECOND, covered=False)
    assert odds[-1] < 0
    odds, _ = mix(State(), rows(-8.0, 5.0), FIRST, SECOND, covered=False)
    assert odds[-1] > 1


@pytest.mark.parametrize("covered", [True, False])
@pytest.mark.parametrize("at", [[0], [1, 60], [77, 78, 150]])
def test_chunks_do_not_matter_and_the_odds_are_between(at: list[int], covered: bool) -> None:
    rng = np.random.default_rng(3)
    some = rng.normal(2, 2, (HOPS, FEATURES)).astype(np.float32)
    first, second = rng.normal(0, 3, (2, HOPS)).astype(np.float32)
    whole, _ = mix(State(), some, first, second, covered=covered)
    state, parts = State(), []
    for r, f, s in zip(*(np.split(each, at) for each in (some, first, second)), strict=True):
        part, state = mix(state, r, f, s, covered=covered)
        parts.append(part)
    assert np.allclose(np.concatenate(parts), whole, atol=1e-5)
    assert np.all((whole <= np.maximum(first, second) + 1e-5) & (whole >= np.minimum(first, second) - 1e-5))


def test_silence_and_no_hops_give_finite_odds() -> None:
    assert len(mix(State(), rows(0, 0)[:0], FIRST[:0], SECOND[:0], covered=True)[0]) == 0
    assert np.all(
        np.isfinite(mix(State(), np.zeros((HOPS, FEATURES), np.float32), FIRST, -100 * SECOND, covered=True)[0])
    )

from __future__ import annotations

import itertools

import numpy as np
import pytest

from audio.dsp import sound_bands
from audio.dsp.level import power_to_dbfs
from audio.dsp.sound_bands import Windows
from tests.sounds import noise, pcm16

RATES = [8000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000]


def windows(samples: np.ndarray, rate: int) -> Windows:
    """Of whole blocks."""
    grid = sound_bands.grid(rate)
    blocks = samples[: len(samples) // grid.block * grid.block].reshape(-1, grid.block)
    return sound_bands.windows(blocks, rate)


def levels(x: np.ndarray, rate: int, offset: float = 0.0) -> np.ndarray:
    """The mean level of each band, in dBFS."""
    return power_to_dbfs(sound_bands.powers(windows(pcm16(x), rate), offset).mean(axis=1))


def tone(rate: int, frequency: float) -> np.ndarray:
    return 0.1 * np.sqrt(2) * np.sin(2 * np.pi * frequency * np.arange(2 * rate) / rate)


@pytest.mark.parametrize("rate", RATES)
def test_blocks_and_windows_are_as_long_as_they_say(rate: int) -> None:
    grid = sound_bands.grid(rate)
    assert 0.0035 < grid.step < 0.0071
    assert grid.width * grid.step == pytest.approx(0.02, abs=0.0035)
    assert grid.time(0) == pytest.approx(grid.width % 2 / 2 * grid.step)


MIDDLES = [
    (rate, band, np.sqrt(edge * end))
    for rate in RATES
    for band, (edge, end) in enumerate(itertools.pairwise([*sound_bands.EDGES, 9000]))
    if np.sqrt(edge * end) < 0.45 * rate
]


@pytest.mark.parametrize(("rate", "band", "middle"), MIDDLES)
def test_a_tone_is_in_its_band_and_far_below_in_others(rate: int, band: int, middle: float) -> None:
    ends = [*sound_bands.EDGES[1:], 9000]
    found = levels(tone(rate, middle), rate)
    assert found[:2] == pytest.approx(-20, abs=0.3)
    assert found[sound_bands.WHOLE + band] > -22
    far = [i for i, end in enumerate(ends) if sound_bands.EDGES[i] > 3 * middle or end < middle / 3]
    assert (found[sound_bands.WHOLE :][far] < -70).all()


@pytest.mark.parametrize("rate", RATES)
def test_rumble_is_only_in_the_first_band(rate: int) -> None:
    found = levels(tone(rate, 10.0), rate)
    assert found[0] == pytest.approx(-20, abs=3)
    assert (found[1:] < -28).all()


@pytest.mark.parametrize("rate", RATES)
def test_the_bands_of_noise_add_up_to_almost_all_of_it(rate: int) -> None:
    found = 10 ** (levels(noise(2 * rate, -30), rate) / 10)
    assert found[sound_bands.WHOLE :].sum() == pytest.approx(found[1], rel=0.04)


@pytest.mark.parametrize("rate", [8000, 44_100])
def test_where_a_stream_is_cut_does_not_matter(rate: int) -> None:
    grid, samples = sound_bands.grid(rate), pcm16(noise(rate, -30))
    whole = windows(samples, rate)
    for start in (1, 7, 30):
        some = windows(samples[start * grid.block :], rate)
        assert some.mean == pytest.approx(whole.mean[start:], rel=1e-12)
        assert some.bands == pytest.approx(whole.bands[:, start:], rel=1e-4)


def test_an_offset_is_only_in_the_first_band_and_can_be_taken_away() -> None:
    x = noise(16_000, -60)
    plain, shifted = levels(x, 16_000), levels(x + 0.25, 16_000)
    assert shifted[0] == pytest.approx(20 * np.log10(0.25), abs=0.01)
    assert shifted[1:] == pytest.approx(plain[1:], abs=0.02)
    assert levels(x + 0.25, 16_000, offset=0.25)[0] == pytest.approx(plain[0], abs=0.05)

from __future__ import annotations

import numpy as np
import pytest

from audio.dsp import sound_looks
from audio.dsp.level import power_to_dbfs
from tests.sounds import noise, pcm16

RATES = [8000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000]


def levels(x: np.ndarray, rate: int, offset: float = 0.0) -> np.ndarray:
    """The mean level of each look, in dBFS."""
    grid = sound_looks.grid(rate)
    sums = sound_looks.blocks(pcm16(x), grid.block)
    count = sums.shape[1] - grid.width + 1
    return power_to_dbfs(sound_looks.powers(*sound_looks.windows(sums, count, grid), offset).mean(axis=1))


def tone(rate: int, frequency: float) -> np.ndarray:
    return 0.1 * np.sqrt(2) * np.sin(2 * np.pi * frequency * np.arange(2 * rate) / rate)


@pytest.mark.parametrize("rate", RATES)
def test_blocks_and_windows_are_as_long_as_they_say(rate: int) -> None:
    grid = sound_looks.grid(rate)
    assert 0.0035 < grid.step < 0.0071
    assert grid.width * grid.step == pytest.approx(0.02, abs=0.0035)
    assert grid.time(0) == pytest.approx(grid.width % 2 / 2 * grid.step)


@pytest.mark.parametrize("rate", RATES)
def test_a_tone_is_in_the_band_around_it(rate: int) -> None:
    lowest = 0.75 * rate / sound_looks.grid(rate).block
    for octave in range(5):
        found = levels(tone(rate, lowest * 2**octave), rate)
        assert found[:2] == pytest.approx(-20, abs=0.1)
        assert np.argmax(found[sound_looks.WHOLE :]) == sound_looks.BANDS - 2 - octave
        assert found[sound_looks.WHOLE :].max() > -23


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(("frequency", "looks"), [(10.0, [0]), (60.0, [0, 1])])
def test_rumble_is_in_no_band_but_the_last(rate: int, frequency: float, looks: list[int]) -> None:
    found = levels(tone(rate, frequency), rate)
    assert found[looks] == pytest.approx(-20, abs=3)
    assert (found[sound_looks.WHOLE : -1] < -23).all()


@pytest.mark.parametrize("rate", RATES)
def test_the_bands_add_up_to_all_of_it(rate: int) -> None:
    grid = sound_looks.grid(rate)
    sums = sound_looks.blocks(pcm16(noise(rate, -30) + tone(rate, 300)[:rate]), grid.block)
    _, looks = sound_looks.windows(sums, sums.shape[1] - grid.width + 1, grid)
    assert looks[sound_looks.WHOLE :].sum(axis=0) == pytest.approx(looks[1], rel=1e-6)
    assert (looks > -1e-12).all()


def test_an_offset_is_only_in_the_first_look_and_can_be_taken_away() -> None:
    x = noise(16_000, -60)
    plain, shifted = levels(x, 16_000), levels(x + 0.25, 16_000)
    assert shifted[0] == pytest.approx(20 * np.log10(0.25), abs=0.01)
    assert shifted[1:] == pytest.approx(plain[1:], abs=0.02)
    assert levels(x + 0.25, 16_000, offset=0.25)[0] == pytest.approx(plain[0], abs=0.05)


def test_a_window_that_begins_before_the_stream_is_of_what_there_is() -> None:
    grid = sound_looks.grid(16_000)
    sums = sound_looks.blocks(np.full(grid.block, 8192, np.int16), grid.block)
    means, looks = sound_looks.windows(sums, 1, grid)
    assert means == pytest.approx(0.25)
    assert looks[:, 0] == pytest.approx([0.0625] + [0] * (sound_looks.LOOKS - 1))


def test_less_than_a_block_is_none() -> None:
    assert sound_looks.blocks(np.zeros(63, np.int16), 64).shape == (sound_looks.SUMS, 0)

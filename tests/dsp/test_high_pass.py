from __future__ import annotations

import numpy as np
import pytest

from audio.dsp import high_pass, sound_bands
from tests.sounds import noise, pcm16

RATES = [8000, 11_025, 16_000, 44_100, 48_000, 192_000]


def filtered(samples: np.ndarray, rate: int) -> np.ndarray:
    grid = sound_bands.grid(rate)
    blocks = samples[: len(samples) // grid.block * grid.block].reshape(-1, grid.block)
    state = high_pass.begin(samples[: grid.window], rate, grid.block)
    return high_pass.filtered(state, blocks, rate, 0)[0].reshape(-1)


def gain(rate: int, frequency: float) -> float:
    """In dB, once it has begun."""
    tone = pcm16(0.25 * np.sin(2 * np.pi * frequency * np.arange(3 * rate) / rate))
    found = filtered(tone, rate)[rate:]
    return float(20 * np.log10(found.std() / tone.std()))


@pytest.mark.parametrize("rate", RATES)
def test_below_hearing_nothing_is_left_and_above_all(rate: int) -> None:
    assert gain(rate, 4) < -50
    assert gain(rate, 8) < -40
    assert gain(rate, 15) < -25
    assert -8 < gain(rate, 40) < -3
    assert gain(rate, 80) > -2.5
    assert gain(rate, 1000) == pytest.approx(0, abs=0.2)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("offset", [-20_000, 7, 20_000])
def test_an_offset_from_the_beginning_leaves_no_trace(rate: int, offset: int) -> None:
    assert np.abs(filtered(np.full(rate, offset, np.int16), rate)).max() < 0.01


@pytest.mark.parametrize("rate", RATES)
def test_a_step_dies_away(rate: int) -> None:
    step = np.where(np.arange(rate) < rate // 2, 0, 8000).astype(np.int16)
    assert np.abs(filtered(step, rate)[rate // 2 + rate // 8 :]).max() < 8


def test_where_a_stream_is_cut_does_not_matter() -> None:
    rate = 16_000
    grid, samples = sound_bands.grid(rate), pcm16(noise(rate, -30) + 0.1)
    blocks = samples.reshape(-1, grid.block)
    state = high_pass.begin(samples[: grid.window], rate, grid.block)
    whole, last = high_pass.filtered(state, blocks, rate, len(blocks))
    for cut in (1, 10, 100):
        _, between = high_pass.filtered(state, blocks, rate, cut)
        later, after = high_pass.filtered(between, blocks[cut:], rate, len(blocks) - cut)
        assert later == pytest.approx(whole[cut:], abs=0.01)
        assert after == pytest.approx(last, rel=1e-5)

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.client.resample import StreamResampler
from audio.pcm import Samples
from benchmarks.resampling import alias, signal_to_noise, sine, streamed

RATES = [8000, 16_000, 32_000, 44_100, 48_000, 96_000]


def noise(frames: int, channels: int = 1) -> Samples:
    return np.random.default_rng(3).integers(-20_000, 20_000, (frames, channels)).astype(np.int16)


def pieces(sound: Samples, sizes: list[int], resampler: StreamResampler) -> Samples:
    """The sound, cut into pieces of these sizes over and over, resampled one after the other."""
    out, position, turn = [], 0, 0
    while position < len(sound):
        end = position + sizes[turn % len(sizes)]
        out.append(resampler.resample(sound[position:end], last=end >= len(sound)))
        position, turn = end, turn + 1
    return np.concatenate(out)


@pytest.mark.parametrize("rate", RATES)
def test_a_sine_stays_clean_and_what_cannot_be_held_is_gone(rate: int) -> None:
    assert signal_to_noise(streamed(sine(997, rate), rate), 997) > 85
    for frequency in (9000, 12_000, 20_000):
        if frequency < rate / 2:
            assert alias(streamed, frequency, rate) < -85


@pytest.mark.parametrize("rate", RATES)
def test_no_frame_more_or_less(rate: int) -> None:
    assert len(pieces(noise(3 * rate), [8192], StreamResampler(rate, 16_000, 1))) == 48_000


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 5000), min_size=1, max_size=5), st.sampled_from(RATES))
def test_pieces_give_what_the_whole_gives(sizes: list[int], rate: int) -> None:
    sound = noise(rate // 2, 2)
    whole = StreamResampler(rate, 16_000, 2).resample(sound, last=True)
    assert np.array_equal(pieces(sound, sizes, StreamResampler(rate, 16_000, 2)), whole)


def test_equal_rates_change_nothing() -> None:
    sound = noise(100)
    assert StreamResampler(16_000, 16_000, 1).resample(sound) is sound


def test_after_the_last_piece_it_is_as_new() -> None:
    resampler = StreamResampler(48_000, 16_000, 1)
    first = resampler.resample(noise(4800), last=True)
    assert np.array_equal(resampler.resample(noise(4800), last=True), first)


def test_cleared_it_has_forgotten() -> None:
    resampler = StreamResampler(48_000, 16_000, 1)
    resampler.resample(noise(4800))
    resampler.clear()
    assert not resampler.resample(np.zeros((4800, 1), np.int16), last=True).any()


def test_full_scale_does_not_wrap() -> None:
    square = np.where(np.arange(48_000) // 40 % 2, 32_767, -32_768).astype(np.int16)[:, None]
    out = StreamResampler(48_000, 16_000, 1).resample(square, last=True).astype(int)
    assert np.mean(np.abs(out) > 25_000) > 0.9
    assert np.corrcoef(out[:, 0], square[::3, 0])[0, 1] > 0.95


def test_nothing_gives_nothing() -> None:
    assert StreamResampler(48_000, 16_000, 2).resample(noise(0, 2), last=True).shape == (0, 2)

from __future__ import annotations

import numpy as np
import pytest

from audio.dsp.gcc import correlate, microphone_pair, spectra, steer


@pytest.mark.parametrize("rate", [16000, 44100, 48000, 192000])
@pytest.mark.parametrize("baseline", [0.01, 0.14, 1.0, 10.0])
def test_steered_sum_is_greatest_at_the_true_angle(rate: int, baseline: float) -> None:
    pair = microphone_pair(rate, baseline, 343.2)
    true = len(pair.yaw) // 3
    cross = np.exp(2j * np.pi * pair.frequency * pair.lag[true])[None].astype(np.complex64)
    assert abs(int(np.argmax(steer(correlate(cross, pair), pair)[0])) - true) <= 1


def test_left_is_positive() -> None:
    pair = microphone_pair(48000, 0.3, 343.2)
    noise = np.random.default_rng(1).normal(0, 0.1, 8212).astype(np.float32)
    sound = np.stack([noise[20:], noise[:-20]])  # the right channel is 20 frames later
    bins = spectra(sound, pair)
    cross = bins[:, 0] * bins[:, 1].conj()
    best = int(np.argmax(steer(correlate(cross / np.abs(cross), pair), pair).sum(axis=0)))
    assert pair.yaw[best] == pytest.approx(np.arcsin(20 / 48000 * 343.2 / 0.3), abs=0.02)


def test_the_grid_reaches_from_end_to_end() -> None:
    for baseline in (0.01, 0.06, 1.0, 10.0):
        pair = microphone_pair(48000, baseline, 343.2)
        assert pair.yaw[0] == pytest.approx(-np.pi / 2)
        assert pair.yaw[-1] == pytest.approx(np.pi / 2)
        assert pair.block == 8192


def test_too_few_frames_have_no_window() -> None:
    pair = microphone_pair(48000, 0.14, 343.2)
    assert spectra(np.zeros((2, pair.width - 1), np.float32), pair).shape == (0, 2, len(pair.frequency))

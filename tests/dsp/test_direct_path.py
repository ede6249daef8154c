from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from audio.dsp import direct_path
from audio.dsp.direct_path import Described, WeightedBins
from audio.dsp.gcc import Floats, Pair, microphone_pair, spectra

PAIR = microphone_pair(48000, 0.14, 343.2)


def windows(sound: Floats, pair: Pair = PAIR) -> list[Any]:
    """The spectra of each block of a sound (2, frames)."""
    blocks = sound.shape[1] // pair.block
    return [
        spectra(sound[:, max(0, k * pair.block - pair.overlap) : (k + 1) * pair.block], pair) for k in range(blocks)
    ]


def own_noise(blocks: int, level: float = 0.01) -> Floats:
    return np.random.default_rng(1).normal(0, level, (2, blocks * PAIR.block)).astype(np.float32)


def diffuse_noise(blocks: int, level: float = 0.01) -> Floats:
    """Noise with the coherence of a spherically isotropic field."""
    one, other = own_noise(blocks, level)
    frequency = np.fft.rfftfreq(len(one), 1 / PAIR.rate)
    alike = np.sinc(2 * frequency * PAIR.baseline / PAIR.speed)
    mixed = alike * np.fft.rfft(one) + np.sqrt(1 - alike**2) * np.fft.rfft(other)
    return np.stack([one, np.fft.irfft(mixed, len(one))]).astype(np.float32)


def late(source: Floats, frames: int) -> Floats:
    """A source that the right microphone hears `frames` later."""
    return np.stack([source, np.roll(source, frames)]).astype(np.float32)


def estimate(sound: Floats) -> list[WeightedBins]:
    state: dict[str, Any] = {}
    out = []
    for bins in windows(sound):
        weighted, state = direct_path.estimate(bins, state, PAIR)
        out.append(weighted)
    return out


def describe(sound: Floats) -> Described:
    """The last block of a sound."""
    state: dict[str, Any] = {}
    for bins in windows(sound):
        described, state = direct_path.describe(bins, state, PAIR)
    return described


@pytest.mark.parametrize("frames", [-15, 0, 10])
def test_phase_is_that_of_what_rises_above_the_noise(frames: int) -> None:
    sound = own_noise(6)
    sound[:, -PAIR.block :] += late(np.random.default_rng(2).normal(0, 0.3, PAIR.block).astype(np.float32), frames)
    weighted = estimate(sound)[-1]
    expected = np.exp(2j * np.pi * PAIR.frequency * frames / PAIR.rate)
    likeness = np.real(weighted.phase * expected.conj())
    assert (weighted.weight * likeness).sum() > 0.8 * weighted.weight.sum()


def test_what_rises_above_the_noise_weighs_more_than_noise() -> None:
    sound = own_noise(6)
    sound[:, -PAIR.block :] += late(np.random.default_rng(2).normal(0, 0.3, PAIR.block).astype(np.float32), 5)
    *noise, talk = estimate(sound)
    assert talk.weight.sum() > 10 * noise[-1].weight.sum()
    assert talk.rise.mean() > 2
    assert abs(noise[-1].rise.mean()) < 0.3


def test_noise_of_each_microphone_is_told_from_diffuse_noise() -> None:
    low = PAIR.frequency < 600
    own, diffuse = (describe(noise(20)).everywhere[:, low].mean() for noise in (own_noise, diffuse_noise))
    assert abs(own) < 0.25
    assert diffuse == pytest.approx(PAIR.alike[low].mean(), abs=0.25)


def test_what_rises_far_above_the_noise_has_a_diffuse_room() -> None:
    sound = own_noise(6)
    sound[:, -PAIR.block :] += late(np.random.default_rng(2).normal(0, 1, PAIR.block).astype(np.float32), 5)
    assert describe(sound).everywhere[-1] == pytest.approx(PAIR.alike, abs=0.05)


def test_what_does_not_pause_becomes_noise() -> None:
    sound = own_noise(50, 0.001)
    sound[:, 10 * PAIR.block :] *= 100
    weighted = estimate(sound)
    assert weighted[10].rise.mean() > 2
    assert weighted[-1].rise.mean() < 0.3


def test_too_little_sound_is_described_as_one_window() -> None:
    assert describe(own_noise(1)).features.shape[1] == 7

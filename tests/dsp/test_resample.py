from __future__ import annotations

import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from audio.dsp import resample
from audio.dsp.resample import Position

RATES = [8000, 11_025, 12_345, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000, 192_000]


def whole(x: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    return np.concatenate(in_pieces([x], rate))


def in_pieces(pieces: list[NDArray[np.float32]], rate: int) -> list[NDArray[np.float32]]:
    """What each piece makes known, and last the rest, when silence has followed."""
    position, out = Position.begin(rate), []
    frames = sum(map(len, pieces))
    wanted = -(-frames * resample.BLOCKS_PER_SECOND // rate) * resample.BLOCK if rate != resample.RATE else frames
    silence = np.zeros(int(resample.needed(np.array([wanted]), rate)[0]) - frames, np.float32)
    for piece in [*pieces, silence]:
        some, position = resample.resample(position, piece, rate)
        out.append(some)
    return out


def tone(hertz: float, rate: int, seconds: float) -> NDArray[np.float32]:
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def db(x: NDArray[np.float32]) -> float:
    return float(10 * np.log10(np.mean(np.square(x, dtype=np.float64)) / 0.125 + 1e-20))


@pytest.mark.parametrize("rate", RATES)
def test_a_tone_stays_where_and_what_it_is(rate: int) -> None:
    out = whole(tone(1000, rate, 1), rate)
    assert abs(len(out) - 16_000) <= resample.BLOCK
    assert db((out[:16_000] - tone(1000, 16_000, 1))[500:-500]) < -85


@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000, 192_000])
def test_what_lies_above_does_not_fold_back(rate: int) -> None:
    assert db(whole(tone(9100, rate, 1), rate)[500:-500]) < -80


def test_noise_agrees_with_soxr() -> None:
    x = np.random.default_rng(1).standard_normal(48_000).astype(np.float32) * np.float32(0.1)
    low = soxr.resample(soxr.resample(x, 48_000, 12_000), 12_000, 48_000).astype(np.float32)
    other = soxr.resample(low, 48_000, 16_000)
    ours = whole(low, 48_000)[: len(other)]
    assert np.max(np.abs(ours - other)[500:-500]) < 1e-4


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(RATES), st.lists(st.integers(0, 3000), max_size=12), st.integers(0, 2**32 - 1))
def test_chunks_do_not_matter(rate: int, sizes: list[int], seed: int) -> None:
    x = np.random.default_rng(seed).uniform(-1, 1, sum(sizes)).astype(np.float32)
    parts = in_pieces(np.split(x, np.cumsum(sizes)[:-1]) if sizes else [], rate)
    assert np.allclose(np.concatenate(parts), whole(x, rate), atol=1e-6)


@pytest.mark.parametrize("rate", RATES)
def test_needed_says_when_a_sample_is_known(rate: int) -> None:
    for count in (1, 40, 41, 256, 5000):
        frames = int(resample.needed(np.array([count], np.int64), rate)[0])
        known = len(resample.resample(Position.begin(rate), np.zeros(frames, np.float32), rate)[0])
        before = len(resample.resample(Position.begin(rate), np.zeros(frames - 1, np.float32), rate)[0])
        assert before < count <= known


def test_what_is_held_is_short() -> None:
    _, position = resample.resample(Position.begin(48_000), np.zeros(480_000, np.float32), 48_000)
    assert len(position.held) < 500

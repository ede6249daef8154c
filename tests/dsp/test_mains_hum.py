from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from audio.dsp.mains_hum import State, remove
from tests.sounds import noise, vowel

RATE = 16_000
Array = NDArray[np.float32]


def hum(mains: float, seconds: float, step: int = 1) -> NDArray[np.float64]:
    time = np.arange(round(seconds * RATE)) / RATE
    return sum(0.02 / k * np.sin(2 * np.pi * mains * k * time + k * k) for k in range(1, 25, step))


def without(sound: NDArray[np.float64]) -> Array:
    return remove(State.begin(), sound.astype(np.float32))[0]


def decibels(sound: NDArray[np.floating]) -> float:
    return float(10 * np.log10(np.mean(sound**2)))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 9000), min_size=1, max_size=12))
def test_chunks_do_not_matter(sizes: list[int]) -> None:
    sound = (hum(50, 3) + vowel(RATE, 3, -30)).astype(np.float32)
    whole, _ = remove(State.begin(), sound)
    state, parts = State.begin(), []
    for chunk in np.split(sound, np.cumsum(sizes)[np.cumsum(sizes) < len(sound)]):
        part, state = remove(state, chunk)
        parts.append(part)
    assert np.array_equal(np.concatenate(parts), whole)


@pytest.mark.parametrize(("mains", "step"), [(50, 1), (60, 1), (50, 2), (60, 2), (50.005, 1)])
def test_hum_is_taken_out_within_seconds(mains: float, step: int) -> None:
    sound = hum(mains, 5, step) + noise(5 * RATE, -70)
    assert decibels(without(sound)[3 * RATE :]) < decibels(sound) - 15


@pytest.mark.parametrize("mains", [50, 60])
def test_a_voice_in_hum_stays(mains: float) -> None:
    voice = np.concatenate((np.zeros(3 * RATE), vowel(RATE, 2, -26, pitch=127)))
    out = without(hum(mains, 5) + voice + noise(5 * RATE, -70))[3 * RATE :]
    assert decibels(out - voice[3 * RATE :]) < decibels(voice[3 * RATE :]) - 6


@pytest.mark.parametrize(
    "sound",
    [np.zeros(3 * RATE), noise(3 * RATE, -30), vowel(RATE, 3, -26), vowel(RATE, 3, -26, pitch=211)],
    ids=["silence", "noise", "a voice", "a higher voice"],
)
def test_where_there_is_no_hum_nothing_changes(sound: NDArray[np.float64]) -> None:
    assert np.array_equal(without(sound), sound.astype(np.float32))


@pytest.mark.parametrize("pitches", [(350, 440), (400,), (440, 480), (600,)])
def test_tones_are_no_hum(pitches: tuple[int, ...]) -> None:
    time = np.arange(3 * RATE) / RATE
    sound = sum(0.1 * np.sin(2 * np.pi * pitch * time) for pitch in pitches)
    assert np.array_equal(without(sound), np.asarray(sound, np.float32))


def test_hum_that_ends_is_not_put_in() -> None:
    sound = np.concatenate((hum(50, 3), np.zeros(3 * RATE))) + noise(6 * RATE, -70)
    assert decibels(without(sound)[5 * RATE :]) < -69

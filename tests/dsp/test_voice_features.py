from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from audio.dsp import voice_features
from audio.dsp.voice_features import BANDS, FEATURES, HOP, RATE, State, features
from tests.sounds import noise, vowel

PERIODICITY, STEADY = 2 * BANDS, slice(2 * BANDS + 2, FEATURES)


def rows(sound: NDArray[np.float64]) -> NDArray[np.float32]:
    return features(State.begin(), sound[: len(sound) // HOP * HOP].astype(np.float32))[0]


def chord(seconds: float, glide: float = 0.0) -> NDArray[np.float64]:
    time = np.arange(int(seconds * RATE)) / RATE
    bend = time + glide * time**2 / 2
    return sum(0.05 * np.sin(2 * np.pi * pitch * bend) for pitch in (262, 330, 392, 524, 660, 1310, 1650))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=8))
def test_chunks_do_not_matter(hops: list[int]) -> None:
    sound = (vowel(RATE, 1.6, -20) + noise(100 * HOP, -50)).astype(np.float32)
    whole, whole_still, _ = features(State.begin(), sound)
    state, parts, stills = State.begin(), [], []
    for chunk in np.split(sound, np.cumsum(hops)[np.cumsum(hops) < 100] * HOP):
        part, still, state = features(state, chunk)
        parts.append(part)
        stills.append(still)
    assert np.allclose(np.concatenate(parts), whole, atol=1e-3)
    assert np.array_equal(np.concatenate(stills), whole_still)


def test_the_level_does_not_matter() -> None:
    sound = vowel(RATE, 2, -20) + noise(2 * RATE, -35)
    assert np.allclose(rows(sound), rows(sound / 4), atol=0.2)


def test_a_voice_is_periodic_and_noise_is_not() -> None:
    voiced, noisy = rows(vowel(RATE, 2, -20))[10:, PERIODICITY], rows(noise(RATE, -20))[10:, PERIODICITY]
    assert np.median(voiced) > np.median(noisy) + 0.2


def test_what_a_stuck_converter_gives_has_no_period() -> None:
    assert np.all(rows(np.full(RATE, 0.99))[2:, PERIODICITY : PERIODICITY + 2] == 0)


def test_music_holds_its_tones_and_a_glide_does_not() -> None:
    held, gliding, noisy = (
        rows(sound)[20:, STEADY].mean(axis=0) for sound in (chord(1.0), chord(1.0, glide=0.6), noise(RATE, -20))
    )
    assert np.all(held > 0.9)
    assert np.all(gliding[2:] < 0.6)
    assert np.all(np.abs(noisy) < 0.2)


def test_silence_gives_finite_numbers() -> None:
    assert np.all(np.isfinite(rows(np.zeros(RATE))))
    assert rows(np.zeros(RATE)).shape[1] == voice_features.FEATURES


def still(sound: NDArray[np.float64]) -> NDArray[np.bool_]:
    return features(State.begin(), sound[: len(sound) // HOP * HOP].astype(np.float32))[1]


@pytest.mark.parametrize("pitch", [350, 425, 1000, 2730])
def test_a_tone_stands_still(pitch: float) -> None:
    tone = 0.1 * np.sin(2 * np.pi * pitch * np.arange(RATE) / RATE) + noise(RATE, -65)
    assert np.all(still(tone)[4:])


@pytest.mark.parametrize(
    "sound",
    [np.zeros(RATE), noise(RATE, -30), vowel(RATE, 2, -20), vowel(RATE, 2, -20, pitch=210), chord(1.0, glide=0.6)],
    ids=["silence", "noise", "a voice", "a higher voice", "a glide"],
)
def test_a_voice_does_not(sound: NDArray[np.float64]) -> None:
    assert np.mean(still(sound)) < 0.02

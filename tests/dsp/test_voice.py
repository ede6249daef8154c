from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.dsp import voice
from tests.sounds import noise, pcm16, vowel

SOUND = pcm16(np.concatenate((noise(24_000, -50), vowel(16_000, 1.5, -20), noise(16_000, -50))))


def test_a_vowel_gets_votes_and_silence_none() -> None:
    votes, _ = voice.votes(voice.Heard.begin(), SOUND)
    assert len(votes) == len(SOUND) // voice.FRAME
    assert votes[55:95].mean() > 0.5
    assert not voice.votes(voice.Heard.begin(), np.zeros(48_000, np.int16))[0].any()


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 9000), min_size=1, max_size=10))
def test_chunks_do_not_matter(sizes: list[int]) -> None:
    whole, _ = voice.votes(voice.Heard.begin(), SOUND)
    heard, parts = voice.Heard.begin(), []
    for chunk in np.split(SOUND, np.cumsum(sizes)):
        votes, heard = voice.votes(heard, chunk)
        parts.append(votes)
        assert len(heard.samples) <= voice.WARM_UP + voice.PERIOD + voice.FRAME
    assert np.array_equal(np.concatenate(parts), whole)

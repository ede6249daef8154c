from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.dsp.voice_activity import holds, padded

RATE = 16_000
SIZE = 2720


def chunk(start: float, end: float, size: int = SIZE) -> np.ndarray:
    """Voiced from one share of it to another."""
    out = np.zeros(size, bool)
    out[round(start * size) : round(end * size)] = True
    return out


@pytest.mark.parametrize("size", [1, 16, 400, SIZE, 8192, 160_000])
def test_all_of_a_chunk_is_enough_and_nothing_is_not(size: int) -> None:
    whole = chunk(0, 1, size)
    assert holds(whole, whole, False, RATE)
    assert holds(whole, ~whole, True, RATE)
    assert not holds(~whole, whole, True, RATE)


def test_the_end_of_a_word_in_the_chunk_before_is_none() -> None:
    assert not holds(chunk(0, 0.3), chunk(0, 0.3), True, RATE)
    assert holds(chunk(0.7, 1), chunk(0.7, 1), True, RATE)


def test_to_start_a_voice_takes_a_sure_one() -> None:
    voiced, nothing = chunk(0.5, 1), chunk(0, 0)
    assert not holds(voiced, nothing, False, RATE)
    assert holds(voiced, chunk(0.9, 1), False, RATE)
    assert holds(voiced, nothing, True, RATE)


def test_no_frames_hold_none() -> None:
    assert not holds(chunk(0, 0, 0), chunk(0, 0, 0), True, RATE)


spans = st.tuples(st.floats(0, 1), st.floats(0, 1))


@given(spans, spans, spans, st.booleans())
def test_more_never_holds_less(
    voiced: tuple[float, float], sure: tuple[float, float], more: tuple[float, float], before: bool
) -> None:
    if holds(chunk(*voiced), chunk(*sure), before, RATE):
        assert holds(chunk(*voiced) | chunk(*more), chunk(*sure) | chunk(*more), before, RATE)
        assert holds(chunk(*voiced), chunk(*sure), True, RATE)


def test_what_is_owed_outlasts_a_shorter_pad() -> None:
    voiced = np.zeros(100, bool)
    voiced[40:50] = True
    out, owed = padded(voiced, 250, 0)
    assert out.all()
    assert owed == 150

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from audio.dsp.gate import Gate, Limits, decide

NEVER = 1e9


def on(scores: str, limits: Limits) -> str:
    """Digits are scores; x: open, X: sure."""
    out, _ = decide(Gate(), np.array([int(c) for c in scores], np.float32), limits)
    return "".join("X" if sure else "x" if is_open else "." for is_open, sure in out)


def test_opens_above_the_upper_and_closes_below_the_lower_limit() -> None:
    assert on("0595450", Limits(5, 4, 1, 1, NEVER)) == ".xxxxx."
    assert on("4444", Limits(5, 4, 1, 1, NEVER)) == "...."


def test_attack_and_release() -> None:
    assert on("0909990", Limits(5, 4, 3, 1, NEVER)) == ".....x."
    assert on("9009000", Limits(5, 4, 1, 3, NEVER)) == "xxxxxx."


def test_sure_once_enough_has_added_up_and_until_it_closes() -> None:
    assert on("0666440", Limits(5, 4, 1, 1, proof=2)) == ".xXXXX."
    assert on("0646460", Limits(5, 4, 1, 1, proof=2)) == ".xxxxx."
    assert on("0606666", Limits(5, 4, 1, 1, proof=3)) == ".x.xxXX"
    assert on("064446660", Limits(5, 4, 1, 1, proof=3)) == ".xxxxxxX."


scores = st.lists(st.floats(-10, 10, width=32), max_size=60)
frames = st.integers(1, 5)


@given(scores, st.integers(0, 60), frames, frames)
def test_chunks_do_not_matter(values: list[float], cut: int, attack: int, release: int) -> None:
    x, limits = np.array(values, np.float32), Limits(1, -1, attack, release, 6)
    whole, end = decide(Gate(), x, limits)
    first, between = decide(Gate(), x[:cut], limits)
    second, last = decide(between, x[cut:], limits)
    assert np.array_equal(whole, np.concatenate((first, second)))
    assert end == last


@given(scores, st.floats(0, 5), st.floats(0, 5), frames, frames)
def test_lower_limits_never_find_less(values: list[float], by: float, also: float, attack: int, release: int) -> None:
    x = np.array(values, np.float32)
    less, _ = decide(Gate(), x, Limits(2, 1, attack, release, 6))
    more, _ = decide(Gate(), x, Limits(2 - by, 1 - by - also, attack, release, 6))
    assert not np.any(less & ~more)

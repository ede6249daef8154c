from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.dsp import framing


@given(st.integers(8000, 192_000), st.integers(1, 400), st.integers(0, 10**9))
def test_a_block_is_complete_from_its_end_on(rate: int, per_second: int, block: int) -> None:
    end = framing.edge(block + 1, rate, per_second)
    assert framing.complete(end, rate, per_second) >= block + 1
    assert framing.complete(end - 1, rate, per_second) <= block


def test_edges_are_those_of_edge() -> None:
    assert framing.edges(3, 4, 11_025, 100).tolist() == [framing.edge(k, 11_025, 100) for k in range(3, 7)]


def test_cut() -> None:
    whole, rest = framing.cut(np.arange(11), 4)
    assert whole.tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert rest.tolist() == [8, 9, 10]
    assert framing.cut(np.zeros((0, 2)), 4)[0].shape == (0, 4, 2)
    with pytest.raises(ValueError, match="at least one"):
        framing.cut(np.arange(3), 0)


@pytest.mark.parametrize(
    ("mask", "spans"),
    [("", []), ("0", []), ("1", [(0, 1)]), ("0110100", [(1, 3), (4, 5)]), ("1101", [(0, 2), (3, 4)])],
)
def test_runs(mask: str, spans: list[tuple[int, int]]) -> None:
    assert framing.runs(np.array([c == "1" for c in mask], bool)) == spans

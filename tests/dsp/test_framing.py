from __future__ import annotations

import numpy as np
import pytest

from audio.dsp import framing


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

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.dsp.voice_neural import BLOCK, WITNESSES, Memory, each_hop, probabilities
from tests.sounds import noise, vowel

HOP = BLOCK // 2
HOPS = 125
SOUND = (np.concatenate((np.zeros(16_000), vowel(16_000, 1, -20))) + noise(32_000, -60)).astype(np.float32)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(0, HOPS), max_size=6))
def test_chunks_do_not_matter(cuts: list[int]) -> None:
    whole, _ = each_hop(Memory.begin(), SOUND, HOPS)
    memory, parts = Memory.begin(), []
    for chunk in np.split(SOUND, np.array(sorted(cuts), int) * HOP):
        part, memory = each_hop(memory, chunk, len(chunk) // HOP)
        parts.append(part)
    assert whole.shape == (HOPS, WITNESSES)
    assert np.array_equal(np.concatenate(parts), whole)


def test_a_hop_knows_the_last_whole_block() -> None:
    found, _ = probabilities(Memory.begin(), SOUND)
    each, _ = each_hop(Memory.begin(), SOUND, HOPS)
    told = 1 / (1 + np.exp(-each[1::2, 0]))
    assert np.allclose(told, np.clip(found, 1e-4, 1 - 1e-4)[: len(told)], atol=1e-4)
    assert np.array_equal(each[1:-1:2], each[2::2])

"""Ten minutes in one call: memory stays bounded."""

from __future__ import annotations

import tracemalloc

import numpy as np

from audio.pcm import Pcm
from audio.services import state as codec
from audio.services.base import Service
from tests.contract import samples

# Ten minutes of 16 kHz mono in float64 take 77 MB, of 48 kHz stereo 460 MB.
MOST = 192 * 2**20


def test_ten_minutes(hearing: Service) -> None:
    piece = samples.lively(hearing, 6.0).samples
    inputs = samples.typed(hearing, Pcm(np.concatenate([piece] * 100), samples.rate(hearing)))
    tracemalloc.start()
    try:
        output, state = hearing.compute(inputs, {})
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MOST, f"{peak / 2**20:.0f} MB"
    assert any(len(v) >= 100 for v in output.values() if isinstance(v, list))
    assert len(codec.encode(state)) <= samples.largest_state(hearing)

"""Ten minutes in one call: memory stays bounded."""

from __future__ import annotations

import tracemalloc

import numpy as np

from audio.pcm import Pcm
from audio.services.base import Service
from audio.stores import codec
from tests.contract import samples, timeline

# Ten minutes of 16 kHz mono in float64 take 77 MB, of 48 kHz stereo 460 MB.
MOST = 192 * 2**20


def test_ten_minutes(hearing: Service) -> None:
    """Sound at both ends, and silence between them."""
    rate, lively = samples.rate(hearing), samples.lively(hearing, 4.0).samples
    silence = np.zeros((600 * rate - 2 * len(lively), lively.shape[1]), np.int16)
    inputs = samples.typed(hearing, Pcm(np.concatenate([lively, silence, lively]), rate))
    tracemalloc.start()
    try:
        output, state = hearing.compute(inputs, {})
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MOST, f"{peak / 2**20:.0f} MB"
    assert len(codec.encode(state)) <= samples.largest_state(hearing)
    found = next((value for value in output.values() if isinstance(value, list)), None)
    if found is None:
        assert timeline.running(output)
        return
    places = [item.get("index", item.get("start")) / rate for item in found]
    assert min(places) < 4
    assert max(places) < 600
    assert not any(5 < place < 595 for place in places)

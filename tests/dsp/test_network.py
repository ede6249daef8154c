from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.dsp import network, sound, sound_features, voice_features, voice_silero
from audio.services import voice_detection, voice_detection_2

MODELS = [
    (sound.MODEL, sound_features.PER_ROW * sound_features.FEATURES),
    *((name, voice_features.FEATURES) for name in voice_detection.MODELS),
    *((name, voice_features.FEATURES + voice_silero.FEATURES) for name in voice_detection_2.MODELS),
]
shipped = pytest.mark.parametrize(("name", "columns"), MODELS)


@shipped
@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 90), min_size=1, max_size=6))
def test_chunks_do_not_matter(name: str, columns: int, cuts: list[int]) -> None:
    model = network.load(name)
    rows = np.random.default_rng(1).standard_normal((100, columns)).astype(np.float32)
    whole, _ = network.score(model, network.begin(model), rows)
    memory, parts = network.begin(model), []
    for part in np.split(rows, sorted(cuts)):
        odds, memory = network.score(model, memory, part)
        parts.append(odds)
    assert np.allclose(np.concatenate(parts), whole, atol=1e-3)


@shipped
def test_the_slow_memory_is_the_recurrence_it_is_said_to_be(name: str, columns: int) -> None:
    model = network.load(name)
    x = np.abs(np.random.default_rng(2).standard_normal((37, model.width))).astype(np.float32)
    known = slow = np.full(model.width, 0.5, np.float32)
    for row, found in zip(x, network._remember(model, slow, x), strict=True):
        keep, fresh = np.split(row @ model.slow + model.slow_bias, 2)
        keep = 1 / (1 + np.exp(-keep))
        known = keep * known + (1 - keep) * np.maximum(fresh, 0)
        assert np.allclose(found, known, atol=1e-4)


@shipped
def test_what_comes_later_changes_nothing_before(name: str, columns: int) -> None:
    model = network.load(name)
    rows = np.random.default_rng(3).standard_normal((60, columns)).astype(np.float32)
    other = rows.copy()
    other[40:] += 1
    one, two = (network.score(model, network.begin(model), some)[0] for some in (rows, other))
    assert np.allclose(one[:40], two[:40], atol=1e-4)
    assert not np.allclose(one[40:], two[40:], atol=1e-4)

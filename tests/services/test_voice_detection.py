"""Both versions: they share their contract."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from audio.dsp import network, voice_silero
from audio.pcm import Pcm
from audio.services import voice_detection, voice_detection_2
from audio.services.base import Service
from tests.sounds import alone, gap, noise, pcm16, session, vowel

MODELS = (network.load, voice_silero.load)
both = pytest.mark.parametrize("service", [voice_detection.SERVICE, voice_detection_2.SERVICE], ids=["1", "2"])
LEGAL = {"SILENCE": {"SILENCE", "ON"}, "ON": {"VOICE", "OFF"}, "VOICE": {"VOICE", "OFF"}, "OFF": {"SILENCE", "ON"}}
LOW = 0.95


def example(rate: int = 16_000) -> NDArray[np.int16]:
    silence = noise(2 * rate, -65)
    return pcm16(np.concatenate((silence, vowel(rate, 2, -22) + noise(2 * rate, -65), silence)))


def voiced(answers: list[dict[str, Any]], frames: int) -> NDArray[np.bool_]:
    out = np.zeros(frames, bool)
    for answer in answers:
        for segment in answer["segments"]:
            assert 0 <= segment["start"] < segment["end"]
            out[answer["at"] + segment["start"] : answer["at"] + segment["end"]] = True
    return out


@both
@pytest.mark.parametrize(
    "samples", [np.zeros(0), np.zeros(1), np.zeros(9000), np.full(9000, 32767), np.full(9000, -32768)]
)
def test_odd_sounds_hold_no_voice(service: Service, samples: NDArray[Any]) -> None:
    answer = alone(service, samples.astype(np.int16), 16_000)
    assert answer["voice_activity"] == "SILENCE"
    assert answer["segments"] == []
    assert -120 <= answer["level"] <= 0


@both
def test_noise_is_no_voice(service: Service) -> None:
    assert alone(service, pcm16(noise(5 * 16_000, -40)), 16_000)["voice_activity"] == "SILENCE"


@both
@settings(max_examples=12, deadline=None)
@given(st.data())
def test_chunks_do_not_matter(service: Service, data: st.DataObject) -> None:
    rate = data.draw(st.sampled_from([8000, 11_025, 16_000, 44_100, 48_000]))
    sizes = data.draw(st.lists(st.sampled_from([1, 160, 1000, 2730, 8192]), min_size=1, max_size=15))
    samples = example(rate)[rate : 4 * rate]
    whole = voiced(session(service, samples, rate, [10**7], sensitivity=LOW), len(samples))
    parts = voiced(session(service, samples, rate, [*sizes, 8192], sensitivity=LOW), len(samples))
    assert np.array_equal(whole, parts)


@both
@pytest.mark.parametrize("size", [400, 2720, 8192])
def test_labels_come_in_a_legal_order_and_agree_with_the_spans(service: Service, size: int) -> None:
    answers = session(service, example(), 16_000, [size], sensitivity=LOW)
    labels = [a["voice_activity"] for a in answers]
    assert labels[0] in ("SILENCE", "ON")
    assert all(after in LEGAL[before] for before, after in pairwise(labels))
    before = False
    for answer in answers:
        late = min(512, size // 5)
        spoken = sum(s["end"] - max(s["start"], late) for s in answer["segments"] if s["end"] > late)
        enough, now = spoken >= min(0.2 * size, 1280), answer["voice_activity"] in ("ON", "VOICE")
        assert now == enough or (enough and not before)
        before = now
    assert "ON" in labels and "VOICE" in labels


@both
def test_more_sensitivity_never_finds_less(service: Service) -> None:
    before = np.zeros(len(example()), bool)
    for sensitivity in np.linspace(0, 1, 6):
        now = voiced([{**alone(service, example(), 16_000, sensitivity=float(sensitivity)), "at": 0}], len(before))
        assert not np.any(before & ~now)
        before = now


@both
@pytest.mark.parametrize("size", [2720, 8192])
def test_more_sensitivity_never_gives_fewer_labels_of_a_voice(service: Service, size: int) -> None:
    before = np.zeros(-(-len(example()) // size), bool)
    for sensitivity in np.linspace(0, 1, 6):
        answers = session(service, example(), 16_000, [size], sensitivity=float(sensitivity))
        now = np.array([a["voice_activity"] in ("ON", "VOICE") for a in answers])
        assert not np.any(before & ~now)
        before = now


@both
def test_a_hole_is_forgotten_and_its_labels_stay_legal(service: Service) -> None:
    assert service.skip is not None
    _, state = service.compute(service.inputs(sound=Pcm(example()[:48_000, None], 16_000), sensitivity=LOW), {})
    assert state is not None
    before = state["voice"]
    empty = Pcm(np.zeros((4000, 1), np.int16), 16_000)
    after, _ = service.compute(service.inputs(sound=empty), service.skip(state, gap(32_000, 16_000)))
    assert after["voice_activity"] == ("OFF" if before else "SILENCE")
    assert after["segments"] == []


@both
def test_the_state_is_small_and_not_changed(service: Service) -> None:
    samples = example()
    _, state = service.compute(service.inputs(sound=Pcm(samples[:40_000, None], 16_000)), {})
    assert state is not None
    chunk = service.inputs(sound=Pcm(samples[40_000:60_000, None], 16_000))
    first, one = service.compute(chunk, state)
    second, other = service.compute(chunk, state)
    assert first == second
    assert size(one) == size(other) < 100_000


def size(value: Any) -> int:
    if isinstance(value, dict):
        return sum(map(size, value.values()))
    if isinstance(value, list):
        return sum(map(size, value))
    if isinstance(value, np.ndarray):
        return value.nbytes
    assert value is None or isinstance(value, bool | int | float | str | bytes)
    return 8


@both
def test_padding_lengthens_spans_across_chunks(service: Service) -> None:
    plain = voiced(session(service, example(), 16_000, [2720], sensitivity=LOW), len(example()))
    padded = voiced(session(service, example(), 16_000, [2720], sensitivity=LOW, speech_pad_ms=30.0), len(example()))
    assert not np.any(plain & ~padded)
    ends = np.flatnonzero(plain[:-1] & ~plain[1:])
    assert all(padded[end + 1 : end + 481].all() for end in ends)


@both
def test_no_request_waits_for_a_model(service: Service) -> None:
    for load in MODELS:
        load.cache_clear()
    assert service.prepare is not None
    service.prepare()
    loaded = [load.cache_info().misses for load in MODELS]
    alone(service, example(), 16_000)
    assert [load.cache_info().misses for load in MODELS] == loaded

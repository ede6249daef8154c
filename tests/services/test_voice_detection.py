"""Both versions: they share their contract."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from audio import wav
from audio.dsp import network, voice_silero
from audio.pcm import Pcm
from audio.services import voice_detection, voice_detection_2
from audio.services.base import Service
from tests.conftest import FIXTURES
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


SENTENCES = wav.decode((FIXTURES / "voice.wav").read_bytes()).samples[:, 0]
RATE = 16_000
# In the fixture: in the water before anybody speaks, within the second sentence, in the water after it.
BEFORE, AMID, AFTER = 0, round(8.4 * RATE), len(SENTENCES)


def spoken() -> NDArray[np.bool_]:
    out = np.zeros(len(SENTENCES), bool)
    for span in json.loads((FIXTURES / "voice.json").read_text())["voice"]:
        out[round(span["start"] * RATE) : round(span["end"] * RATE)] = True
    return out


def recall(service: Service, samples: NDArray[np.int16], rate: int = RATE) -> float:
    """The share of the fixture's sentences that is found in what became of it."""
    found = voiced(session(service, samples, rate, [8192]), len(samples))
    truth = spoken()[np.minimum(np.arange(len(samples)) * RATE // rate, len(SENTENCES) - 1)]
    return float(np.mean(found[truth]))


@both
@pytest.mark.parametrize("at", [BEFORE, round(1.1 * RATE), round(5.5 * RATE), AMID, AFTER])
@pytest.mark.parametrize("seconds", [0.2, 2, 15])
def test_digital_silence_leaves_the_answer_to_the_rest_as_it_was(service: Service, at: int, seconds: float) -> None:
    plain = voiced(session(service, SENTENCES, RATE, [8192]), len(SENTENCES))
    zeros = np.zeros(round(seconds * RATE), np.int16)
    found = voiced(session(service, np.insert(SENTENCES, at, zeros), RATE, [8192]), len(SENTENCES) + len(zeros))
    rest = np.delete(found, slice(at, at + len(zeros)))
    assert np.count_nonzero(rest != plain) <= 0.15 * RATE
    assert not found[at + round(0.15 * RATE) + 80 : at + len(zeros)].any()


@both
@settings(max_examples=10, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 20_000), st.integers(1, 6000)), min_size=1, max_size=6),
    st.lists(st.sampled_from([1, 79, 80, 160, 1000, 2730, 8192]), min_size=1, max_size=12),
)
def test_chunks_do_not_matter_where_there_are_holes(
    service: Service, holes: list[tuple[int, int]], sizes: list[int]
) -> None:
    samples = SENTENCES[2 * RATE : 2 * RATE + 24_000].copy()
    for start, length in holes:
        samples[start : start + length] = 0
    whole = voiced(session(service, samples, RATE, [10**7]), len(samples))
    parts = voiced(session(service, samples, RATE, [*sizes, 8192]), len(samples))
    assert np.array_equal(whole, parts)


@both
def test_a_muted_microphone_ends_a_voice(service: Service) -> None:
    muted = SENTENCES[: 6 * RATE].copy()
    muted[round(3.5 * RATE) :] = 0
    labels = [a["voice_activity"] for a in session(service, muted, RATE, [2720])]
    assert "ON" in labels and labels[-1] == "SILENCE"
    assert labels.count("OFF") == labels.count("ON")


def band(samples: NDArray[np.int16], low: float, high: float) -> NDArray[np.float64]:
    """What lies between two frequencies in Hz, as a share of full scale."""
    spectrum = np.fft.rfft(samples / 32768)
    frequency = np.fft.rfftfreq(len(samples), 1 / RATE)
    return np.fft.irfft(spectrum * ((frequency >= low) & (frequency <= high)), len(samples))


def over_a_line(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    """At 8 kHz, 300 to 3400 Hz, in the 256 steps of mu-law."""
    x = band(samples, 300, 3400)[::2]
    steps = np.round(127 * np.sign(x) * np.log1p(255 * np.abs(x)) / np.log(256)) / 127
    return pcm16(np.sign(steps) * (256 ** np.abs(steps) - 1) / 255)


@both
@pytest.mark.parametrize("low", [150, 250, 300])
def test_a_voice_without_its_lows_is_a_voice(service: Service, low: float) -> None:
    assert recall(service, pcm16(band(SENTENCES, low, 8000))) > recall(service, SENTENCES) - 0.1


@both
def test_a_voice_on_the_telephone_is_a_voice(service: Service) -> None:
    assert recall(service, over_a_line(SENTENCES), 8000) > recall(service, SENTENCES) - 0.1


@both
@pytest.mark.parametrize(("mains", "harmonics", "step"), [(50, 40, 1), (60, 30, 1), (50, 19, 2)])
def test_a_voice_in_the_hum_of_the_mains_is_a_voice(service: Service, mains: int, harmonics: int, step: int) -> None:
    time = np.arange(len(SENTENCES)) / RATE
    hum = sum(np.sin(2 * np.pi * mains * k * time + k * k) / k for k in range(1, harmonics, step))
    assert recall(service, pcm16(SENTENCES / 32768 + hum / np.std(hum) * 10 ** (-26 / 20))) > 0.7


def keyed(pitches: tuple[float, ...], on: float, off: float) -> NDArray[np.float64]:
    """Tones together, on and off, for twenty seconds."""
    time = np.arange(20 * RATE) / RATE
    return sum(np.sin(2 * np.pi * pitch * time) for pitch in pitches) * (time % (on + off) < on) * 0.1


def struck(partials: tuple[float, ...], decay: float, apart: float) -> NDArray[np.float64]:
    """A bell, again and again, for twenty seconds."""
    time = np.arange(20 * RATE) / RATE % apart
    return sum(np.sin(2 * np.pi * pitch * time) for pitch in partials) * np.exp(-time / decay) * 0.1


TONES = {
    "American ringing": keyed((440, 480), 2, 4),
    "American busy": keyed((480, 620), 0.5, 0.5),
    "British ringing": keyed((400, 450), 0.4, 0.2),
    "dial": keyed((350, 440), 3, 0.5),
    "a key": keyed((770, 1336), 0.2, 0.6),
    "a lorry that reverses": keyed((1250,), 0.5, 0.5),
    "a church bell": struck((220, 440, 528, 660, 880), 1.2, 2.5),
    "a bicycle bell": struck((2150, 2900, 4300), 0.25, 1.7),
    "a door bell": struck((659, 1318), 0.5, 2.2),
}


@both
@pytest.mark.parametrize("name", TONES)
def test_tones_of_machines_start_no_voice(service: Service, name: str) -> None:
    sound = pcm16(TONES[name] + noise(20 * RATE, -65))
    assert "ON" not in [a["voice_activity"] for a in session(service, sound, RATE, [8192])]

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from audio.errors import BadInput
from audio.pcm import Pcm
from audio.services.sound_localization import SERVICE, Inputs, compute
from tests.sounds import gap

RATE = 48000
BASELINE = 0.14


def talk(yaw: float, seconds: float, rate: int = RATE, *, level: float = 3000, noise: float = 30, seed: int = 1) -> Pcm:
    """Bursts of noise from `yaw` radians, as a talker has syllables, after half a second; and noise."""
    random = np.random.default_rng(seed)
    frames = round(seconds * rate)
    time = np.arange(frames) / rate
    loud = np.where(time < 0.5, 0, np.abs(np.sin(2 * np.pi * 3 * time))) ** 2
    spectrum = np.fft.rfft(random.normal(0, 1, frames) * loud)
    frequency = np.fft.rfftfreq(frames, 1 / rate)
    spectrum *= (frequency > 150) * np.minimum(1, 1000 / np.maximum(frequency, 1))
    lag = BASELINE * math.sin(yaw) / 343.2
    pair = [np.fft.irfft(spectrum * np.exp(-1j * np.pi * frequency * s * lag), frames) for s in (-1, 1)]
    sound = np.stack(pair, axis=1)
    sound = sound / np.abs(sound).max() * level * 4 + random.normal(0, noise, sound.shape)
    return Pcm(np.clip(np.round(sound), -32768, 32767).astype(np.int16), rate)


def hear(pcm: Pcm, state: dict[str, Any] | None = None, **given: float) -> dict[str, Any]:
    return compute(Inputs(pcm, **{"baseline": BASELINE, **given}), state)[0]


def in_chunks(pcm: Pcm, frames: int) -> list[dict[str, Any]]:
    """The sources of a session, fed `frames` frames at a time."""
    state: dict[str, Any] | None = {}
    sources = []
    for chunk in pcm.chunks(frames):
        output, state = compute(Inputs(chunk, BASELINE), state)
        sources += output["sources"]
    return sources


@pytest.mark.parametrize("yaw", [-1.2, -0.4, 0.0, 0.3, 1.0])
def test_positive_is_left(yaw: float) -> None:
    sources = hear(talk(yaw, 3), {})["sources"]
    assert len(sources) > 5
    assert all(abs(s["yaw"] - yaw) < math.radians(3) for s in sources)
    assert all(s["tdoa"] == pytest.approx(BASELINE * math.sin(s["yaw"]) / 343.2, abs=1e-6) for s in sources)


@pytest.mark.parametrize("frames", [1, 8192, 160_000])
def test_a_session_may_begin_with_a_hole(frames: int) -> None:
    assert SERVICE.skip is not None
    pcm = talk(0.5, 2)
    output, _ = compute(Inputs(pcm, BASELINE), SERVICE.skip({}, gap(frames, RATE, 2)))
    assert output["sources"]
    for source in output["sources"]:
        assert source["time"] == pytest.approx((frames + source["index"]) / RATE)


def test_the_first_of_several_blocks_needs_more_than_one_alone() -> None:
    block = Pcm(talk(0.5, 2).samples[40000:48192], RATE)
    alone, [first] = hear(block)["sources"][0], hear(block, {})["sources"][:1]
    odds = [math.log(s["confidence"] / (1 - s["confidence"])) for s in (alone, first)]
    assert odds[0] - odds[1] == pytest.approx(1.0)
    assert alone["yaw"] == first["yaw"]


@pytest.mark.parametrize("frames", [160, 1000, 2730, 8192])
def test_chunked_equals_whole(frames: int) -> None:
    pcm = talk(0.5, 1.5)
    whole, cut = in_chunks(pcm, pcm.frames), in_chunks(pcm, frames)
    assert len(whole) == len(cut) > 0
    for one, other in zip(whole, cut, strict=True):
        assert all(one[k] == pytest.approx(other[k], abs=1e-9) for k in ("time", "yaw", "confidence", "level"))


def test_frame_by_frame_equals_whole() -> None:
    pcm = Pcm(talk(0.5, 1).samples[20000:38000], RATE)
    whole, cut = in_chunks(pcm, pcm.frames), in_chunks(pcm, 1)
    assert [s["time"] for s in whole] == [s["time"] for s in cut]
    assert whole
    assert all(one["yaw"] == pytest.approx(other["yaw"], abs=1e-9) for one, other in zip(whole, cut, strict=True))


def test_ten_minutes_at_once() -> None:
    pcm = Pcm(np.concatenate([np.zeros((597 * RATE, 2), np.int16), talk(0.5, 3).samples]), RATE)
    output = hear(pcm)
    heard = [s for s in output["sources"] if s["time"] > 597.6]
    assert output["input_size"] == 600 * RATE
    assert heard
    assert all(abs(s["yaw"] - 0.5) < math.radians(5) for s in heard)


@pytest.mark.parametrize("seconds", [1, 60, 300])
def test_after_digital_silence_a_talker_is_heard(seconds: int) -> None:
    _, state = compute(Inputs(talk(-0.8, 3), BASELINE), {})
    _, state = compute(Inputs(Pcm(np.zeros((seconds * RATE, 2), np.int16), RATE), BASELINE), state)
    later = [s for s in hear(talk(0.5, 3), state)["sources"] if s["time"] > 3 + seconds + 0.6]
    best = [s for k, s in enumerate(later) if s["time"] != later[k - 1]["time"]]
    assert len(best) > 8
    assert all(abs(s["yaw"] - 0.5) < math.radians(5) and s["confidence"] > 0.9 for s in best)
    assert all(s["confidence"] < 0.5 for s in later if s not in best)


def hum(seconds: float, hiss: float = 10) -> np.ndarray:
    """Mains hum in both channels, a little louder in the left, and a hiss of each microphone's own."""
    time = np.arange(round(seconds * RATE)) / RATE
    tone = sum(np.sin(2 * np.pi * 50 * m * time + m) / m**1.2 for m in range(1, 9))
    return np.multiply.outer(tone, [1500, 1400]) + np.random.default_rng(2).normal(0, hiss, (len(time), 2))


def test_hum_is_no_source() -> None:
    sources = hear(Pcm(np.round(hum(8)).astype(np.int16), RATE), {})["sources"]
    assert [s for s in sources if s["time"] > 1] == []


def test_a_talker_is_heard_over_hum() -> None:
    talker = talk(0.5, 5)
    pcm = Pcm(np.round(hum(5) + talker.samples).astype(np.int16), RATE)
    sources = [s for s in hear(pcm, {})["sources"] if s["time"] > 0.6]
    assert len(sources) > 15
    assert all(abs(s["yaw"] - 0.5) < math.radians(5) for s in sources)


def test_a_fan_that_starts_is_soon_no_source() -> None:
    random = np.random.default_rng(3)
    loud = np.where(np.arange(12 * RATE) < 4 * RATE, 3, 300)[:, None]
    pcm = Pcm(np.round(random.normal(0, 1, (12 * RATE, 2)) * loud).astype(np.int16), RATE)
    assert [s for s in hear(pcm, {})["sources"] if s["time"] > 9] == []


def test_a_chunk_alone_is_answered() -> None:
    chunk = Pcm(talk(0.5, 3).samples[60000:68192], RATE)
    (source,) = hear(chunk)["sources"]
    assert source["index"] == 4096
    assert source["yaw"] == pytest.approx(0.5, abs=math.radians(5))


@pytest.mark.parametrize("rate", [16000, 22050, 44100, 96000, 192000])
def test_any_rate(rate: int) -> None:
    sources = hear(talk(0.5, 2, rate), {})["sources"]
    assert sources
    assert all(abs(s["yaw"] - 0.5) < math.radians(4) for s in sources)


@pytest.mark.parametrize("frames", [0, 1, 100, 2047, 8191, 8193])
def test_any_length(frames: int) -> None:
    pcm = Pcm(talk(0.5, 1).samples[30000 : 30000 + frames], RATE)
    for state in (None, {}):
        output = hear(pcm, state)
        assert output["input_size"] == frames
        assert all(0 <= s["index"] < frames for s in output["sources"])


@pytest.mark.parametrize("value", [0, 1, -1, 5000, 32767, -32768])
def test_constant_sound_has_no_source(value: int) -> None:
    output = hear(Pcm(np.full((20000, 2), value, np.int16), RATE), {}, sensitivity=1.0)
    assert output == {"input_size": 20000, "nb_sources": 0, "sources": []}


def test_identical_channels_give_a_warning() -> None:
    left = talk(0.5, 2).samples[:, :1]
    for gain in (1.0, 0.5):
        output = hear(Pcm(np.hstack([left, np.round(left * gain).astype(np.int16)]), RATE), {}, sensitivity=1.0)
        assert output["sources"] == []
        assert "same" in output["warning"]


@pytest.mark.parametrize("channel", [0, 1])
def test_a_dead_channel_gives_a_warning(channel: int) -> None:
    samples = talk(0.5, 2).samples.copy()
    samples[:, channel] = np.random.default_rng(1).integers(-1, 2, len(samples))
    output = hear(Pcm(samples, RATE), {}, sensitivity=1.0)
    assert output["sources"] == []
    assert f"Channel {channel + 1} is dead" in output["warning"]


def test_swapped_wires_are_turned_with_a_warning() -> None:
    pcm = talk(0.5, 3)
    output = hear(Pcm(pcm.samples * np.array([1, -1], np.int16), RATE), {})
    assert len(output["sources"]) > 5
    assert all(abs(s["yaw"] - 0.5) < math.radians(5) for s in output["sources"])
    assert "swap the two wires" in output["warning"]


def test_channels_that_are_of_two_clocks_give_a_warning() -> None:
    samples = talk(0.5, 3).samples
    output = hear(Pcm(np.stack([samples[500:, 0], samples[:-500, 1]], axis=1), RATE), {}, sensitivity=1.0)
    assert output["sources"] == []
    assert "comes 10." in output["warning"]
    assert "baseline" in output["warning"]


def steady(kind: str, frames: int) -> np.ndarray:
    """Noise of a supply or a converter, of power 1."""
    random = np.random.default_rng(6)
    if kind == "hum":
        time = np.arange(frames) / RATE
        noise = sum(np.sin(2 * np.pi * 60 * m * time + m) / m for m in range(1, 60))
        return np.asarray(noise / np.std(noise))
    spectrum = np.fft.rfft(random.normal(0, 1, frames))
    frequency = np.maximum(np.fft.rfftfreq(frames, 1 / RATE), 40)
    if kind == "rumble":
        spectrum /= frequency
    if kind == "whine":
        spectrum *= np.exp(-(((frequency - 8000) / 3000) ** 2))
    noise = np.fft.irfft(spectrum, frames)
    return np.asarray(noise / noise.std())


@pytest.mark.parametrize("kind", ["hiss", "hum", "rumble", "whine"])
@pytest.mark.parametrize(("level", "delay"), [(330, 0), (100, 0), (33, 0), (150, 9)])
def test_steady_noise_that_both_channels_share_is_no_source(kind: str, level: float, delay: int) -> None:
    """-40, -50 and -60 dBFS on both alike, and -47 dBFS from an angle; then a talker over it."""
    lead, talker = 4 * RATE, talk(0.5, 5).samples
    noise = level * steady(kind, lead + len(talker) + delay)
    shared = np.stack([noise[delay:], noise[: len(noise) - delay]], axis=1)
    sound = np.concatenate([np.zeros((lead, 2)), talker]) + shared
    sound += np.random.default_rng(7).normal(0, 8, sound.shape)
    pcm = Pcm(np.clip(np.round(sound), -32768, 32767).astype(np.int16), RATE)
    first: dict[float, float] = {}
    for source in hear(pcm, {})["sources"]:
        first.setdefault(source["time"], source["yaw"])
    before = [t for t in first if 0.8 < t < 4.0]
    said = [yaw for t, yaw in first.items() if t > 5.0]
    assert before == []
    assert len(said) > 12
    assert np.mean(np.abs(np.array(said) - 0.5) < math.radians(5)) > 0.9


@pytest.mark.parametrize("where", ["before", "amid", "after"])
@pytest.mark.parametrize("frames", [3000, 24_000, 100_001])
def test_zeros_leave_the_answers_to_the_rest_as_they_were(where: str, frames: int) -> None:
    """A mute key, or a hole that was filled: exact zeros are no background."""
    pcm, zeros = talk(0.5, 4, noise=60), np.zeros((frames, 2), np.int16)
    cut = {"before": 0, "amid": round(2.2 * RATE), "after": pcm.frames}[where]
    sound = np.concatenate([pcm.samples[:cut], zeros, pcm.samples[cut:]])
    output = hear(Pcm(sound, RATE), {})
    plain = hear(pcm, {})["sources"]
    begin, end = cut / RATE, (cut + frames) / RATE
    there = [s for s in output["sources"] if s["time"] < begin or s["time"] > end + 0.1]
    assert abs(len(there) - len(plain)) <= 3
    assert np.mean([abs(s["yaw"] - 0.5) < math.radians(5) for s in there]) > 0.9
    assert [s for s in output["sources"] if begin + 0.1 < s["time"] < end - 0.1] == []


def test_sensitivity_is_a_threshold_on_confidence() -> None:
    pcm = talk(0.5, 2, level=300, noise=100)
    few, many = (hear(pcm, {}, sensitivity=s)["sources"] for s in (0.1, 0.9))
    assert {s["time"] for s in few} <= {s["time"] for s in many}


def test_speed_of_sound_follows_the_temperature() -> None:
    pcm = talk(1.0, 2)
    cold, warm = (hear(pcm, {}, temperature=t)["sources"][-1]["yaw"] for t in (-20.0, 40.0))
    assert cold < warm


def test_time_goes_on_over_a_hole() -> None:
    pcm = talk(0.5, 3)
    _, state = compute(Inputs(Pcm(pcm.samples[:80000], RATE), BASELINE), {})
    assert SERVICE.skip is not None and state is not None
    before = {k: np.copy(v) if isinstance(v, np.ndarray) else v for k, v in state.items()}
    later = SERVICE.skip(state, gap(10000, RATE, 2))
    assert all(np.array_equal(before[k], state[k]) for k in before if k != "spectral")
    output, _ = compute(Inputs(Pcm(pcm.samples[90000:120000], RATE), BASELINE), later)
    assert output["sources"]
    assert all(round(s["time"] * RATE) % 8192 == 4096 for s in output["sources"])


def test_another_baseline_begins_afresh() -> None:
    pcm = talk(0.5, 2)
    _, state = compute(Inputs(pcm, BASELINE), {})
    output, _ = compute(Inputs(pcm, 0.28), state)
    assert all(math.isfinite(s["yaw"]) and s["time"] > 1.9 for s in output["sources"])


@pytest.mark.parametrize("given", [{}, {"baseline": 0.001}, {"baseline": 11}, {"baseline": 0.14, "sensitivity": 2}])
def test_what_is_refused(given: dict[str, float]) -> None:
    with pytest.raises(BadInput):
        SERVICE.read({"sound": None, **given})

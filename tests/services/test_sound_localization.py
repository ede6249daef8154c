from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from audio.errors import BadInput
from audio.pcm import Pcm
from audio.services.sound_localization import SERVICE, Inputs, compute

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


@pytest.mark.parametrize("frames", [160, 1000, 2730, 8192])
def test_chunked_equals_whole(frames: int) -> None:
    pcm = talk(0.5, 1.5)
    whole, cut = in_chunks(pcm, pcm.frames), in_chunks(pcm, frames)
    assert len(whole) == len(cut) > 0
    for one, other in zip(whole, cut, strict=True):
        assert all(one[k] == pytest.approx(other[k], abs=1e-9) for k in ("time", "yaw", "confidence", "level"))


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
    later = SERVICE.skip(state, 10000, RATE)
    assert all(np.array_equal(before[k], state[k]) for k in before if k != "ears")
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

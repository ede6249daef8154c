"""What people met: repeated sounds, digital silence, and what nobody can hear."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from audio.dsp import sound
from audio.dsp.sound import Detector
from audio.dsp.sound_events import Thresholds
from tests.sounds import Samples, burst, noise, pcm16

RATE = 16_000
USUAL = Thresholds(trigger=1.5, min_silence=0.15, min_duration=0.0)


def spans(samples: Samples, chunk: int = 8192, rate: int = RATE) -> list[tuple[float, float]]:
    detector, found = Detector.begin(), []
    for start in range(0, len(samples), chunk):
        some, detector = sound.detect(detector, samples[start : start + chunk], rate, USUAL)
        found += some
    found += sound.finish(detector, rate, USUAL)
    assert [event.kind for event in found] == ["sound_on", "sound_off"] * (len(found) // 2)
    return [(a.time, b.time) for a, b in zip(found[::2], found[1::2], strict=True)]


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE), np.int16)


def four(dbfs: float = -30) -> Samples:
    x = noise(8 * RATE, -55)
    for start in (1, 3, 5, 7):
        burst(x, RATE, start, 0.4, dbfs)
    return pcm16(x)


@pytest.mark.parametrize(
    ("length", "period", "dbfs"),
    [(0.12, 0.25, -25), (0.5, 1.0, -30), (0.004, 0.3, -20), (0.08, 0.16, -35), (1.5, 2.0, -30)],
)
@pytest.mark.parametrize("trigger", [4.0, 0.0])
def test_what_comes_again_and_again_is_heard_each_time(
    length: float, period: float, dbfs: float, trigger: float
) -> None:
    x = noise(30 * RATE, -62)
    starts = np.arange(2, 29, period)
    for start in starts:
        burst(x, RATE, start, length, dbfs)
    thresholds = Thresholds(trigger, 0.15, 0)
    found, detector = sound.detect(Detector.begin(), pcm16(x), RATE, thresholds)
    times = [event.time for event in found + sound.finish(detector, RATE, thresholds)]
    on, off = np.array(times[::2]), np.array(times[1::2])
    assert all(((on - 0.03 <= start) & (start < off)).any() for start in starts)


def test_irregular_typing_is_heard_key_by_key() -> None:
    rng = np.random.default_rng(3)
    x = noise(20 * RATE, -60)
    starts = 1 + np.cumsum(rng.uniform(0.2, 0.5, 50))
    for i, start in enumerate(starts):
        first = round(start * RATE)
        x[first : first + 320] += noise(320, -25, seed=i) * np.exp(-np.arange(320) / 80)
    found = spans(pcm16(x))
    assert sum(any(abs(on - start) < 0.03 for on, _ in found) for start in starts) >= 48


@pytest.mark.parametrize("seconds", [0.05, 0.3, 2.0, 12.0])
def test_digital_silence_before_a_sound_only_shifts_it(seconds: float) -> None:
    shifted = [(on + seconds, off + seconds) for on, off in spans(four())]
    assert len(shifted) == 4
    assert spans(np.concatenate((silence(seconds), four()))) == [pytest.approx(span) for span in shifted]


@pytest.mark.parametrize("seconds", [0.03, 0.5, 20.0])
@pytest.mark.parametrize("at", [2.0, 4.2, 6.5])
def test_digital_silence_amid_sounds_leaves_them_as_they_were(seconds: float, at: float) -> None:
    cut = round(at * RATE)
    whole = np.concatenate((four()[:cut], silence(seconds), four()[cut:]))
    wanted = [(on + seconds * (on > at), off + seconds * (on > at)) for on, off in spans(four())]
    assert spans(whole) == [pytest.approx(span, abs=0.02) for span in wanted]


def test_digital_silence_after_a_sound_ends_it_there() -> None:
    x = noise(2 * RATE, -55)
    burst(x, RATE, 1.5, 0.5, -30)
    [(_, off)] = spans(np.concatenate((pcm16(x), silence(3))))
    assert off == pytest.approx(2.0, abs=0.01)


def test_a_dropout_within_a_sound_does_not_part_it_and_a_pause_does() -> None:
    x = noise(4 * RATE, -55)
    burst(x, RATE, 1.0, 1.0, -30)
    samples = pcm16(x)
    samples[24_000:24_800] = 0
    assert spans(samples) == [pytest.approx((1.0, 2.0), abs=0.02)]
    samples[24_000:28_000] = 0
    assert spans(samples) == [pytest.approx((1.0, 1.5), abs=0.02), pytest.approx((1.75, 2.0), abs=0.02)]


def test_beeps_between_digital_silence_are_heard_each_time() -> None:
    x = np.zeros(20 * RATE)
    for start in range(1, 20):
        burst(x, RATE, start, 0.3, -15)
    found = spans(pcm16(x))
    assert [on for on, _ in found] == pytest.approx(range(1, 20), abs=0.02)
    assert [off - on for on, off in found] == pytest.approx([0.3] * 19, abs=0.02)


def test_a_mute_key_pressed_again_and_again_makes_no_sound() -> None:
    x = pcm16(noise(30 * RATE, -50))
    for start in range(2, 30, 4):
        x[start * RATE : start * RATE + RATE] = 0
    assert spans(x) == []


@pytest.mark.parametrize("chunk", [7, 160, 5000, 10**6])
def test_digital_silence_is_the_same_in_any_chunks(chunk: int) -> None:
    samples = np.concatenate((silence(0.1), four()[: 2 * RATE], silence(0.25), four()[2 * RATE : 4 * RATE]))
    assert spans(samples, chunk) == spans(samples)


T = np.arange(40 * RATE) / RATE
INAUDIBLE: dict[str, NDArray[np.float64]] = {
    "a step up and down": 0.1 * ((T > 15) & (T < 30)),
    "a large step": 0.4 * (T > 15),
    "a quick drift": np.clip((T - 15) * 0.01, 0, 0.15),
    "wind of 8 Hz that sets in": 0.03 * (T > 15) * np.sin(2 * np.pi * 8 * T),
    "wind of 5 Hz": 0.06 * (T > 15) * np.sin(2 * np.pi * 5 * T),
}


@pytest.mark.parametrize("name", INAUDIBLE)
def test_what_nobody_can_hear_is_at_most_a_click(name: str) -> None:
    found = spans(pcm16(noise(len(T), -60) + INAUDIBLE[name]))
    assert sum(off - on for on, off in found) < 0.5
    assert all(off - on < 0.25 for on, off in found)


def test_a_sound_beside_what_nobody_can_hear_is_heard() -> None:
    x = noise(len(T), -60) + INAUDIBLE["wind of 8 Hz that sets in"]
    burst(x, RATE, 20.0, 0.5, -30)
    assert any(abs(on - 20.0) < 0.06 and 20.4 < off < 21.5 for on, off in spans(pcm16(x)))

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from audio.dsp import sound
from audio.dsp.sound import Detector, Event
from audio.dsp.sound_events import Thresholds
from tests.sounds import burst, noise, pcm16

USUAL = Thresholds(trigger=1.5, min_silence=0.1, min_duration=0.0)
RATES = [8000, 11_025, 16_000, 44_100, 48_000, 192_000]


def events(x: NDArray[np.float64], rate: int, thresholds: Thresholds = USUAL) -> list[Event]:
    found, detector = sound.detect(Detector.begin(), pcm16(x), rate, thresholds)
    return found + sound.finish(detector, rate, thresholds)


def spans(found: list[Event]) -> list[tuple[float, float]]:
    assert [e.kind for e in found] == ["sound_on", "sound_off"] * (len(found) // 2)
    return [(a.time, b.time) for a, b in zip(found[::2], found[1::2], strict=True)]


@pytest.mark.parametrize("rate", RATES)
def test_a_tone_in_noise_is_found_where_it_is(rate: int) -> None:
    x = noise(6 * rate, -60)
    burst(x, rate, 2.0, 0.5, -30)
    [(on, off)] = spans(events(x, rate))
    assert on == pytest.approx(2.0, abs=0.015)
    assert off == pytest.approx(2.5, abs=0.015)


@pytest.mark.parametrize("rate", RATES)
def test_a_click_is_a_sound(rate: int) -> None:
    x = noise(3 * rate, -60)
    burst(x, rate, 1.5, 0.01, -25)
    [(on, off)] = spans(events(x, rate))
    assert 1.48 < on < 1.51 < off < 1.54


@pytest.mark.parametrize("start", [0.0, 0.1, 0.3])
def test_the_first_chunk_is_listened_to(start: float) -> None:
    x = noise(16_000, -70)
    burst(x, 16_000, start, 0.3, -20)
    assert spans(events(x, 16_000))[0][0] == pytest.approx(start, abs=0.02)


@pytest.mark.parametrize("dbfs", [-120.0, -80.0, -60.0, -45.0])
@pytest.mark.parametrize("offset", [0.0, 0.2])
def test_steady_noise_is_no_sound(dbfs: float, offset: float) -> None:
    assert events(noise(30 * 16_000, dbfs) + offset, 16_000) == []


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
def test_a_sound_over_rumble_that_varies_is_found_where_it_is(rate: int) -> None:
    count = 12 * rate
    swell = 10 ** (np.sin(2 * np.pi * 1.3 * np.arange(count) / rate) * 4 / 20)
    steps = np.repeat(noise(-(-count * 60 // rate) + 1, -40), -(-rate // 60))[:count]
    rumble = np.convolve(steps, np.ones(rate // 60) / (rate // 60), "same")
    x = rumble * swell + noise(count, -75, seed=1)
    burst(x, rate, 9.0, 0.3, -34)
    [(on, off)] = spans(events(x, rate))
    assert on == pytest.approx(9.0, abs=0.025)
    assert off == pytest.approx(9.3, abs=0.025)


def test_a_weak_sound_in_gusts_is_found() -> None:
    rate = 16_000
    x = noise(12 * rate, -50) * 10 ** (np.repeat(noise(12 * 40, 0, seed=2), rate // 40) * 4 / 20)
    burst(x, rate, 10.0, 0.2, -41)
    whole = events(x, rate, USUAL)
    [(on, _)] = spans(whole)
    assert on == pytest.approx(10.0, abs=0.025)
    cut, detector = [], Detector.begin()
    for chunk in np.split(pcm16(x), range(160, len(x), 160)):
        some, detector = sound.detect(detector, chunk, rate, USUAL)
        cut += some
    assert cut + sound.finish(detector, rate, USUAL) == whole


def test_a_beat_with_two_peaks_that_comes_again_and_again_is_one_sound_each_time() -> None:
    rate, starts = 16_000, 1.5 + 0.4 * np.arange(40)
    x = noise(18 * rate, -70)
    for start in starts:
        for after, seconds, dbfs in ((0, 0.03, -36), (0.03, 0.16, -54), (0.19, 0.03, -36)):
            burst(x, rate, start + after, seconds, dbfs)
    whole = events(x, rate)
    assert np.allclose(spans(whole), np.stack((starts, starts + 0.22), axis=1), atol=0.03)
    cut, detector = [], Detector.begin()
    for chunk in np.split(pcm16(x), range(700, len(x), 700)):
        some, detector = sound.detect(detector, chunk, rate, USUAL)
        cut += some
    assert cut + sound.finish(detector, rate, USUAL) == whole


def test_a_flicker_before_a_sound_does_not_belong_to_it() -> None:
    x = noise(4 * 16_000, -60)
    burst(x, 16_000, 1.92, 0.004, -50)
    burst(x, 16_000, 2.0, 0.3, -30)
    [(on, _)] = spans(events(x, 16_000))
    assert on == pytest.approx(2.0, abs=0.015)


def test_a_flicker_that_may_be_the_background_does_not_lengthen_a_sound() -> None:
    rate = 16_000
    x = noise(12 * rate, -55) * 10 ** (np.repeat(noise(12 * 50, 0, seed=1), rate // 50) * 4 / 20)
    x[10 * rate - 320 : 10 * rate + 8000] = noise(8320, -55, seed=2)
    burst(x, rate, 9.7, 0.3, -25)
    x[10 * rate + 1200 : 10 * rate + 1264] += noise(64, -42, seed=3)
    [(_, off)] = spans(events(x, rate, USUAL))
    assert off == pytest.approx(10.0, abs=0.015)


def test_a_fan_that_starts_becomes_the_background() -> None:
    x = noise(20 * 16_000, -65)
    x[5 * 16_000 :] += noise(15 * 16_000, -35, seed=1)
    burst(x, 16_000, 15.0, 0.4, -15)
    found = spans(events(x, 16_000))
    assert found[0][0] == pytest.approx(5.0, abs=0.02)
    assert found[0][1] < 12
    assert found[-1] == pytest.approx((15.0, 15.4), abs=0.02)


def test_a_sound_at_the_end_is_closed_there() -> None:
    x = noise(2 * 16_000, -60)
    burst(x, 16_000, 1.5, 0.5, -20)
    [(_, off)] = spans(events(x, 16_000))
    assert off == pytest.approx(2.0, abs=0.006)


def test_a_short_dip_does_not_end_a_sound_and_a_long_one_does() -> None:
    x = noise(5 * 16_000, -60)
    burst(x, 16_000, 1.0, 0.3, -20)
    burst(x, 16_000, 1.37, 0.3, -20)
    burst(x, 16_000, 2.0, 0.3, -20)
    assert len(spans(events(x, 16_000))) == 2
    assert len(spans(events(x, 16_000, Thresholds(1.5, 0.5, 0)))) == 1


def test_a_shorter_sound_than_asked_for_is_none() -> None:
    x = noise(4 * 16_000, -60)
    burst(x, 16_000, 1.0, 0.05, -20)
    burst(x, 16_000, 2.0, 0.5, -20)
    [(on, _)] = spans(events(x, 16_000, Thresholds(1.5, 0.1, 0.2)))
    assert on == pytest.approx(2.0, abs=0.015)


def test_a_hole_closes_an_open_sound() -> None:
    x = noise(2 * 16_000, -60)
    burst(x, 16_000, 1.0, 1.0, -20)
    found, detector = sound.detect(Detector.begin(), pcm16(x), 16_000, USUAL)
    closed, detector = sound.skip(detector, 8000, 16_000, USUAL)
    assert [e.kind for e in found + closed] == ["sound_on", "sound_off"]
    assert closed[0].time == 2.0
    y = noise(2 * 16_000, -60, seed=2)
    burst(y, 16_000, 1.0, 0.2, -20)
    later, _ = sound.detect(detector, pcm16(y), 16_000, USUAL)
    assert spans(later)[0] == pytest.approx((3.5, 3.7), abs=0.015)


def test_a_sound_that_is_over_is_closed_where_it_ended_and_not_at_a_later_hole() -> None:
    x = noise(6 * 16_000, -60)
    burst(x, 16_000, 1.0, 1.0, -20)
    found, detector = sound.detect(Detector.begin(), pcm16(x), 16_000, Thresholds(1.5, 10, 0))
    closed, _ = sound.skip(detector, 8000, 16_000, USUAL)
    assert spans(found + closed) == [pytest.approx((1.0, 2.0), abs=0.015)]


def test_a_fan_becomes_the_background_though_there_are_many_holes() -> None:
    x = noise(20 * 16_000, -65)
    x[5 * 16_000 :] += noise(15 * 16_000, -35, seed=1)
    detector, found = Detector.begin(), []
    for chunk in np.split(pcm16(x), range(4800, len(x), 4800)):
        some, detector = sound.detect(detector, chunk, 16_000, USUAL)
        closed, detector = sound.skip(detector, 160, 16_000, USUAL)
        found += some + closed
    assert max(event.time for event in found) < 12


@pytest.mark.parametrize("frames", [1, 79, 100, 250, 16_001])
def test_a_stream_may_begin_with_a_hole(frames: int) -> None:
    x = noise(16_000, -60)
    burst(x, 16_000, 0.5, 0.2, -20)
    none, detector = sound.skip(Detector.begin(), frames, 16_000, USUAL)
    found, _ = sound.detect(detector, pcm16(x), 16_000, USUAL)
    assert none == []
    assert spans(found)[0] == pytest.approx((frames / 16_000 + 0.5, frames / 16_000 + 0.7), abs=0.015)


def test_less_patience_later_closes_what_is_over() -> None:
    x = noise(7 * 16_000, -60)
    burst(x, 16_000, 2.0, 1.0, -20)
    found, detector = sound.detect(Detector.begin(), pcm16(x)[: 6 * 16_000], 16_000, Thresholds(1.5, 10, 0))
    later, _ = sound.detect(detector, pcm16(x)[6 * 16_000 :], 16_000, USUAL)
    assert spans(found + later)[0] == pytest.approx((2.0, 3.0), abs=0.015)


def test_without_patience_a_steady_sound_is_not_cut_into_instants() -> None:
    x = noise(4 * 16_000, -60)
    burst(x, 16_000, 1.0, 1.0, -20)
    assert len(spans(events(x, 16_000, Thresholds(1.5, 0, 0)))) < 5


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from([8000, 16_000, 48_000]),
    st.lists(
        st.tuples(
            st.sampled_from([1, 160, 4000, 9000]),
            st.builds(
                Thresholds,
                st.sampled_from([0.0, 1.5, 4.0]),
                st.sampled_from([0, 0.05, 0.1, 2, 10]),
                st.sampled_from([0, 0.05, 0.2]),
            ),
            st.sampled_from([0, 0, 0, 50, 3000]),
        ),
        max_size=12,
    ),
)
def test_thresholds_may_change_at_any_chunk_and_holes_be_anywhere(
    rate: int, chunks: list[tuple[int, Thresholds, int]]
) -> None:
    x = noise(rate + sum(frames for frames, _, _ in chunks), -50)
    burst(x, rate, 0.1, 0.2, -20)
    burst(x, rate, 0.6, 0.2, -20)
    rest, detector, found = pcm16(x), Detector.begin(), []
    for frames, thresholds, hole in chunks:
        some, detector = sound.detect(detector, rest[:frames], rate, thresholds)
        closed, detector = sound.skip(detector, hole, rate, thresholds) if hole else ([], detector)
        found, rest = found + some + closed, rest[frames:]
    some, detector = sound.detect(detector, rest, rate, USUAL)
    times = [time for span in spans(found + some + sound.finish(detector, rate, USUAL)) for time in span]
    assert times == sorted(times)
    assert all(0 <= time <= detector.frames / rate for time in times)


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(RATES),
    st.lists(st.sampled_from([0, 1, 7, 160, 1000, 2730, 8192]), min_size=1, max_size=30),
    st.lists(st.tuples(st.floats(0, 1), st.floats(0.005, 0.4), st.floats(-60, -5)), max_size=4),
)
def test_chunks_do_not_matter(rate: int, sizes: list[int], bursts: list[tuple[float, float, float]]) -> None:
    x = noise(2 * rate, -65)
    for start, seconds, dbfs in bursts:
        burst(x, rate, start, seconds, dbfs)
    samples = pcm16(x)
    detector, found = Detector.begin(), []
    for chunk in np.split(samples, np.minimum(np.cumsum(sizes), len(samples))):
        some, detector = sound.detect(detector, chunk, rate, USUAL)
        found += some
    found += sound.finish(detector, rate, USUAL)
    assert found == events(samples / 32768, rate)


@settings(max_examples=30, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.tuples(st.floats(0, 4), st.floats(0, 4)),
    st.sampled_from([0.0, 0.1, 0.5]),
    st.sampled_from([0.0, 0.1]),
)
def test_a_lower_trigger_never_finds_less(
    seed: int, triggers: tuple[float, float], silence: float, duration: float
) -> None:
    rng = np.random.default_rng(seed)
    x = noise(4 * 16_000, -50, seed) * 10 ** (np.repeat(rng.uniform(-4, 4, 80), 800) / 20)
    burst(x, 16_000, 3.5, 0.3, -15)
    for start in np.arange(0.3, 3.2, 0.4):
        burst(x, 16_000, start + rng.uniform(0, 0.2), rng.uniform(0.01, 0.3), -50 + rng.uniform(0, 20))
    less = spans(events(x, 16_000, Thresholds(max(triggers), silence, duration)))
    more = spans(events(x, 16_000, Thresholds(min(triggers), silence, duration)))
    assert less
    for on, off in less:
        assert any(start <= on and off <= end for start, end in more)

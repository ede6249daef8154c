from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from audio.dsp import localization
from tests.scenes import from_angle, syllables

RATE, BASELINE = 48000, 0.2
SPEED = localization.speed_of_sound(20.0)


def localize(samples: Any, state: dict[str, Any], *, last: bool = False) -> tuple[localization.Found, dict[str, Any]]:
    return localization.localize(samples, RATE, BASELINE, SPEED, state, last=last)


def test_speed_of_sound() -> None:
    assert localization.speed_of_sound(0.0) == pytest.approx(331.3)
    assert pytest.approx(343.2, abs=0.1) == SPEED


@pytest.mark.parametrize("degrees", [-80, -35, 3, 20, 60])
def test_an_answer_is_finer_than_the_grid(degrees: float) -> None:
    found, _ = localize(from_angle(degrees, 3, BASELINE), {})
    first = found.sources[::2]
    assert len(first) > 15
    assert np.median([abs(np.degrees(s.yaw) - degrees) for s in first]) < 0.25


def test_the_middle_of_a_block_is_told_on_the_clock_of_the_session() -> None:
    sound = from_angle(20, 1, BASELINE)
    _, state = localize(sound[:10000], {})
    found, state = localize(sound[10000:], state)
    assert [s.middle for s in found.sources[::2]] == [8192 * k + 4096 for k in (1, 2, 3, 4)]
    assert localization.frames_so_far(state) == len(sound)


def test_last_answers_for_a_block_that_has_begun() -> None:
    found, _ = localize(from_angle(20, 0.5, BASELINE), {}, last=True)
    assert found.sources[-1].middle == (2 * 8192 + 24000) // 2


def test_a_state_of_other_microphones_keeps_the_clock_alone() -> None:
    _, state = localize(from_angle(20, 1, BASELINE), {})
    _, moved = localization.localize(from_angle(20, 1, BASELINE), RATE, 0.5, SPEED, state, last=False)
    assert localization.frames_so_far(moved) == 2 * RATE
    assert moved["baseline"] == 0.5


def test_a_hole_fades_what_is_known() -> None:
    _, state = localize(from_angle(20, 2, BASELINE), {})
    later = localization.skip(state, 60 * RATE, RATE)
    assert localization.frames_so_far(later) == 62 * RATE
    assert later["posteriors"][0].max() < 0.2 * state["posteriors"][0].max()


def chimes(degrees: float, seconds: float) -> Any:
    """Five tones that decay, each 0.8 s, in a room that is far louder than they are on the straight way."""
    chance, count = np.random.default_rng(1), round(seconds * RATE)
    time, dry = np.arange(count) / RATE, np.zeros(count)
    for begin in np.arange(0.7, seconds, 0.8):
        since = np.maximum(time - begin, 0)
        tones = sum(np.sin(2 * np.pi * f * since) for f in chance.uniform(500, 3000, 5))
        dry += (time >= begin) * np.exp(-since / 0.2) * tones
    frequency = np.fft.rfftfreq(2 * count, 1 / RATE)
    turn = np.exp(1j * np.pi * frequency * BASELINE * np.sin(np.radians(degrees)) / 343)
    echo = chance.normal(0, 1, (RATE // 2, 2)) * np.exp(-np.arange(RATE // 2) / (0.08 * RATE))[:, None]
    echo *= 10 ** (14 / 20) / np.sqrt((echo**2).sum(axis=0))
    late = np.fft.rfft(np.concatenate([np.zeros((200, 2)), echo]), 2 * count, axis=0)
    ways = np.stack([turn, turn.conj()], axis=1) + late
    wet = np.fft.irfft(np.fft.rfft(dry, 2 * count)[:, None] * ways, axis=0)[:count]
    return (wet * 1000 + chance.normal(0, 20, wet.shape)).astype(np.int16)


def test_a_chime_that_rings_on_is_doubted_less_where_it_was_sure() -> None:
    sound, state = chimes(-50, 5), {}
    raised = []
    for begin in range(0, len(sound), 8192):
        block = sound[begin : begin + 8192]
        forgetful, _ = localize(block, {**state, "sure": {}} if state else {})
        found, state = localize(block, state)
        for one, other in zip(found.sources[:1], forgetful.sources[:1], strict=True):
            assert one.yaw == other.yaw
            assert other.confidence <= one.confidence <= max(other.confidence, localization.SURE)
            if one.confidence > other.confidence:
                raised.append(abs(np.degrees(one.yaw) + 50) < 10)
    assert np.mean(raised) > 0.5


def test_after_a_hole_no_source_goes_on() -> None:
    _, state = localize(from_angle(20, 2, BASELINE), {})
    assert abs(np.degrees(state["sure"]["yaw"]) - 20) < 1
    assert localization.skip(state, RATE, RATE)["sure"] == {}


def test_when_two_talkers_take_turns_in_being_first_neither_is_lost() -> None:
    """What is known of the one who was first is handed on to the second place."""
    one, other = (syllables(degrees, 14, BASELINE).astype(float) for degrees in (35, -30))
    turns = np.sin(2 * np.pi * np.arange(len(one)) / (1.4 * RATE))[:, None]
    sound = one * 10 ** (turns / 4) + other * 10 ** (-turns / 4) + np.random.default_rng(1).normal(0, 10, one.shape)
    found, _ = localize(np.clip(sound, -32768, 32767).astype(np.int16), {})
    pairs = list(zip(found.sources[::2], found.sources[1::2], strict=True))[6:]
    both = [sorted(np.degrees([a.yaw, b.yaw])) for a, b in pairs if min(a.confidence, b.confidence) > 0.22]
    right = sum(abs(low + 30) < 8 and abs(high - 35) < 8 for low, high in both)
    assert right > 0.5 * len(pairs)


def test_dead_and_identical_channels_are_told_apart() -> None:
    sound = from_angle(20, 1, BASELINE)
    same, dead = sound.copy(), sound.copy()
    same[:, 1] = same[:, 0]
    dead[:, 0] = 0
    assert {f.reason for f in localize(same, {})[0].faults} == {"identical"}
    assert {(f.reason, f.channel) for f in localize(dead, {})[0].faults} == {("dead", 0)}
    assert localize(sound, {})[0].faults == []

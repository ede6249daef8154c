from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.services.sound_detection import SERVICE
from tests.sounds import alone, burst, gap, noise, pcm16, session

RATE = 16_000


def example() -> np.ndarray:
    x = noise(4 * RATE, -60)
    burst(x, RATE, 0.5, 0.2, -25)
    burst(x, RATE, 1.5, 1.2, -30)
    return pcm16(x)


def test_answers_what_it_says() -> None:
    answer = alone(SERVICE, example(), RATE)
    assert set(answer) == set(SERVICE.outputs)
    assert answer["input_size"] == 4 * RATE
    assert answer["nb_events"] == len(answer["events"]) == 4
    assert [e["type"] for e in answer["events"]] == ["sound_on", "sound_off"] * 2
    assert [e["time"] for e in answer["events"]] == pytest.approx([0.5, 0.7, 1.5, 2.7], abs=0.02)
    assert all(abs(e["index"] / RATE - e["time"]) < 1e-3 for e in answer["events"])
    assert answer["level"] == pytest.approx(-33.4, abs=0.1)


def test_with_no_session_a_sound_is_closed_and_in_one_it_stays_on() -> None:
    cut = example()[: 2 * RATE]
    assert [e["type"] for e in alone(SERVICE, cut, RATE)["events"]] == ["sound_on", "sound_off"] * 2
    first, second = session(SERVICE, example(), RATE, [2 * RATE])
    assert [e["type"] for e in first["events"]] == ["sound_on", "sound_off", "sound_on"]
    assert [e["type"] for e in second["events"]] == ["sound_off"]
    assert second["events"][0]["time"] == pytest.approx(2.7, abs=0.02)
    assert second["events"][0]["index"] == pytest.approx(0.7 * RATE, abs=0.02 * RATE)


def test_an_onset_before_this_chunk_has_index_0() -> None:
    answers = session(SERVICE, example(), RATE, [160])
    events = [e for a in answers for e in a["events"]]
    assert [e["type"] for e in events] == ["sound_on", "sound_off"] * 2
    assert [e["time"] for e in events] == pytest.approx([0.5, 0.7, 1.5, 2.7], abs=0.02)
    assert events[1]["index"] == 0


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from([1, 160, 1000, 2730, 8192, 30_000]), min_size=1, max_size=20))
def test_chunks_do_not_matter(sizes: list[int]) -> None:
    def times(answers: list[dict]) -> list[tuple[float, str]]:
        return [(e["time"], e["type"]) for a in answers for e in a["events"]]

    assert times(session(SERVICE, example(), RATE, [*sizes, 4 * RATE])) == times(
        session(SERVICE, example(), RATE, [10**6])
    )


@pytest.mark.parametrize("sensitivity", [0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0])
def test_every_sensitivity_finds_a_loud_sound_and_none_is_fooled_by_noise(sensitivity: float) -> None:
    assert alone(SERVICE, example(), RATE, sensitivity=sensitivity)["nb_events"] == 4
    assert alone(SERVICE, pcm16(noise(20 * RATE, -50)), RATE, sensitivity=sensitivity)["nb_events"] == 0


@pytest.mark.parametrize(
    "samples", [np.zeros(0), np.zeros(1), np.zeros(9000), np.full(9000, 32767), np.full(9000, -32768)]
)
def test_odd_sounds_hold_no_event(samples: np.ndarray) -> None:
    answer = alone(SERVICE, samples.astype(np.int16), RATE)
    assert answer["events"] == []
    assert -120 <= answer["level"] <= 0


def test_a_hole_closes_an_open_sound_where_it_begins() -> None:
    assert SERVICE.skip is not None
    chunk = SERVICE.inputs
    from audio.pcm import Pcm

    samples = example()
    _, state = SERVICE.compute(chunk(sound=Pcm(samples[: 2 * RATE, None], RATE)), {})
    assert state is not None
    after, _ = SERVICE.compute(
        chunk(sound=Pcm(samples[3 * RATE :, None], RATE)),
        SERVICE.skip(state, gap(RATE, RATE)),
    )
    assert after["events"] == [{"index": 0, "type": "sound_off", "time": 2.0}]

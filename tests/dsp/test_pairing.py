"""Faults of the wiring, in sessions of blocks as a service hears them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from audio.dsp import localization
from tests.scenes import syllables

RATE, BLOCK = 48_000, 8192
SPEED = localization.speed_of_sound(20.0)
Sound = Any


def hear(sound: Sound, baseline: float) -> tuple[list[float], list[set[str]]]:
    """The first angles that are told with some confidence, in degrees, and the faults of each chunk."""
    samples = np.clip(np.round(sound), -32768, 32767).astype(np.int16)
    state: dict[str, Any] = {}
    yaws, faults = [], []
    for k in range(0, len(samples) - BLOCK + 1, BLOCK):
        found, state = localization.localize(samples[k : k + BLOCK], RATE, baseline, SPEED, state, last=False)
        yaws += [float(np.degrees(s.yaw)) for s in found.sources[::2] if s.confidence > 0.3]
        faults.append({f.reason for f in found.faults})
    return yaws, faults


def hiss(frames: int, level: float = 16, seed: int = 5) -> Sound:
    return np.random.default_rng(seed).normal(0, level, (frames, 2))


def talk(degrees: float, baseline: float, seconds: float = 6.0) -> Sound:
    return syllables(degrees, seconds, baseline).astype(float)


@pytest.mark.parametrize(("degrees", "baseline"), [(-55, 0.06), (20, 0.2), (-10, 0.5), (70, 1.0)])
def test_a_true_pair_has_no_fault(degrees: float, baseline: float) -> None:
    sound = talk(degrees, baseline)
    yaws, faults = hear(sound + hiss(len(sound)), baseline)
    assert set().union(*faults) == set()
    assert len(yaws) > 15
    assert np.abs(np.array(yaws) - degrees).max() < 10


@pytest.mark.parametrize(("degrees", "baseline", "channel"), [(-55, 0.06, 0), (20, 0.2, 1), (-10, 0.5, 0)])
def test_swapped_wires_are_told_and_turned(degrees: float, baseline: float, channel: int) -> None:
    sound = talk(degrees, baseline)
    sound[:, channel] *= -1
    yaws, faults = hear(sound + hiss(len(sound)), baseline)
    assert set().union(*faults) == {"inverted"}
    assert faults[-1] == {"inverted"}
    assert len(yaws) > 12
    assert np.abs(np.array(yaws) - degrees).max() < 10


def test_wires_that_are_mended_in_a_session_are_believed_again() -> None:
    wrong, right = talk(30, 0.2, 4.0), talk(-30, 0.2, 12.0)
    wrong[:, 1] *= -1
    sound = np.concatenate([wrong, right])
    yaws, faults = hear(sound + hiss(len(sound)), 0.2)
    assert {"inverted"} in faults[:20]
    assert faults[-1] == set()
    assert yaws[-1] == pytest.approx(-30, abs=5)


@pytest.mark.parametrize(("steps", "gain"), [(1, 1.0), (2, 1.0), (1, 0.6)])
def test_one_microphone_twice_with_dither_has_no_direction(steps: int, gain: float) -> None:
    mono = np.round(talk(0, 0.14)[:, 0] + hiss(6 * RATE)[:, 0])
    dither = np.random.default_rng(1).integers(-steps, steps + 1, (len(mono), 2))
    yaws, faults = hear(np.stack([mono, gain * mono], axis=1) + dither, 0.14)
    assert yaws == []
    assert sum("identical" in f for f in faults) > len(faults) - 6


def test_one_microphone_through_two_converters_has_no_direction() -> None:
    mono = talk(0, 0.14)[:, 0] + hiss(6 * RATE)[:, 0]
    yaws, faults = hear(np.stack([mono, 0.8 * mono], axis=1) + hiss(len(mono), 1.5), 0.14)
    assert yaws == []
    assert "identical" in faults[-1]


@pytest.mark.parametrize("delay", [0.003, -0.012, 0.045, 0.2])
@pytest.mark.parametrize("drift", [0, 4e-5])
def test_two_devices_that_began_at_different_times_have_no_direction(delay: float, drift: float) -> None:
    sound = talk(30, 0.14, 8.0)
    at = np.arange(len(sound))
    sound[:, 1] = np.interp(at * (1 + drift) - delay * RATE, at, sound[:, 1])
    yaws, faults = hear(sound + hiss(len(sound)), 0.14)
    assert len(yaws) <= 2
    assert "misaligned" in faults[-1]


def test_a_baseline_that_is_too_small_is_told() -> None:
    """Half a metre, called 5 cm: most angles are impossible."""
    sound = talk(60, 0.5)
    yaws, faults = hear(sound + hiss(len(sound)), 0.05)
    assert len(yaws) <= 2
    assert "misaligned" in faults[-1]


def test_clocks_that_drift_are_told_once_the_lag_is_impossible() -> None:
    sound = talk(60, 0.06, 8.0)
    at = np.arange(len(sound))
    sound[:, 1] = np.interp(at * (1 - 1e-4), at, sound[:, 1])
    _, faults = hear(sound + hiss(len(sound)), 0.06)
    assert "misaligned" in faults[-1]


@pytest.mark.parametrize("tone", [440.0, 3000.0])
def test_a_tone_tells_nothing_of_the_wiring(tone: float) -> None:
    """Its cross-correlation is as high at each of its periods."""
    beeps = np.sin(2 * np.pi * tone * np.arange(6 * RATE) / RATE) * (np.arange(6 * RATE) % 12_000 < 6000)
    sound = 3000 * np.stack([beeps, np.roll(beeps, 6)], axis=1)
    _, faults = hear(sound + hiss(len(sound)), 0.14)
    assert set().union(*faults) == set()

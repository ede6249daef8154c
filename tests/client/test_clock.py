from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from audio.client.clock import FrameClock

RATE, BLOCK = 16_000, 1024


def run(seconds: float, *, rate: float = RATE, start: float = 0.0, jitter: float = 0.0) -> Iterator[tuple[float, int]]:
    """When each block comes, and how many frames have come by then."""
    chance = random.Random(1)
    for number in range(1, int(seconds * rate / BLOCK) + 1):
        yield start + number * BLOCK / rate + chance.uniform(0.0, jitter), number * BLOCK


def losses(observed: Iterator[tuple[float, int]], clock: FrameClock, end: int = 0) -> list[int]:
    lost = []
    for now, frames in observed:
        gone = clock.observe(now, frames + end + sum(x for x in lost if x > 0))
        lost += [gone] if gone else []
    return lost


@pytest.mark.parametrize("jitter", [0.0, 0.2])
@pytest.mark.parametrize("drift", [-0.0005, 0.0, 0.0005])
def test_jitter_and_the_drift_of_a_crystal_are_no_loss(jitter: float, drift: float) -> None:
    observed = list(run(3600, rate=RATE * (1 + drift), jitter=jitter))
    clock = FrameClock(RATE, 0, observed[0][0])
    assert losses(iter(observed), clock) == []
    now, frames = observed[-1]
    assert clock.time_of(frames) == pytest.approx(now - jitter, abs=0.01 + jitter)


def test_frames_that_are_late_and_come_after_all_are_no_loss() -> None:
    observed = [(max(now, 12.5) if 10 < now < 12.5 else now, frames) for now, frames in run(30)]
    assert losses(iter(observed), FrameClock(RATE, 0, observed[0][0])) == []


def test_frames_that_never_come_are_counted() -> None:
    missing = 8000
    observed = [(now, frames if now < 10 else frames - missing) for now, frames in run(30)]
    assert sum(losses(iter(observed), FrameClock(RATE, 0, observed[0][0]))) == pytest.approx(missing, abs=0.02 * RATE)


@pytest.mark.parametrize("flagged", [False, True])
def test_a_small_loss_is_believed_when_the_device_has_said_so(flagged: bool) -> None:
    missing = 1600
    clock = FrameClock(RATE, 0, BLOCK / RATE)
    lost = 0
    for now, frames in run(30):
        if flagged and abs(now - 10) < BLOCK / RATE / 2:
            clock.flag()
        lost += clock.observe(now, frames + lost - (missing if now > 10 else 0))
    assert lost == (pytest.approx(missing, abs=160) if flagged else 0)


def test_a_device_that_runs_one_percent_slow_is_not_taken_for_drift() -> None:
    observed = run(120, rate=0.99 * RATE)
    assert sum(losses(observed, FrameClock(RATE, 0, BLOCK / RATE))) / RATE == pytest.approx(1.2, abs=0.3)


def test_a_device_that_gives_too_much_is_told_of() -> None:
    found = losses(run(30, rate=48_000), FrameClock(RATE, 0, BLOCK / 48_000))
    assert found
    assert all(x < 0 for x in found)


def test_time_of_the_first_frames_is_when_they_began() -> None:
    clock = FrameClock(RATE, 500, 100.0)
    clock.observe(100.0, 500 + RATE)
    assert clock.time_of(500) == pytest.approx(99.0)

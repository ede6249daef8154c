from __future__ import annotations

import numpy as np
import pytest

from audio.client.clock import FrameClock
from audio.client.monitor import FLAT, SELDOM, DeviceMonitor

RATE = 16_000


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def monitor(said: list[str]) -> DeviceMonitor:
    return DeviceMonitor(RATE, said.append)


def test_overflows_are_told_at_once_and_then_seldom(monitor: DeviceMonitor, said: list[str]) -> None:
    clock = FrameClock(RATE, 0, 0.0)
    for second in range(int(SELDOM) + 10):
        monitor.report_overflows(second // 2, clock, float(second))
    assert len(said) == 2
    assert "(1 so far)" in said[0]
    assert "(31 so far)" in said[1]


def test_no_overflow_no_word(monitor: DeviceMonitor, said: list[str]) -> None:
    monitor.report_overflows(0, FrameClock(RATE, 0, 0.0), 1.0)
    assert said == []


def test_frames_that_are_lost_are_counted_and_told(monitor: DeviceMonitor, said: list[str]) -> None:
    clock, lost = FrameClock(RATE, 0, 0.0), 0
    for tenth in range(1, 300):
        came = RATE * tenth // 10 - (RATE if tenth > 100 else 0)
        lost += monitor.lost_frames(came + lost, clock, tenth / 10)
    assert lost == pytest.approx(RATE, rel=0.02)
    assert len(said) == 1
    assert "by the clock they should have come" in said[0]


def test_too_many_frames_are_told_and_lose_nothing(monitor: DeviceMonitor, said: list[str]) -> None:
    clock = FrameClock(RATE, 0, 0.0)
    assert sum(monitor.lost_frames(3 * RATE * tenth // 10, clock, tenth / 10) for tenth in range(1, 300)) == 0
    assert len(said) == 1
    assert "is its rate 16000 Hz?" in said[0]


def test_one_value_for_long_is_told_once_and_so_is_its_end(monitor: DeviceMonitor, said: list[str]) -> None:
    flat, rustling = np.full((100, 1), -3, np.int16), np.array([[0], [1]], np.int16)
    for second in range(int(FLAT) + 5):
        monitor.check_signal(flat, float(second))
    assert said == ["gives nothing but the value -3 for 5 s: is it muted, or unplugged?"]
    monitor.check_signal(rustling, 100.0)
    monitor.check_signal(rustling, 101.0)
    assert said[1:] == ["is heard again"]


def test_a_short_silence_is_nothing_to_tell(monitor: DeviceMonitor, said: list[str]) -> None:
    for second in range(20):
        monitor.check_signal(np.full((100, 1), 0 if second % 5 else second, np.int16), float(second))
        monitor.check_signal(np.array([[0], [1]], np.int16), second + 0.5)
    monitor.check_signal(np.zeros((0, 1), np.int16), 30.0)
    assert said == []

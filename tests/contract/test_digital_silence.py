"""Digital silence (a mute key, a null sink, packets that are lost) is a hole in a stream, never a level of it."""

from __future__ import annotations

import numpy as np
import pytest

from audio.pcm import Pcm
from audio.services.base import Service
from tests.contract import samples, timeline
from tests.contract.test_sessions import run

SECONDS = 8.0
CHUNK = 4096
# What lies this near to the hole may be heard otherwise: a sound that it cuts, a block that it lies in. In seconds.
NEAR = 0.7
TOLERANCE = 0.1


def moments(service: Service, pcm: Pcm, cut: float, zeros: float) -> list[float]:
    """When something began or ended, in seconds of the sound without the hole, but for what lies near it."""
    answers, _ = run(service, pcm, CHUNK)
    times = []
    for items in timeline.assemble(answers)[1].values():
        for item in items:
            times += (
                [item["time"]] if "time" in item else [item[key] / pcm.rate for key in ("start", "end") if key in item]
            )
    away = [time for time in times if not cut - NEAR < time < cut + zeros + NEAR]
    return sorted(time - zeros * (time > cut) for time in away)


def near(times: list[float], others: list[float]) -> float:
    """How many of some times are among others."""
    found = [np.min(np.abs(np.subtract(others, time)), initial=np.inf) < TOLERANCE for time in times]
    return float(np.mean(found)) if found else 1.0


@pytest.mark.parametrize("share", [0.0, 0.55, 1.0], ids=["before", "amid", "after"])
@pytest.mark.parametrize("zeros", [0.256, 5.12])
def test_zeros_leave_the_answer_to_the_rest_as_it_was(hearing: Service, share: float, zeros: float) -> None:
    pcm = samples.lively(hearing, SECONDS)
    at = round(share * pcm.frames) // CHUNK * CHUNK if share < 1 else pcm.frames
    hole = np.zeros((round(zeros * pcm.rate), pcm.channels), np.int16)
    holed = Pcm(np.concatenate((pcm.samples[:at], hole, pcm.samples[at:])), pcm.rate)
    cut = at / pcm.rate
    whole = moments(hearing, pcm, cut, 0.0)
    rest = moments(hearing, holed, cut, zeros)
    assert near(whole, rest) >= 0.9, (whole, rest)
    assert near(rest, whole) >= 0.9, (whole, rest)

"""Votes of the WebRTC voice detector.

Goal: webrtcvad's answer for each 30 ms of a stream at 16 kHz, the same however the stream was cut into chunks.
webrtcvad remembers what it has heard and cannot be copied, so that its state here is sound: a fresh detector begins
every PERIOD of the stream and first hears the WARM_UP before it. Conventions: int16, mono, 16 kHz.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import webrtcvad
from numpy.typing import NDArray

RATE = 16_000
FRAME = 480
PERIOD = 4 * FRAME
WARM_UP = 4 * FRAME
MODE = 3

Samples = NDArray[np.int16]


@dataclass(frozen=True)
class Heard:
    """start: where `samples` begin in the stream; they hold all from WARM_UP before the period under way. next: the
    next frame to vote on."""

    start: int
    samples: Samples
    next: int

    @staticmethod
    def begin() -> Heard:
        return Heard(0, np.zeros(0, np.int16), 0)


def votes(heard: Heard, samples: Samples) -> tuple[NDArray[np.bool_], Heard]:
    """The votes on the frames that these samples complete, shape (n,)."""
    held = np.concatenate((heard.samples, samples))
    end = (heard.start + len(held)) // FRAME
    out: list[bool] = []
    frame = heard.next
    while frame < end:
        first = frame * FRAME // PERIOD * PERIOD
        last = min(end, (first + PERIOD) // FRAME)
        begin = max(0, first - WARM_UP)
        out += _run(held[begin - heard.start : last * FRAME - heard.start])[frame - last :]
        frame = last
    start = max(0, frame * FRAME // PERIOD * PERIOD - WARM_UP)
    return np.array(out, dtype=bool), Heard(start, held[start - heard.start :].copy(), frame)


def _run(samples: Samples) -> list[bool]:
    detector = webrtcvad.Vad(MODE)
    data = memoryview(samples.tobytes())
    step = 2 * FRAME
    return [detector.is_speech(bytes(data[i : i + step]), RATE) for i in range(0, len(data), step)]

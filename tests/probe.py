"""A service for tests: it hears, it has a state, and it can be told to wait or to fail.

It counts, on the session's own clock, the blocks of 100 frames whose mean amplitude is above a threshold.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import numpy as np

from audio.errors import AudioError, SpeechFailed
from audio.pcm import Pcm
from audio.services.base import Output, Service, State
from audio.services.inputs import Gap, choice, number, sound, text
from tests.offered import offered

BLOCK = 100
STARTED: list[str] = []
"""The names of the computes that began to wait."""
GO = threading.Event()
"""Lets every compute that waits go on."""


@dataclass(frozen=True)
class Inputs:
    sound: Pcm = sound(channels=1, about="What to measure.")
    threshold: float = number(0.1, minimum=0.0, maximum=1.0, about="Of the mean amplitude of a block.")
    fail: str = choice("no", choices=("no", "crash", "unknown", "mute"), about="How to fail.")
    hold: str = text("", about="A name to wait under for GO, or the path of a FIFO whose writer lets it go on.")


def compute(inputs: Inputs, state: State | None) -> tuple[Output, State | None]:
    if inputs.fail == "crash":
        raise RuntimeError("secret-of-the-house")
    if inputs.fail == "unknown":
        raise AudioError("nobody has mapped this")
    if inputs.fail == "mute":
        raise SpeechFailed("It gave no sound.")
    _wait(inputs.hold)
    before = state or {}
    clock = before.get("clock", 0)
    kept = before.get("kept", np.zeros(0, np.int16))
    heard = np.concatenate([kept, inputs.sound.samples[:, 0]])
    count = len(heard) // BLOCK
    begin = clock - len(kept)
    blocks_of = heard[: count * BLOCK].reshape(count, BLOCK)
    means = [np.abs(blocks_of[i : i + 1000].astype(np.float32)).mean(axis=1) for i in range(0, count, 1000)]
    loud = np.concatenate([np.zeros(0), *means]) > inputs.threshold * 32768
    blocks = [{"index": int(i * BLOCK + begin - clock), "on": True} for i in np.flatnonzero(loud)]
    output = {"input_size": inputs.sound.frames, "blocks": blocks, "chunk": before.get("chunk", 0) + 1}
    after = {"clock": clock + inputs.sound.frames, "kept": heard[count * BLOCK :], "chunk": before.get("chunk", 0) + 1}
    return output, None if state is None else after


def skip(state: State, gap: Gap) -> State:
    clock = state.get("clock", 0) + gap.length
    return {"clock": clock, "kept": np.zeros(clock % BLOCK, np.int16), "chunk": state.get("chunk", 0)}


def _wait(hold: str) -> None:
    if hold.startswith("/"):
        os.close(os.open(hold, os.O_RDONLY))
    elif hold:
        STARTED.append(hold)
        assert GO.wait(60)


SERVICE = Service(
    name="probe",
    version=1,
    description="Counts loud blocks.",
    inputs=Inputs,
    outputs={
        "input_size": {"type": "integer"},
        "chunk": {"type": "integer"},
        "blocks": {"type": "array", "items": {"type": "object", "required": ["index"]}},
    },
    compute=compute,
    skip=skip,
    example=({"sound": "attachment://sound"}, {"input_size": 0, "chunk": 1, "blocks": []}),
)


def registered() -> AbstractContextManager[None]:
    """The probe among the services, for as long as this lasts."""
    return offered("probe", 1, "tests.probe")


def main(argv: list[str]) -> Any:
    """The command `audio`, with the probe among its services."""
    from audio.cli import main as audio

    with registered():
        return audio(argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

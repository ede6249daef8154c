"""Is there a voice: the classical detector."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audio.dsp import network
from audio.services import voice_contract

MODEL = "voice.npz"


def classify(state: Any, sound: NDArray[np.float32], rows: NDArray[np.float32]) -> tuple[NDArray[np.float32], Any]:
    model = network.load(MODEL)
    memory = network.begin(model) if state is None else tuple(state)
    odds, memory = network.score(model, memory, rows)
    return odds, list(memory)


SERVICE = voice_contract.service(
    version=1,
    description=(
        "Tells whether somebody speaks, and where. The level of 24 bands over their noise floor, how voiced and how "
        "steady the sound is are weighed by a small network that is fitted on public recordings."
    ),
    classify=classify,
    prepare=partial(network.load, MODEL),
)

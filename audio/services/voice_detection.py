"""Is there a voice: the classical detector."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audio.dsp import network
from audio.services import voiced

MODEL = "voice.npz"


def score(inner: Any, sound: NDArray[np.float32], rows: NDArray[np.float32]) -> tuple[NDArray[np.float32], Any]:
    model = network.load(MODEL)
    memory = network.begin(model) if inner is None else tuple(inner)
    odds, memory = network.score(model, memory, rows)
    return odds, list(memory)


SERVICE = voiced.service(
    version=1,
    description=(
        "Tells whether somebody speaks, and where. webrtcvad's votes, the level of 24 bands over their noise floor, "
        "how voiced and how steady the sound is are weighed by a small network that is fitted on public recordings."
    ),
    scorer=score,
    prepare=partial(network.load, MODEL),
)

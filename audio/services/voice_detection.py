"""Is there a voice: the classical detector."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from audio.dsp import network, voice_mixture
from audio.dsp.plain import pack, unpack
from audio.services import voice_contract

# The first was fitted without telephone lines, whispers, crowds and tones of machines and is the better one in loud
# noise, the second with them. Both by benchmarks/fit_voice.py.
MODELS = ("voice_a.npz", "voice_b.npz")


def prepare() -> None:
    for name in MODELS:
        network.load(name)


def classify(state: Any, sound: NDArray[np.float32], rows: NDArray[np.float32]) -> tuple[NDArray[np.float32], Any]:
    """The log odds of a voice at each hop, of the features."""
    models = [network.load(name) for name in MODELS]
    before: dict[str, Any] = (
        {"networks": [network.begin(model) for model in models], "mixture": pack(voice_mixture.State())}
        if state is None
        else state
    )
    (first, one), (second, two) = (
        network.score(model, tuple(memory), rows) for model, memory in zip(models, before["networks"], strict=True)
    )
    odds, mixture = voice_mixture.mix(unpack(voice_mixture.State, before["mixture"]), rows, first, second, covered=True)
    return odds, {"networks": [list(one), list(two)], "mixture": pack(mixture)}


SERVICE = voice_contract.service(
    version=1,
    description=(
        "Tells whether somebody speaks, and where. The level of 24 bands over their noise floor, how voiced and how "
        "steady the sound is are weighed by two small networks that are fitted on public recordings."
    ),
    classify=classify,
    prepare=prepare,
)

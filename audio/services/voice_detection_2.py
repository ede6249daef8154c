"""Is there a voice: the neural detector."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from audio.dsp import network, voice_silero
from audio.dsp.plain import pack, unpack
from audio.services import voice_contract

# Two networks, whose mean is surer than either: the first was fitted without telephone lines, whispers, crowds and
# tones of machines and is the better one in loud noise, the second with them. Both by benchmarks/fit_voice.py.
MODELS = ("voice_neural_a.npz", "voice_neural_b.npz")
# Silero's own odds weigh this much against the networks', which heard less of the world than Silero did. Chosen with
# benchmarks/voice_detectors.py.
SILERO_WEIGHT = np.float32(0.15)


def prepare() -> None:
    for name in MODELS:
        network.load(name)
    voice_silero.load()


def classify(state: Any, sound: NDArray[np.float32], rows: NDArray[np.float32]) -> tuple[NDArray[np.float32], Any]:
    """The log odds of a voice at each hop, of the features and of what Silero makes of the sound."""
    models = [network.load(name) for name in MODELS]
    before: dict[str, Any] = (
        {"networks": [network.begin(model) for model in models], "silero": pack(voice_silero.State.begin())}
        if state is None
        else state
    )
    silero, after = voice_silero.features(unpack(voice_silero.State, before["silero"]), sound, len(rows))
    rows = np.concatenate((rows, silero), axis=1)
    scored = [
        network.score(model, tuple(memory), rows) for model, memory in zip(models, before["networks"], strict=True)
    ]
    mean = np.mean([odds for odds, _ in scored], axis=0, dtype=np.float32)
    odds = (1 - SILERO_WEIGHT) * mean + SILERO_WEIGHT * silero[:, 0]
    return odds, {"networks": [list(memory) for _, memory in scored], "silero": pack(after)}


SERVICE = voice_contract.service(
    version=2,
    description=(
        "Tells whether somebody speaks, and where: as version 1, with what Silero's neural detector makes of the sound "
        "among the features. Far surer in noise, at twice the cost."
    ),
    classify=classify,
    prepare=prepare,
)

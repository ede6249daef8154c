"""Is there a voice: the neural detector."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from audio.dsp import network, voice_mixture, voice_silero
from audio.dsp.plain import pack, unpack
from audio.services import voice_contract

# Two networks, whose mean is surer than either: the first was fitted without telephone lines, whispers, crowds and
# tones of machines and is the better one in loud noise, the second with them. Both by benchmarks/fit_voice.py.
MODELS = ("voice_neural_a.npz", "voice_neural_b.npz")
# Version 1's second network, which has no need of Silero: that has hardly an ear for voices without bass.
NO_BASS = "voice_b.npz"
# Silero's own odds weigh this much against the networks', which heard less of the world than Silero did. Chosen with
# benchmarks/voice_detectors.py.
SILERO_WEIGHT = np.float32(0.15)


def prepare() -> None:
    for name in (*MODELS, NO_BASS):
        network.load(name)
    voice_silero.load()


def classify(state: Any, sound: NDArray[np.float32], rows: NDArray[np.float32]) -> tuple[NDArray[np.float32], Any]:
    """The log odds of a voice at each hop, of the features and of what Silero makes of the sound."""
    before = state or _begin()
    silero, after = voice_silero.features(unpack(voice_silero.State, before["silero"]), sound, len(rows))
    wide = np.concatenate((rows, silero), axis=1)
    (first, one), (second, two), (narrow, three) = (
        network.score(network.load(name), tuple(memory), seen)
        for name, memory, seen in zip((*MODELS, NO_BASS), before["networks"], (wide, wide, rows), strict=True)
    )
    mean = np.mean((first, second), axis=0, dtype=np.float32)
    odds = (1 - SILERO_WEIGHT) * mean + SILERO_WEIGHT * silero[:, 0]
    without_bass = np.asarray((second + narrow) / 2, np.float32)
    mixture = unpack(voice_mixture.State, before["mixture"])
    odds, mixed = voice_mixture.mix(mixture, rows, odds, without_bass, covered=False)
    return odds, {"networks": [list(one), list(two), list(three)], "silero": pack(after), "mixture": pack(mixed)}


def _begin() -> dict[str, Any]:
    return {
        "networks": [network.begin(network.load(name)) for name in (*MODELS, NO_BASS)],
        "silero": pack(voice_silero.State.begin()),
        "mixture": pack(voice_mixture.State()),
    }


SERVICE = voice_contract.service(
    version=2,
    description=(
        "Tells whether somebody speaks, and where: as version 1, with what Silero's neural detector makes of the sound "
        "among the features. Far surer in noise, at twice the cost."
    ),
    classify=classify,
    prepare=prepare,
)

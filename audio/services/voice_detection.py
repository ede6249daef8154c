"""Is there a voice: the classical detector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audio.dsp import voice_model, voice_session
from audio.pcm import Pcm
from audio.services.base import Output, Service, State, number, sound

MODEL = "voice.npz"
# The log odds that are asked for at sensitivity 0.5.
NEUTRAL = 0.5


@dataclass(frozen=True)
class Inputs:
    sound: Pcm = sound(channels=1, about="The sound to look at.")
    sensitivity: float = number(0.5, minimum=0.0, maximum=1.0, about=voice_session.ABOUT["sensitivity"])
    min_speech_duration_ms: float = number(
        0.0, minimum=0.0, maximum=10_000.0, unit="ms", about=voice_session.ABOUT["min_speech_duration_ms"]
    )
    min_silence_duration_ms: float = number(
        0.0, minimum=0.0, maximum=10_000.0, unit="ms", about=voice_session.ABOUT["min_silence_duration_ms"]
    )
    speech_pad_ms: float = number(
        0.0, minimum=0.0, maximum=10_000.0, unit="ms", about=voice_session.ABOUT["speech_pad_ms"]
    )


def score(inner: Any, sound: NDArray[np.float32], rows: NDArray[np.float32]) -> tuple[NDArray[np.float32], Any]:
    model = voice_model.load(MODEL)
    memory = voice_model.begin(model) if inner is None else tuple(inner)
    odds, memory = voice_model.score(model, memory, rows)
    return odds - np.float32(NEUTRAL), list(memory)


def compute(inputs: Inputs, state: State | None) -> tuple[Output, State | None]:
    wanted = voice_session.Wanted(
        inputs.sensitivity,
        inputs.min_speech_duration_ms / 1000,
        inputs.min_silence_duration_ms / 1000,
        inputs.speech_pad_ms / 1000,
    )
    return voice_session.answer(inputs.sound, wanted, state, score)


SERVICE = Service(
    name="voice_detection",
    version=1,
    description=(
        "Tells whether somebody speaks, and where. webrtcvad's votes, the level of 24 bands over their noise floor and "
        "how voiced the sound is are weighed by a small network that is fitted on public recordings."
    ),
    inputs=Inputs,
    outputs=voice_session.OUTPUTS,
    compute=compute,
    skip=voice_session.skip,
    example=voice_session.EXAMPLE,
)

"""A stream at any rate, chunk by chunk, to decisions on voice.

Goal: what both voice detectors share: holes, resampling, features, a classifier, the gate, and the answer in frames
of the input. Conventions: mono int16; one decision every 16 ms (a hop). The decision on a hop holds from where it is
known to where the next one is: the answer at a frame uses no later frame, so that no chunk waits for the next, and
how the stream is cut changes nothing. Digital silence is taken out before anything looks at the stream: what follows
it is heard as if it followed what came before. Mains hum is taken out next, and a tone that stands still is no voice,
whatever the classifier says.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audio.dsp import framing, gate, level, mains_hum, resample, silence, voice_features
from audio.dsp.gate import Gate, Limits
from audio.dsp.voice_features import HOP

Samples = NDArray[np.int16]
Array = NDArray[np.float32]


# (its state, sound at 16 kHz in whole hops, their features) -> (log odds of a voice at each hop, its state).
Classifier = Callable[[Any, Array, Array], tuple[Array, Any]]

# A long sound is taken in pieces of this many seconds, so that memory stays bounded. Chosen.
PIECE = 10
# A voice goes on over a hole of so many seconds. Chosen: pauses in speech up to that long are bridged as well.
BRIDGE = 0.15
# The log odds of a voice where a tone stands still, at most: below any threshold. Chosen.
OF_TONE = np.float32(-4)


@dataclass(frozen=True)
class State:
    """Where a stream stands.

    Attributes
    ----------
    frames : of the input without holes, so far.
    hops : decided so far.
    silent : how many frames of digital silence came last.
    resampler : to 16 kHz.
    hum : what repeats with the mains.
    rest : samples at 16 kHz after the last whole hop.
    features : what the next features need of the past.
    gate : open while there is a voice.
    """

    frames: int
    hops: int
    silent: int
    resampler: resample.Position
    hum: mains_hum.State
    rest: Array
    features: voice_features.State
    gate: Gate

    @staticmethod
    def begin(rate: int) -> State:
        """A stream of this rate in Hz before its first frame. It begins in a hole: leading zeros are none of it."""
        return State(
            frames=0,
            hops=0,
            silent=silence.hangover(rate),
            resampler=resample.Position.begin(rate),
            hum=mains_hum.State.begin(),
            rest=np.zeros(0, np.float32),
            features=voice_features.State.begin(),
            gate=Gate(),
        )


def advance(
    state: State, inner: Any, samples: Samples, rate: int, limits: Limits, classify: Classifier
) -> tuple[NDArray[np.bool_], State, Any]:
    """Decide on the next frames of a stream.

    Parameters
    ----------
    state, inner : what the last call returned, the stream's and the classifier's.
    samples : the next frames, shape (n,).
    rate : in Hz.
    limits : the gate's.
    classify : gives the log odds of a voice.

    Returns
    -------
    found : whether there is a voice at each frame, and whether that is sure; shape (n, 2). In digital silence there is
        none, but for the first BRIDGE of it.
    state, inner : for the next call.
    """
    found = [np.zeros((0, 2), bool)]
    for start in range(0, len(samples), PIECE * rate):
        piece, state, inner = _without_holes(
            state, inner, samples[start : start + PIECE * rate], rate, limits, classify
        )
        found.append(piece)
    return np.concatenate(found), state, inner


def _without_holes(
    state: State, inner: Any, samples: Samples, rate: int, limits: Limits, classify: Classifier
) -> tuple[NDArray[np.bool_], State, Any]:
    runs = silence.lengths(state.silent, samples, rate)
    if runs is None:
        return _piece(state, inner, samples, rate, limits, classify)
    sound = runs <= silence.hangover(rate)
    open_before = [[state.gate.open, state.gate.sure]]
    found, state, inner = _piece(state, inner, samples[sound], rate, limits, classify)
    # In a hole the last decision holds, for a while.
    out = np.concatenate((open_before, found))[np.cumsum(sound)]
    out[runs > round(max(BRIDGE, limits.release * HOP / voice_features.RATE) * rate)] = False
    return out, dataclasses.replace(state, silent=int(runs[-1])), inner


def _piece(
    state: State, inner: Any, samples: Samples, rate: int, limits: Limits, classify: Classifier
) -> tuple[NDArray[np.bool_], State, Any]:
    fresh, resampler = resample.resample(state.resampler, level.to_float(samples), rate)
    fresh, hum = mains_hum.remove(state.hum, fresh)
    hops, rest = framing.cut(np.concatenate((state.rest, fresh)), HOP)
    sound = hops.reshape(-1)
    rows, still, features = voice_features.features(state.features, sound)
    scores, inner = classify(inner, sound, rows)
    scores = np.where(still, np.minimum(scores, OF_TONE), scores)
    decisions, after = gate.decide(state.gate, scores, limits)
    found = _spread(state, decisions, len(samples), rate)
    return (
        found,
        State(
            frames=state.frames + len(samples),
            hops=state.hops + len(rows),
            silent=0,
            resampler=resampler,
            hum=hum,
            rest=rest.copy(),
            features=features,
            gate=after,
        ),
        inner,
    )


def _spread(state: State, decisions: NDArray[np.bool_], frames: int, rate: int) -> NDArray[np.bool_]:
    """Decisions on hops as an answer for each frame of the chunk: each holds from the frame at which it is known."""
    known = resample.needed((state.hops + 1 + np.arange(len(decisions))) * HOP, rate)
    starts = np.clip(known - state.frames, 0, frames)
    lengths = np.diff(np.concatenate(([0], starts, [frames])))
    return np.repeat(np.concatenate(([[state.gate.open, state.gate.sure]], decisions)), lengths, axis=0)

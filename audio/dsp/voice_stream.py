"""A stream at any rate, chunk by chunk, to decisions on voice.

Goal: what both voice detectors share: resampling, features, votes, the network, the gate, and the answer in frames of
the input. Conventions: mono int16; frames counted from the start of the stream; one decision every 16 ms (a hop).
The decision on a hop holds from where it is known to where the next one is: the answer at a frame uses no later frame,
so that no chunk waits for the next, and how the stream is cut changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audio.dsp import framing, gate, level, resample, voice, voice_features
from audio.dsp.gate import Gate, Limits
from audio.dsp.voice_features import HOP, History

Samples = NDArray[np.int16]
Array = NDArray[np.float32]


Scorer = Callable[[Any, Array, Array], tuple[Array, Any]]

# A long sound is taken in pieces of this many seconds, so that memory stays bounded.
PIECE = 10


@dataclass(frozen=True)
class Stream:
    """Where a stream stands.

    frames: of the input, so far. hops: decided so far. position: the resampler's. rest: samples at 16 kHz after the
    last whole hop. history: the features'. heard: webrtcvad's, vote: its last one. gate: the decision's.
    """

    frames: int
    hops: int
    position: resample.Position
    rest: Array
    history: History
    heard: voice.Heard
    vote: bool
    gate: Gate


def begin(rate: int) -> Stream:
    return Stream(
        frames=0,
        hops=0,
        position=resample.Position.begin(rate),
        rest=np.zeros(0, np.float32),
        history=History.begin(),
        heard=voice.Heard.begin(),
        vote=False,
        gate=Gate(),
    )


def advance(
    stream: Stream, inner: Any, samples: Samples, rate: int, limits: Limits, scorer: Scorer
) -> tuple[NDArray[np.bool_], Stream, Any]:
    """Whether there is a voice at each of the next frames and whether that is sure, shape (n, 2); and what comes after.

    scorer: (inner, sound at 16 kHz in whole hops, rows of features) -> (log odds for each hop, inner).
    """
    answers = [np.zeros((0, 2), bool)]
    for start in range(0, len(samples), PIECE * rate):
        answer, stream, inner = _piece(stream, inner, samples[start : start + PIECE * rate], rate, limits, scorer)
        answers.append(answer)
    return np.concatenate(answers), stream, inner


def _piece(
    stream: Stream, inner: Any, samples: Samples, rate: int, limits: Limits, scorer: Scorer
) -> tuple[NDArray[np.bool_], Stream, Any]:
    fresh, position = resample.resample(stream.position, level.to_float(samples), rate)
    sound, rest = framing.cut(np.concatenate((stream.rest, fresh)), HOP)
    rows, history = voice_features.features(stream.history, sound.reshape(-1))
    votes, heard = voice.votes(stream.heard, _to_int(sound.reshape(-1)))
    each, vote = _vote_of_hops(stream, votes, len(rows))
    scores, inner = scorer(inner, sound.reshape(-1), np.concatenate((rows, each[:, None]), axis=1))
    decisions, state = gate.decide(stream.gate, scores, limits)
    answer = _spread(stream, decisions, len(samples), rate)
    after = Stream(
        frames=stream.frames + len(samples),
        hops=stream.hops + len(rows),
        position=position,
        rest=rest.copy(),
        history=history,
        heard=heard,
        vote=vote,
        gate=state,
    )
    return answer, after, inner


def _vote_of_hops(stream: Stream, votes: NDArray[np.bool_], hops: int) -> tuple[Array, bool]:
    """webrtcvad's last vote as of the end of each hop, shape (hops,), and the very last."""
    known = np.concatenate(([stream.vote], votes))
    ends = (stream.hops + 1 + np.arange(hops)) * HOP // voice.FRAME
    return known[ends - stream.heard.next].astype(np.float32), bool(known[-1])


def _spread(stream: Stream, decisions: NDArray[np.bool_], frames: int, rate: int) -> NDArray[np.bool_]:
    """Decisions on hops as an answer for each frame of the chunk: each holds from the frame at which it is known."""
    known = resample.needed((stream.hops + 1 + np.arange(len(decisions))) * HOP, rate)
    starts = np.clip(known - stream.frames, 0, frames)
    lengths = np.diff(np.concatenate(([0], starts, [frames])))
    return np.repeat(np.concatenate(([[stream.gate.open, stream.gate.sure]], decisions)), lengths, axis=0)


def _to_int(sound: Array) -> Samples:
    return np.asarray(np.rint(np.clip(sound * np.float32(level.FULL_SCALE), -32768, 32767)), np.int16)

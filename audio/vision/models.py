"""Models: loaded once a process, when first needed; one thread each.

A model is an ONNX file in `data/`; `data/ORIGINS.md` says where each comes from, and under which licence.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files

import numpy as np
import onnxruntime
from numpy.typing import NDArray

# onnxruntime keeps the memory of a run for the next one: without that a run in the gateway takes twice its time. What a
# large picture took, it gives back.
_LARGE = 3 * 1024 * 1024
_SHRINK = onnxruntime.RunOptions()
_SHRINK.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")

_loading = threading.Lock()
# A gateway has a process a core. One run at a time in each bounds what a flood of pictures takes of memory, and leaves
# the other threads, which hear, their turns.
_running = threading.RLock()
# What inputs are written into, of the largest size that was asked for: memory that the system gives afresh for each
# takes longer to come than to fill.
_kept = np.empty(0, np.float32)


class Model:
    """A network: arrays in, arrays out, in the order of the file. May be called from any thread."""

    def __init__(self, content: bytes) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Pictures are of many sizes: patterns of memory would be kept for each.
        options.enable_mem_pattern = False
        self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        self._names = [i.name for i in self._session.get_inputs()]

    def __call__(self, *inputs: NDArray[np.generic]) -> list[NDArray[np.float32]]:
        named = dict(zip(self._names, inputs, strict=True))
        large = sum(values.size for values in inputs) > _LARGE
        with _running:
            return list(self._session.run(None, named, _SHRINK if large else None))


@contextmanager
def canvas(*shape: int) -> Iterator[NDArray[np.float32]]:
    """An array for the input of a network, to be written whole and forgotten afterwards.

    Within, no other thread runs a network.
    """
    global _kept
    count = int(np.prod(shape))
    with _running:
        if count > _LARGE:
            yield np.empty(shape, np.float32)
            return
        if _kept.size < count:
            _kept = np.empty(count, np.float32)
        yield _kept[:count].reshape(shape)


def load(name: str) -> Model:
    """The model of `data/NAME.onnx`. Raises FileNotFoundError where there is none."""
    with _loading:
        return _load(name)


@cache
def _load(name: str) -> Model:
    return Model(files("audio.vision.data").joinpath(f"{name}.onnx").read_bytes())

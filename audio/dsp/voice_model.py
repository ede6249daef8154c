"""A small causal network over features of a stream.

Goal: the probability of a voice at each frame, from all frames up to it, in plain numpy. It is a stack of dilated
causal convolutions with residual connections (S. Bai, J. Z. Kolter, V. Koltun, "An Empirical Evaluation of Generic
Convolutional and Recurrent Networks for Sequence Modeling", 2018, section 3). Before a stream's first frame there are
zeros. Conventions: float32, rows are frames.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
TAPS = 3
# Each layer looks back this many times as far as the one before.
GROWTH = 3


@dataclass(frozen=True)
class Model:
    """first: (features, width), with the features' scale in it. layers: weights (TAPS * width, width) and bias, oldest
    tap first. last: (width,). All biases apart."""

    first: Array
    first_bias: Array
    layers: tuple[tuple[Array, Array], ...]
    last: Array
    last_bias: float

    @property
    def width(self) -> int:
        return int(self.first.shape[1])


@cache
def load(name: str) -> Model:
    """The model in the package's file `name`."""
    with files("audio.dsp").joinpath("data", name).open("rb") as file, np.load(file, allow_pickle=False) as data:
        count = sum(key.startswith("layer") and key.endswith("weights") for key in data.files)
        layers = tuple((data[f"layer{i}_weights"], data[f"layer{i}_bias"]) for i in range(count))
        return Model(data["first"], data["first_bias"], layers, data["last"], float(data["last_bias"]))


def begin(model: Model) -> tuple[Array, ...]:
    """The memory of each layer before a stream begins: its last inputs, as many as it looks back."""
    return tuple(np.zeros(((TAPS - 1) * GROWTH**i, model.width), np.float32) for i in range(len(model.layers)))


def score(model: Model, memory: tuple[Array, ...], rows: Array) -> tuple[Array, tuple[Array, ...]]:
    """The log odds of a voice at each frame, shape (frames,), and the new memory. rows: shape (frames, features)."""
    x = rows @ model.first
    x += model.first_bias
    np.maximum(x, 0, out=x)
    kept = []
    for i, ((weights, bias), past) in enumerate(zip(model.layers, memory, strict=True)):
        reach = GROWTH**i
        seen = np.concatenate((past, x))
        kept.append(seen[len(seen) - len(past) :].copy())
        taps = np.concatenate((seen[: len(x)], seen[reach:-reach], x), axis=1)
        y = taps @ weights
        y += bias
        x += np.maximum(y, 0, out=y)
    return np.asarray(x @ model.last + np.float32(model.last_bias), np.float32), tuple(kept)

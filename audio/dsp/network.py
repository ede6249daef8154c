"""A small causal network over features of a stream.

Goal: the log odds of something at each frame, from all frames up to it, in plain numpy. It is a stack of dilated
causal convolutions with residual connections (S. Bai, J. Z. Kolter, V. Koltun, "An Empirical Evaluation of Generic
Convolutional and Recurrent Networks for Sequence Modeling", 2018, section 3). Between two of them is a slow memory, a
leaky mean of seconds whose leak depends on what comes in (L. Feng et al., "Were RNNs All We Needed?", 2024, section
3.1): it knows the noise and the music. Before a stream's first frame there are zeros. Conventions: float32, rows are
frames.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
# Chosen: the shape of the network, for which benchmarks/fit_sound.py and fit_voice.py fit the coefficients. Each layer
# looks back GROWTH times as far as the one before; so many layers come BEFORE the slow memory.
TAPS = 3
GROWTH = 3
BEFORE = 2


@dataclass(frozen=True)
class Model:
    """The network's coefficients. All biases stand apart.

    Attributes
    ----------
    first : shape (features, width), with the features' scale in it.
    layers : weights, shape (TAPS * width, width), and bias of each; the oldest tap first.
    slow : to what is kept and what is fresh, shape (width, 2 * width).
    last : shape (width,), or (width, outputs) where a frame has several.
    """

    first: Array
    first_bias: Array
    layers: tuple[tuple[Array, Array], ...]
    slow: Array
    slow_bias: Array
    last: Array
    last_bias: Array

    @property
    def width(self) -> int:
        return int(self.first.shape[1])


@cache
def load(name: str) -> Model:
    """The model in a file of the package's `data`, read at the first call.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    """
    with files("audio.dsp").joinpath("data", name).open("rb") as file, np.load(file, allow_pickle=False) as data:
        count = sum(key.startswith("layer") and key.endswith("weights") for key in data.files)
        layers = tuple((data[f"layer{i}_weights"], data[f"layer{i}_bias"]) for i in range(count))
        return Model(
            data["first"],
            data["first_bias"],
            layers,
            data["slow"],
            data["slow_bias"],
            data["last"],
            data["last_bias"],
        )


def begin(model: Model) -> tuple[Array, ...]:
    """The memory before a stream begins: each layer's last inputs, as many as it looks back, and the slow one."""
    layers = [np.zeros(((TAPS - 1) * GROWTH**i, model.width), np.float32) for i in range(len(model.layers))]
    return (*layers, np.zeros(model.width, np.float32))


def score(model: Model, memory: tuple[Array, ...], rows: Array) -> tuple[Array, tuple[Array, ...]]:
    """The log odds at some frames.

    Parameters
    ----------
    model : as of `load`.
    memory : what the last call returned; ``begin(model)`` at the beginning.
    rows : features, shape (frames, features). None at all: nothing changes.

    Returns
    -------
    odds : shape (frames,) or (frames, outputs).
    memory : after these frames.
    """
    if len(rows) == 0:
        return np.zeros((0, *model.last.shape[1:]), np.float32), memory
    x = rows @ model.first
    x += model.first_bias
    np.maximum(x, 0, out=x)
    kept, slow = [], memory[-1]
    for i, ((weights, bias), past) in enumerate(zip(model.layers, memory[:-1], strict=True)):
        if i == BEFORE:
            known = _remember(model, slow, x)
            x, slow = x + known, known[-1].copy()
        reach = GROWTH**i
        seen = np.concatenate((past, x))
        kept.append(seen[len(seen) - len(past) :].copy())
        taps = np.concatenate((seen[: len(x)], seen[reach:-reach], x), axis=1)
        y = taps @ weights
        y += bias
        x += np.maximum(y, 0, out=y)
    return np.asarray(x @ model.last + model.last_bias, np.float32), (*kept, slow)


def _remember(model: Model, slow: Array, x: Array) -> Array:
    """The slow memory after each frame: h[i] = keep[i] * h[i - 1] + (1 - keep[i]) * fresh[i], in log2(frames) steps."""
    z = x @ model.slow
    z += model.slow_bias
    keep = 1 / (1 + np.exp(-z[:, : model.width]))
    out: Array = np.maximum(z[:, model.width :], 0) * (1 - keep)
    out[0] += keep[0] * slow
    step = 1
    while step < len(out):
        out[step:] += keep[step:] * out[:-step]
        keep[step:] *= keep[:-step]
        step *= 2
    return out

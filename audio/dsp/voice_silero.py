"""Silero's voice detector, in plain numpy.

Goal: its probability of a voice for each 32 ms of a stream, and what its recurrent layer says of them, without a
runtime for neural networks. Conventions: float32 in [-1, 1), 16 kHz, blocks of 512 samples on the stream's clock, each
looked at with the 64 samples before it.

Source: Silero VAD 6.2 (https://github.com/snakers4/silero-vad, MIT licence), whose weights `data/silero.npz` holds;
`benchmarks/convert_silero.py` made it. The network is the magnitudes of four short spectra, four convolutions over
them, and an LSTM cell (S. Hochreiter, J. Schmidhuber, "Long short-term memory", Neural Computation 1997, with the
forget gate of F. Gers et al., 2000). All but the cell remembers nothing, so that the blocks of a chunk go through it
together.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from audio.dsp import fourier

# The shape of the network: as Silero published it.
RATE = 16_000
BLOCK = 512
CONTEXT = 64
HIDDEN = 128
# Per hop: the log odds, and the output of the recurrent layer that they are made of.
FEATURES = 1 + HIDDEN
# The short spectra of a block: their length and how far they lie apart, in samples, and how many there are. Where the
# last would end after the block, the block goes on mirrored.
_WINDOW, _STRIDE, _SPECTRA = 256, 128, 4
_MIRRORED = _WINDOW + (_SPECTRA - 1) * _STRIDE - CONTEXT - BLOCK
# Probabilities are kept so far from 0 and 1 that their log odds stay finite. Chosen; no answer depends on it.
_CLIP = 1e-4

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Weights:
    """The network's weights.

    The columns of the gates (input, forget, output) of the cell hold half the weights, since sigmoid(x) =
    (1 + tanh(x / 2)) / 2: one tanh serves all four.

    Attributes
    ----------
    convolutions : each as a matrix and a bias: rows are its taps, oldest first, of all its inputs.
    cell_input, cell_bias, cell_hidden : the LSTM's, of what comes in, and of what it put out last.
    last, last_bias : of the output.
    """

    convolutions: tuple[tuple[Array, Array], ...]
    cell_input: Array
    cell_bias: Array
    cell_hidden: Array
    last: Array
    last_bias: Array


@dataclass(frozen=True)
class State:
    """Where a stream stands.

    Attributes
    ----------
    held : the CONTEXT samples before the next block, and what has come of it.
    cell : the recurrent layer's output and its cell, shape (2, HIDDEN).
    last : the last probability.
    """

    held: Array
    cell: Array
    last: float

    @staticmethod
    def begin() -> State:
        return State(np.zeros(CONTEXT, np.float32), np.zeros((2, HIDDEN), np.float32), 0.0)


@cache
def load() -> Weights:
    """The weights, read at the first call."""
    with (
        files("audio.dsp").joinpath("data", "silero.npz").open("rb") as file,
        np.load(file, allow_pickle=False) as data,
    ):
        pairs = tuple((data[f"conv{i}_weights"], data[f"conv{i}_bias"]) for i in range(4))
        rest = (data[name] for name in ("cell_input", "cell_bias", "cell_hidden", "last", "last_bias"))
        return Weights(pairs, *rest)


def probabilities(state: State, samples: Array) -> tuple[Array, State]:
    """The probability of a voice in each block that these samples complete.

    Parameters
    ----------
    state : what the last call returned; ``State.begin()`` at the beginning.
    samples : the next ones, shape (n,). Silence gives a probability near 0.

    Returns
    -------
    probabilities : shape (blocks,).
    state : where the stream stands now.
    """
    out, _, after = _run(state, samples)
    return out, after


def features(state: State, samples: Array, hops: int) -> tuple[Array, State]:
    """What is known of the last whole block at the end of each hop of 256 samples.

    Parameters
    ----------
    state : what the last call returned; ``State.begin()`` at the beginning.
    samples : whole hops, shape (256 * hops,).
    hops : how many.

    Returns
    -------
    features : the log odds of a voice, and the recurrent layer's output; shape (hops, FEATURES).
    state : where the stream stands now.
    """
    known = (len(state.held) - CONTEXT) // (BLOCK // 2)
    out, hidden, after = _run(state, samples)
    latest = np.clip(np.concatenate(([state.last], out)), _CLIP, 1 - _CLIP)
    odds = np.log(latest / (1 - latest))
    each = np.concatenate((odds[:, None], np.concatenate((state.cell[:1], hidden))), axis=1)
    return each[(known + 1 + np.arange(hops)) // 2].astype(np.float32), after


def _run(state: State, samples: Array) -> tuple[Array, Array, State]:
    """The probabilities of the blocks that these samples complete, and the recurrent layer's output at each."""
    held = np.concatenate((state.held, samples))
    count = (len(held) - CONTEXT) // BLOCK
    if count == 0:
        return np.zeros(0, np.float32), np.zeros((0, HIDDEN), np.float32), State(held, state.cell, state.last)
    weights = load()
    hidden, cell = _recur(weights, _encode(weights, _mirrored(held, count)), state.cell)
    out = 1 / (1 + np.exp(-(np.maximum(hidden, 0) @ weights.last + weights.last_bias)))
    return out, hidden, State(held[count * BLOCK :].copy(), cell, float(out[-1]))


def _mirrored(held: Array, count: int) -> Array:
    """So many blocks with the context before, and what is mirrored after them, shape (blocks, parts, _STRIDE)."""
    whole = np.empty((count, CONTEXT + BLOCK + _MIRRORED), np.float32)
    blocks = held[: count * BLOCK].reshape(count, BLOCK)
    whole[:, :CONTEXT] = blocks[:, :CONTEXT]
    whole[:, CONTEXT : CONTEXT + BLOCK] = held[CONTEXT : CONTEXT + count * BLOCK].reshape(count, BLOCK)
    whole[:, CONTEXT + BLOCK :] = whole[:, CONTEXT + BLOCK - 2 : CONTEXT + BLOCK - 2 - _MIRRORED : -1]
    return whole.reshape(count, -1, _STRIDE)


def _encode(weights: Weights, parts: Array) -> Array:
    """What goes into the recurrent layer, from what `_mirrored` gives: shape (blocks, HIDDEN).

    The convolutions have three taps each, the second and third leave out every other place, so that four places become
    two, then one; a tap beside the ends meets nothing and is left out.
    """
    (first, bias), (second, bias_2), (third, bias_3), (fourth, bias_4) = weights.convolutions
    frames = np.concatenate((parts[:, :-1], parts[:, 1:]), axis=2)
    spectra = np.zeros((len(parts), _SPECTRA + 2, _WINDOW // 2 + 1), np.float32)
    np.abs(fourier.spectra(frames, _HANN), out=spectra[:, 1:-1])
    x = _rectified(np.concatenate((spectra[:, :-2], spectra[:, 1:-1], spectra[:, 2:]), axis=2) @ first + bias)
    x = x.reshape(len(x), -1)
    size = x.shape[1] // _SPECTRA
    early = _rectified(x[:, : 2 * size] @ second[size:] + bias_2)
    late = _rectified(x[:, size:] @ second + bias_2)
    x = _rectified(np.concatenate((early, late), axis=1) @ third[early.shape[1] :] + bias_3)
    return _rectified(x @ fourth[x.shape[1] : 2 * x.shape[1]] + bias_4)


def _rectified(x: Array) -> Array:
    return np.maximum(x, 0, out=x)


def _recur(weights: Weights, x: Array, state: Array) -> tuple[Array, Array]:
    """The LSTM cell over the blocks: its output at each, shape (blocks, HIDDEN), and its state after the last."""
    fed = x @ weights.cell_input + weights.cell_bias
    (hidden, cell), out = state, np.empty((len(x), HIDDEN), np.float32)
    for i, into in enumerate(fed):
        into += hidden @ weights.cell_hidden
        np.tanh(into, out=into)
        gates = into[: 3 * HIDDEN]
        gates *= _HALF
        gates += _HALF
        cell = gates[HIDDEN : 2 * HIDDEN] * cell + gates[:HIDDEN] * into[3 * HIDDEN :]
        hidden = np.multiply(gates[2 * HIDDEN :], np.tanh(cell), out=out[i])
    return out, np.stack((hidden, cell))


_HALF = np.float32(0.5)
_HANN = fourier.window(np.hanning(_WINDOW + 1)[:-1])

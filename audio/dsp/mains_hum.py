"""Mains hum taken out of a stream.

Goal: a voice in hum of 50 or 60 Hz and its harmonics is heard as it is without. Conventions: sound at 16 kHz. It is a
comb that adapts (B. Widrow et al., "Adaptive noise cancelling: principles and applications", Proc. IEEE 1975, section
on periodic interference): the mean of the past blocks of 0.1 s, which is a whole number of periods of both mains, is
what repeats, and is taken off as long as it is there. Blocks that hold much more than it, as of a voice, change it
less. Nothing is taken off where nothing repeats; only the past is looked at, and no sample is held back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# 0.1 s, as the text above explains.
BLOCK = 1600
# How much a block changes the mean, in the end. Chosen: mains wander by a tenth of a percent.
STEP = 0.1
# A block that holds more than this many times what the quietest of the last HISTORY leaves changes it less. Chosen.
QUIET, HISTORY = 1.5, 10
# Hum is there while the last so many blocks hold the mean, each about once: mean and standard deviation of what they
# are, projected onto it. Chosen with benchmarks/voice_detectors.py.
BLOCKS, OFF_ONE, SPREAD = 8, 0.15, 0.35
# And while this share of the power of the mean lies on the harmonics of one of the mains, and this share up to 250 Hz:
# tones of telephones, some of which are at multiples of 10 Hz, are none. Chosen.
HARMONIC, LOW = 0.8, 0.03
# Power of the mean below which there is nothing to project on. Chosen: far below the last bit of 16.
NOTHING = 1e-12

Array = NDArray[np.float32]


@dataclass(frozen=True)
class State:
    """What the next samples need of the past.

    Attributes
    ----------
    mean : of the blocks so far, shape (BLOCK,).
    count : of those blocks.
    projections, residuals : of the last BLOCKS and HISTORY blocks on the mean before each, oldest first.
    block : the samples of the block under way.
    """

    mean: Array
    count: int
    projections: Array
    residuals: Array
    block: Array

    @staticmethod
    def begin() -> State:
        nothing = np.zeros(0, np.float32)
        return State(np.zeros(BLOCK, np.float32), 0, nothing, nothing, nothing)


def remove(state: State, samples: Array) -> tuple[Array, State]:
    """The next samples without hum.

    Parameters
    ----------
    state : what the last call returned; ``State.begin()`` at the beginning.
    samples : shape (n,). Silence, and what holds no hum, comes back as it is.

    Returns
    -------
    samples : shape (n,).
    state : where the stream stands now.
    """
    out = samples.copy()
    at = 0
    while at < len(samples):
        past = len(state.block)
        piece = samples[at : at + BLOCK - past]
        if _present(state):
            out[at : at + len(piece)] -= state.mean[past : past + len(piece)]
        block = np.concatenate((state.block, piece))
        state = _next(state, block)
        at += len(piece)
    return out, state


def _present(state: State) -> bool:
    known = state.projections.tolist()
    if len(known) < BLOCKS:
        return False
    mean = sum(known) / BLOCKS
    steady = abs(mean - 1) < OFF_ONE and sum((one - mean) ** 2 for one in known) < BLOCKS * SPREAD**2
    return steady and _of_mains(state.mean)


def _of_mains(mean: Array) -> bool:
    """Whether what repeats is hum, by its spectrum in steps of 10 Hz."""
    power = np.abs(np.fft.rfft(mean)[1:]) ** 2
    total = float(power.sum())
    comb = max(float(power[every - 1 :: every].sum()) for every in (5, 6))
    return comb >= HARMONIC * total and float(power[:25].sum()) >= LOW * total


def _next(state: State, block: Array) -> State:
    """The state after some more of a block, or after the whole of it."""
    if len(block) < BLOCK:
        return State(state.mean, state.count, state.projections, state.residuals, block)
    power = float(state.mean @ state.mean)
    projection = float(block @ state.mean) / power if power > NOTHING else 0.0
    rest = block - state.mean
    residuals = _appended(state.residuals, float(rest @ rest), HISTORY)
    step = max(STEP, 1 / (state.count + 1))
    if state.count >= HISTORY // 2:
        step *= min(1.0, QUIET * float(residuals.min()) / (float(residuals[-1]) + NOTHING))
    return State(
        state.mean + np.float32(step) * rest,
        state.count + 1,
        _appended(state.projections, projection, BLOCKS),
        residuals,
        block[:0].copy(),
    )


def _appended(past: Array, value: float, count: int) -> Array:
    """The last so many values."""
    return np.array([*past[1 - count :].tolist(), value], np.float32)

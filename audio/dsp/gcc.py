"""Generalised cross-correlation of a pair of microphones, on a grid of angles.

Conventions: x forward, y left, yaw > 0 to the left; channel 0 is the left microphone. The lag of a direction is
baseline * sin(yaw) / speed: positive where the right channel is the later one. Windows are Hann, four hops long or a
power of two times that, where the baseline asks for longer lags; a block is 16 hops, 8192 frames at 48 kHz and as long
in seconds at any rate.

Source: C. H. Knapp and G. C. Carter, "The generalized correlation method for estimation of time delay", IEEE Trans.
ASSP 24(4), 1976, section II.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audio.dsp import fourier

Floats = NDArray[np.floating[Any]]
Complexes = NDArray[np.complexfloating[Any, Any]]

# Chosen; benchmarks/localization_fit.py fits the networks to all of them.
HOPS_PER_BLOCK = 16
HOP_SECONDS = 512 / 48000
LOWEST, HIGHEST = 100.0, 16000.0  # Hz
FINEST_LAG = 18e-6  # seconds between two neighbours of the grid, straight ahead
FINEST_GRID = 900  # points on each side of straight ahead
SPEED = 343.0  # metres a second, of air at 20 degrees; the grid is the same at any temperature


@dataclass(frozen=True, eq=False)
class Pair:
    """Two microphones at a rate: all that depends on nothing but them.

    Attributes
    ----------
    rate : in Hz.
    baseline : metres between them.
    speed : of sound, metres a second.
    hop, width : of the windows, in frames.
    first_bin : the first one in use.
    upsampling : of the cross-correlation.
    window : as of `fourier.window`, shape (width,).
    frequency : Hz of each bin in use, shape (bins,).
    yaw : radians of each point of the grid, ascending, both ends are there; shape (angles,).
    lag : seconds, of the same.
    alike : coherence of a spherically isotropic field in each bin, shape (bins,).
    taps, weights : which lags, and how much of each, interpolate the one of an angle; shape (4, angles).
    """

    rate: int
    baseline: float
    speed: float
    hop: int
    width: int
    first_bin: int
    upsampling: int
    window: Floats
    frequency: Floats
    yaw: NDArray[np.float64]
    lag: NDArray[np.float64]
    alike: Floats
    taps: NDArray[np.intp]
    weights: Floats

    @property
    def block(self) -> int:
        """Frames of a block."""
        return HOPS_PER_BLOCK * self.hop

    @property
    def overlap(self) -> int:
        """Frames before a block that its windows reach back to."""
        return self.width - self.hop

    @property
    def step(self) -> float:
        """Radians between two points of the grid."""
        return float(self.yaw[1] - self.yaw[0])


@lru_cache(maxsize=32)
def microphone_pair(rate: int, baseline: float, speed: float) -> Pair:
    """The pair at a rate; made once, then kept.

    Parameters
    ----------
    rate : in Hz, from 8 kHz.
    baseline : metres between the microphones, above 0.
    speed : of sound, metres a second.
    """
    hop = max(1, round(rate * HOP_SECONDS))
    width = 4 * hop * (1 if baseline <= 2.5 else 2 if baseline <= 5 else 4)
    upsampling = max(1, -(-96000 // rate))
    bins = np.arange(width // 2 + 1) * rate / width
    first, last = np.searchsorted(bins, [LOWEST, min(HIGHEST, 0.47 * rate)])
    side = min(FINEST_GRID, int(np.ceil(np.pi / 2 / min(np.pi / 180, FINEST_LAG * SPEED / baseline))))
    yaw = np.linspace(-np.pi / 2, np.pi / 2, 2 * side + 1)
    lag = baseline * np.sin(yaw) / speed
    taps, weights = _interpolation(lag * rate * upsampling, width * upsampling)
    window = fourier.window(np.hanning(width + 1)[:-1] * np.sqrt(2 / (0.75 * width)))
    frequency = bins[first:last].astype(np.float32)
    alike = np.sinc(2 * frequency * baseline / speed).astype(np.float32)
    return Pair(
        rate, baseline, speed, hop, width, int(first), upsampling, window, frequency, yaw, lag, alike, taps, weights
    )


def _interpolation(at: NDArray[np.float64], length: int) -> tuple[NDArray[np.intp], Floats]:
    """Catmull-Rom interpolation of a periodic array: four indices and four weights for each place in `at`."""
    whole = np.floor(at).astype(np.intp)
    t = at - whole
    weights = np.stack(
        [-(t**3) + 2 * t**2 - t, 3 * t**3 - 5 * t**2 + 2, -3 * t**3 + 4 * t**2 + t, t**3 - t**2],
    )
    return (whole + np.arange(-1, 3)[:, None]) % length, (weights / 2).astype(np.float32)


def spectra(samples: Floats, pair: Pair) -> Complexes:
    """The windowed spectra of both channels.

    Parameters
    ----------
    samples : shape (2, frames), in [-1, 1).

    Returns
    -------
    Shape (windows, 2, bins). Windows that are not full are left out, so that few frames give none.
    """
    if samples.shape[1] < pair.width:
        return np.zeros((0, 2, len(pair.frequency)), np.complex64)
    windows = np.lib.stride_tricks.sliding_window_view(samples, pair.width, axis=1)[:, :: pair.hop].transpose(1, 0, 2)
    spectrum = fourier.spectra(windows, pair.window)
    return spectrum[:, :, pair.first_bin : pair.first_bin + len(pair.frequency)]


def correlate(cross: Complexes, pair: Pair) -> Floats:
    """The cross-correlation of cross-spectra.

    Parameters
    ----------
    cross : weighted, shape (windows, bins).

    Returns
    -------
    Shape (windows, lags), upsampled, lag 0 first, periodic; 0 throughout where nothing has weight.
    """
    width = pair.width * pair.upsampling
    full = np.zeros((len(cross), width // 2 + 1), np.complex64)
    full[:, pair.first_bin : pair.first_bin + cross.shape[1]] = cross.conj()
    return np.asarray(np.fft.irfft(full, width, axis=1).astype(np.float32) * np.float32(width / 2))


def steer(correlation: Floats, pair: Pair) -> Floats:
    """The sum over bins of Re(cross * exp(-j w lag)) at the lag of each angle.

    Parameters
    ----------
    correlation : as `correlate` gives, shape (windows, lags).

    Returns
    -------
    Shape (windows, angles).
    """
    out = np.zeros((len(correlation), len(pair.yaw)), np.float32)
    for taps, weights in zip(pair.taps, pair.weights, strict=True):
        out += correlation[:, taps] * weights
    return out

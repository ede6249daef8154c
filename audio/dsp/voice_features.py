"""What the voice detectors look at, every 16 ms.

Goal: numbers that tell a voice from other sound and do not depend on the level of the input. Conventions: sound at
16 kHz, float32 in [-1, 1), frames of 256 samples on the session's clock. Row i describes frame i by the 32 ms that end
where the frame ends: nothing later is looked at.

Of each frame: the shape of the spectrum (24 mel bands, log, less their mean), each band over its noise floor, how
periodic the frame is and with what period, and how steady its tones are: music holds its pitches, a voice glides. The
floor is the least smoothed band level of the last 3 s: minimum statistics (R. Martin, "Noise power spectral density
estimation based on optimal smoothing and minimum statistics", IEEE TSAP 2001, sections III and V), without its bias
correction. Periodicity is the highest peak of the generalised autocorrelation (T. Tolonen, M. Karjalainen, "A
computationally efficient multipitch analysis model", 2000, section II).
Steadiness is the correlation of the fine structure of the log spectrum with that of some frames before.
A tone of a machine stands still as no voice does; that is told apart from the features, by the spectral flux of the
linear power spectrum relative to the power.
Silence gives finite numbers: EPSILON keeps the logarithm away from zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audio.dsp import fourier

# All that the features are made with was chosen, and benchmarks/fit_voice.py fits the networks to it.
RATE = 16_000
HOP = 256
WINDOW = 512
BANDS = 24
# Steadiness is over these many frames, below and above about 1.1 kHz; the bins are 31 Hz wide.
AGO = (4, 10)
_TONES, _LOW_TONES = slice(4, 100), 32
FEATURES = 2 * BANDS + 2 + 2 * len(AGO)
LOWEST, HIGHEST = 80.0, 7600.0
# What is added to the power of a band, about half a step of 16 bit: silence is quiet, not minus infinity.
EPSILON = 1e-9
TONE_EPSILON = 1e-10
# Frames of a smoothed level; and the noise floor is the least of so many blocks of so many frames, 3 s.
SMOOTHING = 3
FLOOR_BLOCK = 16
FLOOR_BLOCKS = 12
# A tone stands still if this share of the power, at most, changes from frame to frame, this many times in a row.
# Chosen with benchmarks/voice_detectors.py, whose F1 of speech it leaves as it is.
STILL, STILL_FRAMES = 0.03, 2
_FLUX = slice(2, 160)
# Lags of the autocorrelation of the spectrum below 2 kHz, in samples of 4 kHz: 444 to 66 Hz.
_LAGS = slice(9, 61)

Array = NDArray[np.float32]


@dataclass(frozen=True)
class State:
    """What the next frames need of the past.

    Attributes
    ----------
    samples : the last WINDOW - HOP.
    tones : the fine structure of the last max(AGO) frames.
    levels : the log band levels of the last SMOOTHING - 1 frames, shape (SMOOTHING - 1, BANDS).
    minima : of the last FLOOR_BLOCKS whole blocks, oldest first; shape (FLOOR_BLOCKS, BANDS).
    running : of the block under way, shape (BANDS,).
    power : the spectrum of the last frame where flux is looked at.
    flux : of the last STILL_FRAMES - 1 frames.
    frame : how many frames there were.
    """

    samples: Array
    tones: Array
    levels: Array
    minima: Array
    running: Array
    power: Array
    flux: Array
    frame: int

    @staticmethod
    def begin() -> State:
        nothing = np.full(BANDS, np.inf, np.float32)
        return State(
            np.zeros(WINDOW - HOP, np.float32),
            np.zeros((max(AGO), len(_SHARPEN)), np.float32),
            np.zeros((0, BANDS), np.float32),
            np.tile(nothing, (FLOOR_BLOCKS, 1)),
            nothing,
            np.zeros(_FLUX.stop - _FLUX.start, np.float32),
            np.ones(STILL_FRAMES - 1, np.float32),
            0,
        )


def features(state: State, samples: Array) -> tuple[Array, NDArray[np.bool_], State]:
    """The features of the next frames.

    Parameters
    ----------
    state : what the last call returned; ``State.begin()`` at the beginning.
    samples : a multiple of HOP of them, shape (n,). Silence gives finite numbers.

    Returns
    -------
    features : shape (n / HOP, FEATURES): the bands' shape, the bands over their floors, periodicity and its lag,
        steadiness.
    still : whether the sound is a tone that stands still, shape (n / HOP,). Silence is none.
    state : where the stream stands now.
    """
    count = len(samples) // HOP
    if count == 0:
        return np.zeros((0, FEATURES), np.float32), np.zeros(0, bool), state
    joined = np.concatenate((state.samples, samples))
    hops = joined.reshape(-1, HOP)
    spectrum = fourier.spectra(np.concatenate((hops[:-1], hops[1:]), axis=1), _HANN)
    power = spectrum.real**2 + spectrum.imag**2
    levels = np.log(power @ _MEL + np.float32(EPSILON))
    floor, kept, minima, running = _floor(state, levels)
    tones = np.concatenate((state.tones, _tones(power)))
    out = np.concatenate((levels @ _CENTRE, levels - floor, _periodicity(power), _steadiness(tones)), axis=1)
    tones = tones[count:].copy()
    flux = np.concatenate((state.flux, _flux(state.power, power[:, _FLUX])))
    below = flux < STILL
    still = np.logical_and.reduce([below[k : k + count] for k in range(STILL_FRAMES)])
    after = State(
        samples=joined[-HOP:].copy(),
        tones=tones,
        levels=kept,
        minima=minima,
        running=running,
        power=power[-1, _FLUX].copy(),
        flux=flux[count:].copy(),
        frame=state.frame + count,
    )
    return out, still, after


def _flux(last: Array, power: Array) -> Array:
    """How much of the power changes from each frame to the next, in [0, 1]: shape (frames,). 1 in silence."""
    before = np.concatenate((last[None], power[:-1]))
    changed, both = np.abs(power - before).sum(axis=1), (power + before).sum(axis=1)
    quiet = both < np.float32(EPSILON)
    return np.where(quiet, np.float32(1), changed / np.maximum(both, np.float32(EPSILON)))


def _floor(state: State, levels: Array) -> tuple[Array, Array, Array, Array]:
    """The floor of each band at each frame, that frame included; the state's levels, minima, running."""
    count = len(levels)
    padded = np.concatenate((state.levels, levels))
    smooth = _smooth(padded, count)
    floor = np.empty_like(levels)
    minima, running, done = state.minima, state.running, 0
    while done < count:
        room = FLOOR_BLOCK - (state.frame + done) % FLOOR_BLOCK
        block = smooth[done : done + room]
        within = np.minimum(np.minimum.accumulate(block, axis=0), running)
        floor[done : done + room] = np.minimum(within, minima.min(axis=0))
        running = within[-1]
        if len(block) == room:
            minima = np.concatenate((minima[1:], running[None]))
            running = np.full(BANDS, np.inf, np.float32)
        done += len(block)
    kept = padded[max(0, len(padded) - SMOOTHING + 1) :].copy()
    return floor, kept, minima, running


def _smooth(padded: Array, count: int) -> Array:
    """The mean of up to SMOOTHING levels that end at each of the last `count`."""
    missing = count + SMOOTHING - 1 - len(padded)
    if missing > 0:
        padded = np.concatenate((np.repeat(padded[:1], missing, axis=0), padded))
    total = padded[SMOOTHING - 1 :].copy()
    for shift in range(1, SMOOTHING):
        total += padded[SMOOTHING - 1 - shift : len(padded) - shift]
    return total / np.float32(SMOOTHING)


def _periodicity(power: Array) -> Array:
    """Height of the highest peak of the autocorrelation, at most about 1, and its lag in [0, 1): shape (frames, 2).

    Both are 0 where next to nothing lies in the band that is looked at: the peak would be one of rounding errors.
    """
    magnitudes = np.sqrt(power[:, : WINDOW // 8 + 1])
    correlation = magnitudes @ _COSINES
    correlation[correlation[:, 0] < np.float32(1e-4) * magnitudes.max(axis=1), 1:] = 0
    best = correlation[:, 1:].argmax(axis=1)
    peak = correlation[np.arange(len(best)), best + 1] / (correlation[:, 0] + np.float32(1e-6))
    lag = best.astype(np.float32) * np.float32(1 / (_LAGS.stop - _LAGS.start))
    return np.stack((peak, lag), axis=1)


def _tones(power: Array) -> Array:
    """The fine structure of each log spectrum: less its mean over 280 Hz, of length 1 in each of the two halves."""
    out: Array = np.log(power[:, _TONES] + np.float32(TONE_EPSILON)) @ _SHARPEN
    for half in (out[:, :_LOW_TONES], out[:, _LOW_TONES:]):
        half /= np.sqrt(np.einsum("ij,ij->i", half, half) + np.float32(1e-6))[:, None]
    return out


def _steadiness(tones: Array) -> Array:
    """Correlation of each frame after the first max(AGO) with those AGO before: shape (frames, 2 * len(AGO))."""
    now = tones[max(AGO) :]
    products = [now * tones[max(AGO) - ago : len(tones) - ago] for ago in AGO]
    return np.stack([part.sum(axis=1) for p in products for part in (p[:, :_LOW_TONES], p[:, _LOW_TONES:])], axis=1)


def _hann() -> Array:
    """Scaled so that the power of a bin is that of the sound in its band re full scale."""
    window = np.hanning(WINDOW + 1)[:-1]
    return fourier.window(window * np.sqrt(2 / (WINDOW * np.sum(window**2))))


def _mel() -> Array:
    """Triangles of equal width on the mel scale, shape (WINDOW / 2 + 1, BANDS); each one's weights sum to one."""
    ends = 2595 * np.log10(1 + np.array([LOWEST, HIGHEST]) / 700)
    points = 700 * (10 ** (np.linspace(ends[0], ends[1], BANDS + 2) / 2595) - 1)
    bins = np.arange(WINDOW // 2 + 1)[:, None] * (RATE / WINDOW)
    rising = (bins - points[:-2]) / (points[1:-1] - points[:-2])
    falling = (points[2:] - bins) / (points[2:] - points[1:-1])
    weights = np.maximum(0, np.minimum(rising, falling))
    return np.asarray(weights / weights.sum(axis=0), np.float32)


def _cosines() -> Array:
    """The spectrum's magnitudes below 2 kHz to its autocorrelation: column 0 at lag 0, then at the lags.

    Softly limited to 60 Hz and up, where a voice has its strong harmonics, and less what the window takes off at a lag.
    """
    bins = np.arange(WINDOW // 8 + 1)
    frequency = bins * (RATE / WINDOW)
    band = np.clip((frequency - 40) / 60, 0, 1) * np.clip((2000 - frequency) / 800, 0, 1)
    size = WINDOW // 4
    window = np.hanning(size + 1)[:-1]
    lags = np.array([0, *range(_LAGS.start, _LAGS.stop)])
    fall = np.array([np.dot(window[: size - lag], window[lag:]) for lag in lags]) / np.dot(window, window)
    twice = np.where((bins == 0) | (bins == size // 2), 1, 2)[:, None] / size
    cosines = twice * band[:, None] * np.cos(2 * np.pi * bins[:, None] * lags / size) / np.maximum(fall, 0.3)
    return np.asarray(cosines, np.float32)


def _sharpen() -> Array:
    """A spectrum less its mean over 9 bins, symmetric: shape (bins, bins)."""
    count = _TONES.stop - _TONES.start
    near = np.abs(np.arange(count)[:, None] - np.arange(count)) <= 4
    return np.asarray(np.eye(count) - near / near.sum(axis=0), np.float32)


_HANN, _MEL, _COSINES, _SHARPEN = _hann(), _mel(), _cosines(), _sharpen()
_CENTRE = (np.eye(BANDS) - 1 / BANDS).astype(np.float32)

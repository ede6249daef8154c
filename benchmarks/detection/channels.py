"""What comes between a talker and a detector: a whisper for a voice, a room, a microphone, a telephone line.

Each takes and gives a sound at 16 kHz; truth that was true before stays so.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, sosfilt

from benchmarks.detection.made import Random
from benchmarks.detection.sources import RATE, Audio

# The order of the prediction that gives a whisper the voice's formants, and its frames in samples.
ORDER, WINDOW, STEP = 18, 512, 128


def shaped(sound: Audio, rng: Random) -> Audio:
    """Through a microphone of another colour: a tilt and a resonance, at most some dB."""
    spectrum = np.fft.rfft(sound)
    octave = np.log2(np.maximum(np.fft.rfftfreq(len(sound), 1 / RATE), 50) / 1000)
    gain = rng.uniform(-3, 3) * octave + rng.uniform(-6, 6) * np.exp(-(((octave - rng.uniform(-3, 3)) / 0.7) ** 2))
    return np.fft.irfft(spectrum * 10 ** (np.clip(gain, -15, 15) / 20), len(sound)).astype(np.float32)


def in_room(sound: Audio, rng: Random) -> Audio:
    """With a short, weak reverberation, so that the truth stays true."""
    length = int(rng.uniform(0.1, 0.35) * RATE)
    tail = rng.standard_normal(length) * 10 ** (-3 * np.arange(length) / length) * rng.uniform(0.005, 0.03)
    tail[0] = 1
    return fftconvolve(sound, tail)[: len(sound)].astype(np.float32)


def narrowed(sound: Audio, rng: Random) -> Audio:
    """As if it came at a lower rate."""
    return _filtered(sound, 8, float(rng.choice([3600.0, 3900.0, 5200.0, 7000.0])), "lowpass")


def low_cut(sound: Audio, rng: Random) -> Audio:
    """Through a microphone with a low cut, or a small loudspeaker: from hardly any to nothing left below."""
    return _filtered(sound, int(rng.integers(1, 11)), rng.uniform(120, 500), "highpass")


def telephone(sound: Audio, rng: Random) -> Audio:
    """Over a line: 300 to 3400 Hz or nearly, and mostly in steps of mu-law of 8 bit."""
    out = _filtered(sound, int(rng.integers(2, 11)), rng.uniform(180, 400), "highpass")
    out = _filtered(out, 8, rng.uniform(3000, 3700), "lowpass")
    if rng.random() < 0.3:
        return out
    steps = np.sign(out) * np.round(127 * np.log1p(255 * np.minimum(1, np.abs(out))) / np.log(256)) / 127
    return np.asarray(np.sign(steps) * (256 ** np.abs(steps) - 1) / 255, np.float32)


def channel(sound: Audio, rng: Random) -> Audio:
    """Any of these that narrow the band, or mostly none."""
    which = rng.random()
    if which < 0.12:
        return low_cut(sound, rng)
    if which < 0.22:
        return telephone(sound, rng)
    return narrowed(sound, rng) if which < 0.36 else sound


def whispered(sound: Audio, rng: Random) -> Audio:
    """The same words whispered: noise through the voice's formants (linear prediction), with few lows."""
    count = -(-len(sound) // STEP)
    padded = np.concatenate((np.zeros(WINDOW), sound, np.zeros(WINDOW + STEP)))
    window = np.hanning(WINDOW + 1)[:-1]
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::STEP][: count + WINDOW // STEP] * window
    gain = _formants(frames) ** rng.uniform(0.75, 1.0)
    noise = np.fft.rfft(rng.standard_normal(frames.shape) * window) * gain
    pieces = np.fft.irfft(noise, WINDOW) * window
    out = np.zeros(len(pieces) * STEP + WINDOW)
    for i, piece in enumerate(pieces):
        out[i * STEP : i * STEP + WINDOW] += piece
    return _filtered(out[WINDOW : WINDOW + len(sound)], int(rng.integers(1, 4)), rng.uniform(200, 900), "highpass")


def _formants(frames: NDArray[np.float64]) -> NDArray[np.float64]:
    """The envelope of each frame's spectrum by linear prediction, shape (frames, bins)."""
    correlation = np.fft.irfft(np.abs(np.fft.rfft(frames, 2 * WINDOW)) ** 2)[:, : ORDER + 1]
    correlation[:, 0] = correlation[:, 0] * 1.0001 + 1e-7
    lags = np.abs(np.arange(ORDER)[:, None] - np.arange(ORDER))
    weights = np.linalg.solve(correlation[:, lags], correlation[:, 1:, None])[:, :, 0]
    error = np.maximum(correlation[:, 0] - np.sum(weights * correlation[:, 1:], axis=1), 1e-9)
    predictor = np.concatenate((np.ones((len(frames), 1)), -weights), axis=1)
    return np.sqrt(error)[:, None] / np.abs(np.fft.rfft(predictor, WINDOW))


def _filtered(sound: NDArray, order: int, edge: float, kind: str) -> Audio:
    return np.asarray(sosfilt(butter(order, edge, kind, fs=RATE, output="sos"), sound), np.float32)

"""Scenes to hear, whose answers are known."""

from __future__ import annotations

import numpy as np

from audio.pcm import Samples

SPEED_OF_SOUND = 343.0  # m/s


def bursts(seconds: float, rate: int = 16_000) -> Samples:
    """Noise from 0.5 s to 1.0 s of each second and a half, in a quiet room."""
    frames = np.arange(round(seconds * rate))
    loud = (frames / rate % 1.5 >= 0.5) & (frames / rate % 1.5 < 1.0)
    noise = np.random.default_rng(4).normal(0, 1, len(frames)) * np.where(loud, 6000, 20)
    return noise.astype(np.int16)[:, None]


def from_angle(degrees: float, seconds: float, baseline: float, rate: int = 48_000) -> Samples:
    """Noise from an angle, 0.8 of each second, before two microphones: the delay between them is exact."""
    count = round(seconds * rate)
    chance = np.random.default_rng(round(degrees) + 100)
    source = chance.normal(0, 1, count) * (np.arange(count) / rate % 1.0 < 0.8)
    delay = baseline * np.sin(np.radians(degrees)) / SPEED_OF_SOUND
    turn = np.exp(-1j * np.pi * np.fft.rfftfreq(count, 1 / rate) * delay)
    spectrum = np.fft.rfft(source)
    pair = [np.fft.irfft(spectrum * turn.conj(), count), np.fft.irfft(spectrum * turn, count)]
    return (np.stack(pair, axis=1) * 3000 + chance.normal(0, 5, (count, 2))).astype(np.int16)

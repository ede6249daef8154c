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


def syllables(degrees: float, seconds: float, baseline: float, rate: int = 48_000) -> Samples:
    """A talker at an angle: noise with the slope of a voice, three syllables a second of changing length and level, and
    a pause now and then. There is no noise beside it."""
    count = round(seconds * rate)
    chance = np.random.default_rng(round(degrees) + 500)
    knots = np.concatenate([[0.0, 0.0, 0.0], chance.uniform(0, 1, round(seconds * 9)) ** 3])
    loud = np.interp(np.arange(count), np.linspace(0, count, len(knots)), knots)
    frequency = np.fft.rfftfreq(count, 1 / rate)
    spectrum = np.fft.rfft(chance.normal(0, 1, count) * loud)
    spectrum *= (frequency > 120) / np.maximum(1, frequency / 700)
    turn = np.exp(-1j * np.pi * frequency * baseline * np.sin(np.radians(degrees)) / SPEED_OF_SOUND)
    pair = np.stack([np.fft.irfft(spectrum * turn.conj(), count), np.fft.irfft(spectrum * turn, count)], axis=1)
    return np.round(pair * 2500 / pair[np.abs(pair) > 0.1 * np.abs(pair).max()].std()).astype(np.int16)

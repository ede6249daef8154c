"""Sounds that are no voice and that no recording has, in endless variations: noises, knocks, sirens, melodies."""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter

from benchmarks.detection.sources import RATE, Audio

Random = np.random.Generator


def power(sound: Audio) -> float:
    return float(np.mean(np.square(sound, dtype=np.float64))) + 1e-18


def scaled(sound: Audio, dbfs: float) -> Audio:
    """The sound at a level."""
    return sound * np.float32(10 ** (dbfs / 20) / np.sqrt(power(sound)))


def coloured(count: int, rng: Random, slope: float) -> Audio:
    """Noise whose power falls as 1 / f ** slope: 0 white, 1 pink, 2 brown."""
    spectrum = np.fft.rfft(rng.standard_normal(count))
    frequency = np.maximum(np.fft.rfftfreq(count, 1 / RATE), 30)
    out = np.fft.irfft(spectrum * frequency ** (-slope / 2), count).astype(np.float32)
    return out / np.float32(np.sqrt(power(out)))


def made(count: int, rng: Random) -> Audio:
    """Coloured noise, a wandering hum, an engine, taps, a siren, gusts."""
    time = np.arange(count) / RATE
    kind = int(rng.integers(6))
    if kind == 0:
        return coloured(count, rng, rng.uniform(0, 2))
    if kind in (1, 2):
        wander = np.cumsum(rng.standard_normal(count // 1600 + 2)) * (0.02 if kind == 1 else 0.15)
        pitch = np.exp(np.interp(time, np.arange(len(wander)) / 10, wander) * (0.05 if kind == 1 else 1) * 0.3)
        phase = 2 * np.pi * np.cumsum(pitch * rng.uniform(40, 400)) / RATE
        strengths = rng.uniform(0, 1, 20) / (1 + np.arange(20)) ** rng.uniform(0, 1.5)
        out = sum(a * np.sin((k + 1) * phase + rng.uniform(0, 6)) for k, a in enumerate(strengths))
        return np.asarray(out + coloured(count, rng, 1) * rng.uniform(0.05, 1), np.float32)
    if kind == 3:
        return _taps(count, rng)
    if kind == 4:
        swing = np.sin(2 * np.pi * rng.uniform(0.2, 6) * time) * rng.uniform(0.05, 0.6)
        return np.sin(2 * np.pi * np.cumsum(rng.uniform(300, 2500) * np.exp(swing)) / RATE).astype(np.float32)
    slow = np.interp(time, np.arange(count // 4000 + 2) / 4, rng.uniform(-12, 6, count // 4000 + 2))
    return (coloured(count, rng, rng.uniform(0, 2)) * 10 ** (slow / 20)).astype(np.float32)


def _taps(count: int, rng: Random) -> Audio:
    """Short resonant knocks at the pace of typing, of steps, or of rain."""
    out = coloured(count, rng, 1) * np.float32(rng.uniform(0.001, 0.05))
    pace = rng.uniform(0.05, 0.6)
    at = 0.0
    while at < count / RATE - 0.3:
        length = int(RATE * rng.uniform(0.01, 0.15))
        ring = lfilter([1], [1, -1.6 * rng.uniform(0.2, 0.95), 0.8], rng.standard_normal(length))
        knock = ring * np.exp(-np.arange(length) / length * rng.uniform(3, 10)) * rng.uniform(0.3, 1)
        start = int(at * RATE)
        out[start : start + length] += knock.astype(np.float32)
        at += float(rng.exponential(pace)) + 0.02
    return out


def melody(count: int, rng: Random) -> Audio:
    """Notes, chords and at times drums, from bare beeps to something like an organ, a flute or plucked strings."""
    out = np.zeros(count + 4 * RATE, np.float32)
    scale = np.cumsum(rng.choice([1, 2, 2, 3], 15))
    root = rng.uniform(60, 500)
    beat = rng.uniform(0.09, 0.7)
    timbre = _timbre(rng)
    voices, place, at = int(rng.integers(1, 5)), 7, 0.0
    sustained, drums = rng.random() < 0.5, rng.random() < 0.3
    vibrato = rng.uniform(0, 0.012) if rng.random() < 0.3 else 0.0
    while at < count / RATE:
        length = beat * float(rng.choice([0.5, 1, 1, 2, 4]))
        place = int(np.clip(place + rng.integers(-3, 4), 0, 14))
        for voice in range(1 if rng.random() < 0.4 else voices):
            pitch = root * 2 ** (scale[(place + 2 * voice) % 15] / 12)
            held = min(3.5, length * (rng.uniform(0.7, 1.5) if sustained else rng.uniform(0.5, 4)))
            sound = _note(pitch, held, timbre, sustained, vibrato, rng) * np.float32(rng.uniform(0.4, 1))
            out[int(at * RATE) : int(at * RATE) + len(sound)] += sound
        if drums:
            hit = rng.standard_normal(RATE // 8) * np.exp(-np.arange(RATE // 8) / RATE * rng.uniform(15, 60))
            out[int(at * RATE) : int(at * RATE) + len(hit)] += (hit * rng.uniform(0.1, 0.8)).astype(np.float32)
        at += length + (rng.uniform(0.2, 2) if rng.random() < 0.08 else 0)
    return out[:count] / np.float32(np.sqrt(power(out[:count])))


def _timbre(rng: Random) -> Audio:
    """The strengths of the partials."""
    strengths = rng.uniform(0.3, 1, 16) / (1 + np.arange(16)) ** rng.uniform(0, 3)
    if rng.random() < 0.25:
        strengths[1::2] = 0
    if rng.random() < 0.15:
        strengths[1:] = 0
    return strengths.astype(np.float32)


def _note(pitch: float, length: float, timbre: Audio, sustained: bool, vibrato: float, rng: Random) -> Audio:
    time = np.arange(int(length * RATE) + 400) / RATE
    swing = 1 + vibrato * np.sin(2 * np.pi * rng.uniform(4, 7) * time)
    turn = np.exp(2j * np.pi * np.cumsum(pitch * swing) / RATE).astype(np.complex64)
    wave, now = np.zeros(len(time), np.float32), np.ones(len(time), np.complex64)
    for partial in timbre[: int(7000 / pitch)]:
        now = now * turn
        wave += partial * now.imag
    shape = np.minimum(1, time / rng.uniform(0.002, 0.05)) * np.minimum(1, (time[-1] - time) / 0.02)
    if not sustained:
        shape = shape * np.exp(-time * rng.uniform(2, 12))
    return (wave * shape).astype(np.float32)

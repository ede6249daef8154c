"""What machines give off that is no voice, and that no recording has: mains hum, the tones of telephones, bells.

Endless variations from one seed, RMS 1, at 16 kHz.
"""

from __future__ import annotations

import numpy as np

from benchmarks.detection.made import Random, coloured, power
from benchmarks.detection.sources import RATE, Audio

# Pairs of frequencies in Hz of ringing, busy and dial tones as exchanges send them (ITU-T E.180, annexes).
SUPERVISORY = ((425,), (440,), (350, 440), (440, 480), (480, 620), (400, 450), (400,), (450,), (350,), (620,))
# Seconds on and off of such tones; 0 off: it lasts.
CADENCES = ((1, 4), (2, 4), (0.4, 0.2), (0.25, 0.25), (0.5, 0.5), (0.35, 0.35), (0.1, 0.1), (1, 0.5), (0.2, 1), (1, 0))
KEYS = ((697, 770, 852, 941), (1209, 1336, 1477, 1633))


def hum(count: int, rng: Random) -> Audio:
    """Mains hum: 50 or 60 Hz, steady to a tenth of a percent, of 3 to 40 harmonics that fall off or do not."""
    pitch = rng.choice([50.0, 60.0]) * rng.uniform(0.999, 1.001)
    orders = np.arange(1, int(rng.integers(3, 41)))
    strengths = rng.uniform(0.3, 1, len(orders)) / orders ** rng.uniform(0, 1.5)
    if rng.random() < 0.4:
        strengths[1::2] *= rng.uniform(0, 0.5)
    if rng.random() < 0.3:
        strengths[::2] *= rng.uniform(0, 0.5)
    phase = 2 * np.pi * pitch * np.arange(count) / RATE
    out = np.zeros(count)
    for order, strength in zip(orders, strengths, strict=True):
        out += strength * np.sin(order * phase + rng.uniform(0, 2 * np.pi))
    return _over_hiss(out, rng)


def tones(count: int, rng: Random) -> Audio:
    """Tones that go on and off: of an exchange, of keys, of an appliance, or pulses of a buzzer."""
    kind = rng.random()
    on, off = CADENCES[rng.integers(len(CADENCES))]
    if kind < 0.45:
        pitches: tuple[float, ...] = SUPERVISORY[rng.integers(len(SUPERVISORY))]
    elif kind < 0.6:
        pitches, (on, off) = (
            tuple(float(rng.choice(row)) for row in KEYS),
            (rng.uniform(0.06, 0.3), rng.uniform(0.05, 1)),
        )
    else:
        pitches, (on, off) = (rng.uniform(200, 3500),), (rng.uniform(0.05, 1.5), rng.uniform(0.05, 4))
    time = np.arange(count) / RATE + rng.uniform(0, on + off)
    out = sum(rng.uniform(0.5, 1) * np.sin(2 * np.pi * pitch * time) for pitch in pitches)
    if kind > 0.85:
        out = np.tanh(out * rng.uniform(2, 20))
    if rng.random() < 0.1:
        out = out * (1 + 0.9 * np.sin(2 * np.pi * rng.uniform(10, 30) * time))
    return _over_hiss(out * _gates(time % (on + off) < on, rng), rng)


def bells(count: int, rng: Random) -> Audio:
    """One bell, struck again and again: partials that are no harmonics, each with its decay; a telephone's if quick."""
    out = np.zeros(count + 4 * RATE)
    partials = rng.uniform(250, 1500) * np.concatenate(([1.0], np.sort(rng.uniform(1.3, 6, int(rng.integers(2, 7))))))
    decays = rng.uniform(0.03, 0.9) / (partials / partials[0]) ** rng.uniform(0, 1)
    strengths = rng.uniform(0.2, 1, len(partials))
    apart = rng.uniform(0.04, 0.12) if rng.random() < 0.25 else rng.uniform(0.25, 4)
    every = rng.uniform(0.8, 1) if rng.random() < 0.5 else 0.4
    time = np.arange(int(min(4.0, 6 * decays.max()) * RATE)) / RATE
    one = sum(
        a * np.sin(2 * np.pi * f * time) * np.exp(-time / d)
        for a, f, d in zip(strengths, partials, decays, strict=True)
    )
    one *= np.minimum(1, time / 0.001)
    at = rng.uniform(0, 1)
    while at < count / RATE:
        start = int(at * RATE)
        out[start : start + len(one)] += one * rng.uniform(0.6, 1)
        at += apart * rng.uniform(every, 1)
        if apart < 0.2 and rng.random() < 0.05:
            at += rng.uniform(1, 4)
    return _over_hiss(out[:count], rng)


def _gates(open_: np.ndarray, rng: Random) -> np.ndarray:
    """On and off without clicks: edges of 1 to 10 ms."""
    width = int(rng.uniform(0.001, 0.01) * RATE)
    return np.convolve(open_, np.ones(width) / width, "same")


def _over_hiss(sound: np.ndarray, rng: Random) -> Audio:
    level = np.sqrt(power(sound)) * 10 ** (rng.uniform(-60, -10) / 20)
    out = sound + coloured(len(sound), rng, rng.uniform(0, 1.5)) * level
    return np.asarray(out / np.sqrt(power(out)), np.float32)

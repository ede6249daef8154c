"""Sounds of any kind in backgrounds of any kind, with known truth; endless variations of them from one seed.

A recording of 60 ms to 4 s is a sound, and one that is long and even enough is a background. A sound begins and ends
where its own level over 20 ms crosses the background's mean level, or comes to within 40 dB of its peak.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray
from scipy.signal import butter, lfilter, sosfilt

from audio.dsp.framing import runs
from benchmarks.detection import sources, streams
from benchmarks.detection.made import Random, coloured, power, scaled
from benchmarks.detection.sources import RATE, Audio

Spans = list[tuple[float, float]]
RATES = (16_000,) * 7 + (8000, 44_100, 48_000)
# A background is at least so long, in seconds; its levels over 20 ms are between these, in dB over its mean.
LONG, QUIETEST, LOUDEST = 1.5, -28.0, 7.0
# One sound has no gap of more frames than that, and lasts longer than that.
APART, SHORTEST = 1440, 160
# A sound from a package with more of them than this is heard no more often for it.
MANY = 80


@dataclass(frozen=True)
class Scene:
    """truth: onsets and offsets in seconds."""

    samples: NDArray[np.int16]
    rate: int
    truth: Spans


class Library:
    """Recordings by package: sounds, and backgrounds of RMS 1."""

    def __init__(self, root: Path, patterns: list[str]) -> None:
        self.sounds: dict[str, list[Audio]] = {}
        self.backgrounds: dict[str, list[Audio]] = {}
        for path in sources.find(root, patterns):
            package, sound = path.relative_to(root).parts[0], sources.read(path)[: 30 * RATE]
            if len(sound) < 0.06 * RATE or np.max(np.abs(sound)) < 0.01:
                continue
            if len(sound) <= 4 * RATE:
                self.sounds.setdefault(package, []).append(sound)
            if len(sound) >= LONG * RATE and package not in sources.NO_BACKGROUND and even(sound):
                self.backgrounds.setdefault(package, []).append(sound / np.float32(np.sqrt(power(sound))))


def even(sound: Audio) -> bool:
    frames = sound[: len(sound) // 320 * 320].reshape(-1, 320).astype(np.float64)
    levels = 10 * np.log10(np.mean(frames**2, axis=1) + 1e-10) - 10 * np.log10(power(sound))
    quiet, loud = np.percentile(levels, [1, 90])
    return bool(quiet > QUIETEST and loud < LOUDEST)


def strength(sound: Audio, frames: int = 320) -> NDArray[np.float64]:
    """The mean square in so many frames around each."""
    return np.convolve(np.square(sound, dtype=np.float64), np.ones(frames) / frames, "same")


def span(sound: Audio, floor: float, shortest: int = SHORTEST) -> tuple[int, int] | None:
    """Where the level over 20 ms is at or above the floor (RMS), in frames; None where that is too short, or in pieces
    that are so far apart that they are several sounds."""
    squares = strength(sound)
    found = runs(squares >= max(floor**2, squares.max() * 1e-4))
    gaps = [b - a for (_, a), (b, _) in itertools.pairwise(found)]
    if not found or max(gaps, default=0) > APART or found[-1][1] - found[0][0] <= shortest:
        return None
    return found[0][0], found[-1][1]


def scene(library: Library, seconds: float, rng: Random) -> Scene:
    """One stream of any condition."""
    count = int(seconds * RATE)
    silent = rng.random() < 0.05
    floor = rng.uniform(-75, -60) if silent else rng.uniform(-70, -35)
    x = np.zeros(count)
    if not silent:
        under = background(library, count, rng)
        under = limited(under, rng) if rng.random() < 0.35 else under
        hiss = coloured(count, rng, 0) * np.float32(10 ** (rng.uniform(-95, -75) / 20))
        x += scaled(under - under.mean(), floor) + hiss
        floor = 10 * np.log10(power(x))
    truth: Spans = []
    # A stream may begin with a sound.
    at = 0 if rng.random() < 0.15 else int(rng.uniform(0, 2) * RATE)
    snr = rng.uniform(3, 20) if rng.random() < 0.65 else rng.uniform(15, 42)
    some = rng.random() > 0.15
    while some:
        one = sound(library, rng)
        if one is None:
            continue
        peak = np.sqrt(strength(one, 800).max())
        one = one * np.float32(10 ** ((floor + snr + rng.uniform(-2, 2)) / 20) / peak)
        if at + len(one) > count - RATE // 2:
            break
        where = span(one, 10 ** (floor / 20))
        if where is None:
            at += RATE // 30
            continue
        x[at : at + len(one)] += one
        truth.append(((at + where[0]) / RATE, (at + where[1]) / RATE))
        at += len(one) + int(rng.uniform(0.35, 2.5) * RATE)
    if rng.random() < 0.12:
        # A converter's.
        x += rng.uniform(-0.3, 0.3)
    x *= 0.98 / max(0.98, float(np.abs(x).max()))
    rate = int(rng.choice(RATES))
    y = at_rate(x, rate, rng) * 32767
    dither = 0 if silent else rng.uniform(-0.5, 0.5, (2, len(y))).sum(axis=0)
    return Scene(np.clip(np.rint(y + dither), -32768, 32767).astype(np.int16), rate, truth)


def at_rate(x: NDArray[np.float64], rate: int, rng: Random) -> NDArray[np.float64]:
    """At another rate; a higher one may have images of what is below 8 kHz above it, as there is sound in the world."""
    if rate == RATE:
        return x
    y = soxr.resample(x, RATE, rate)
    if rate > RATE and rng.random() < 0.6:
        images = x[np.minimum((np.arange(len(y)) * (RATE / rate)).astype(int), len(x) - 1)] - y
        y = y + rng.uniform(0, 1.2) * images
    return y


def sound(library: Library, rng: Random) -> Audio | None:
    """A sound of at most 3.5 s, with a little silence around it."""
    names = list(library.sounds)
    weights = np.array([min(len(library.sounds[name]), MANY) ** 0.6 for name in names])
    some = library.sounds[names[rng.choice(len(names), p=weights / weights.sum())]]
    out = little(rng) if rng.random() < 0.12 else some[rng.integers(len(some))]
    if rng.random() < 0.5:
        out = np.interp(np.arange(0, len(out) - 1, rng.uniform(0.7, 1.4)), np.arange(len(out)), out).astype(np.float32)
    if rng.random() < 0.4:
        out = streams.shaped(out, rng)
    if rng.random() < 0.15:
        out = limited(out, rng)
    out = np.concatenate((np.zeros(160), out - out.mean(), np.zeros(160))).astype(np.float32)
    if rng.random() < 0.15:
        out = streams.in_room(np.pad(out, (0, 1600)), rng)
    squares = strength(out)
    there = np.flatnonzero(squares > squares.max() * 1e-5)
    out = out[there[0] : there[-1] + 1].copy()
    if not 0.01 * RATE <= len(out) <= 3.5 * RATE:
        return None
    rise, fall = min(32, len(out) // 4), min(80, len(out) // 4)
    out[:rise] *= np.linspace(0, 1, rise, dtype=np.float32)
    out[-fall:] *= np.linspace(1, 0, fall, dtype=np.float32)
    return np.pad(out, 160)


def little(rng: Random) -> Audio:
    """A click, a beep or a knock of 5 to 600 ms."""
    count, kind = int(RATE * 10 ** rng.uniform(-2.3, -0.2)), rng.random()
    time = np.arange(count) / RATE
    if kind < 0.4:
        x = rng.standard_normal(count)
    elif kind < 0.8:
        pitches = 10 ** rng.uniform(1.9, 3.8, rng.integers(1, 4))
        x = np.sin(2 * np.pi * pitches[:, None] * time + rng.uniform(0, 6, (len(pitches), 1))).sum(axis=0)
    else:
        x = lfilter([1], [1, -1.6 * rng.uniform(0.2, 0.95), 0.8], rng.standard_normal(count))
    if rng.random() < 0.6:
        x = x * np.exp(-time / time[-1] * rng.uniform(0, 7))
    if rng.random() < 0.3:
        x = x * np.minimum(1, time / (time[-1] * rng.uniform(0.05, 0.6)))
    return np.asarray(x / np.abs(x).max() * 0.5, np.float32)


def background(library: Library, count: int, rng: Random) -> Audio:
    """A recorded background, a made one, or both."""
    if rng.random() < 0.5:
        return made(count, rng)
    names = list(library.backgrounds)
    weights = np.array([np.sqrt(len(library.backgrounds[name])) for name in names])
    some = library.backgrounds[names[rng.choice(len(names), p=weights / weights.sum())]]
    chosen = [some[i] for i in rng.permutation(len(some))[: rng.integers(1, 4)]]
    pace = rng.uniform(0.7, 1.3) if rng.random() < 0.5 else 1.0
    out = streams.track(chosen, int(count * pace) + 2, rng)
    if pace != 1:
        out = np.interp(np.arange(count) * pace, np.arange(len(out)), out).astype(np.float32)
    out = out[:count]
    if rng.random() < 0.5:
        out = streams.shaped(out, rng)
    if rng.random() < 0.2:
        out = scaled(out, 0) + scaled(made(count, rng), rng.uniform(-20, 0))
    return out


def made(count: int, rng: Random) -> Audio:
    """Steady noise, gusts, an engine or a rotor, rain or crackling, or something that comes round."""
    kind = rng.random()
    if kind < 0.12:
        return coming_round(count, rng)
    if kind < 0.4:
        out = coloured(count, rng, float(rng.choice([0, 1, rng.uniform(0, 2)])))
        return streams.shaped(out, rng) if rng.random() < 0.4 else out
    if kind < 0.65:
        return gusts(count, rng)
    return rotor(count, rng) if kind < 0.83 else rain(count, rng)


def wandering(count: int, rng: Random, seconds: float, sigma: float) -> NDArray[np.float64]:
    """A normally distributed value that is forgotten within so many seconds (an Ornstein-Uhlenbeck process)."""
    step = max(1, int(seconds * RATE / 8))
    keep = np.exp(-1 / 8)
    steps = lfilter([1], [1, -keep], rng.standard_normal(count // step + 43) * np.sqrt(1 - keep**2))[40:]
    return np.interp(np.arange(count), np.arange(len(steps)) * step, steps) * sigma


def gusts(count: int, rng: Random) -> Audio:
    """Bands of noise that swell together and apart."""
    common = wandering(count, rng, 10 ** rng.uniform(-1.3, 0.5), rng.uniform(0, 5))
    edges = np.concatenate(([40], np.sort(10 ** rng.uniform(2, 3.7, rng.integers(1, 4))), [7900]))
    tilt = rng.uniform(0, 8)
    out = np.zeros(count)
    for low, high in itertools.pairwise(edges):
        if high < 1.15 * low:
            continue
        band = sosfilt(butter(2, [low, high], "bandpass", fs=RATE, output="sos"), rng.standard_normal(count))
        own = wandering(count, rng, 10 ** rng.uniform(-1.3, 0.5), rng.uniform(0, 4))
        gain = common + own - tilt * np.log2(low / 100) + rng.uniform(-6, 6)
        out += band / np.sqrt(power(band)) * 10 ** (gain / 20)
    return out.astype(np.float32)


def rotor(count: int, rng: Random) -> Audio:
    """Noise in pulses at 2 to 80 Hz, at times with a hum."""
    pace = 1 + wandering(count, rng, rng.uniform(0.2, 2), rng.uniform(0, 0.06))
    turn = 2 * np.pi * np.cumsum(10 ** rng.uniform(0.3, 1.9) * pace) / RATE
    out = coloured(count, rng, rng.uniform(0, 2)) * (
        np.exp(rng.uniform(0, 4) * (np.cos(turn) - 1)) + rng.uniform(0, 0.7)
    )
    if rng.random() < 0.6:
        phase = 2 * np.pi * np.cumsum(rng.uniform(30, 300) * pace) / RATE
        hum = sum(
            rng.uniform(0, 1) / k ** rng.uniform(0, 1.5) * np.sin(k * phase + rng.uniform(0, 6)) for k in range(1, 13)
        )
        out = out + hum * rng.uniform(0.1, 2)
    return streams.shaped(np.asarray(out, np.float32), rng)


def rain(count: int, rng: Random) -> Audio:
    """Ten to a thousand small impulses a second over noise."""
    impulses = np.zeros(count)
    many = rng.poisson(10 ** rng.uniform(1, 3) * count / RATE)
    impulses[rng.integers(0, count, many)] += rng.standard_normal(many) * np.exp(
        rng.normal(0, rng.uniform(0.1, 0.9), many)
    )
    low = 10 ** rng.uniform(2, 3.3)
    band = butter(1, [low, min(7900, low * rng.uniform(2, 20))], "bandpass", fs=RATE, output="sos")
    drops = sosfilt(band, impulses)
    under = coloured(count, rng, rng.uniform(0, 1.5)) * rng.uniform(0.1, 1)
    return np.asarray(under + drops / np.sqrt(power(drops)), np.float32)


def coming_round(count: int, rng: Random) -> Audio:
    """A mill, a wiper, waves, breath: swells 0.2 to 4 s apart."""
    apart, low = 10 ** rng.uniform(-0.7, 0.6), -rng.uniform(8, 30)
    length, varies = rng.uniform(0.15, 0.8) * apart, rng.uniform(0, 3)
    gain, at = np.full(count, low), 0.0
    while at * RATE < count:
        start, whole = int(at * RATE), max(1, int(length * rng.uniform(0.7, 1.3) * RATE))
        part, peak = np.arange(min(whole, count - start)) / whole, rng.uniform(0.1, 0.6)
        shape = np.where(part < peak, part / peak, (1 - part) / (1 - peak)) ** rng.uniform(0.3, 1)
        swell = low + (rng.normal(0, varies) - low) * shape
        gain[start : start + len(part)] = np.maximum(gain[start : start + len(part)], swell)
        at += apart * np.exp(rng.normal(0, 0.15))
    out = streams.shaped(coloured(count, rng, rng.uniform(0, 2)), rng) * 10 ** (gain / 20)
    under = coloured(count, rng, rng.uniform(0, 2)) * 10 ** (rng.uniform(-30, -5) / 20)
    return (out + under * np.sqrt(power(out))).astype(np.float32)


def limited(sound: Audio, rng: Random) -> Audio:
    """As from a recording of a lower rate, or from a small loudspeaker."""
    if rng.random() < 0.7:
        low = butter(int(rng.integers(4, 13)), 10 ** rng.uniform(2.6, 3.85), "lowpass", fs=RATE, output="sos")
        sound = sosfilt(low, sound)
    if rng.random() < 0.3:
        high = butter(int(rng.integers(1, 5)), 10 ** rng.uniform(1.8, 3), "highpass", fs=RATE, output="sos")
        sound = sosfilt(high, sound)
    return np.asarray(sound, np.float32)

"""Sounds made on the spot, and sessions over them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audio.pcm import Pcm
from audio.services.base import Service
from audio.services.inputs import Gap

Samples = NDArray[np.int16]


def noise(frames: int, dbfs: float, seed: int = 0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).standard_normal(frames) * 10 ** (dbfs / 20)


def pcm16(x: NDArray[Any]) -> Samples:
    return np.clip(np.rint(x * 32768), -32768, 32767).astype(np.int16)


def burst(x: NDArray[np.float64], rate: int, start: float, seconds: float, dbfs: float) -> None:
    """Adds a steady 1 kHz tone of a level, in place."""
    first, last = round(start * rate), round((start + seconds) * rate)
    x[first:last] += np.sqrt(2) * 10 ** (dbfs / 20) * np.sin(2 * np.pi * 1000 * np.arange(last - first) / rate)


def vowel(rate: int, seconds: float, dbfs: float, pitch: float = 120.0) -> NDArray[np.float64]:
    """Something like a spoken vowel with syllables: harmonics under three formants, four syllables a second."""
    t = np.arange(round(seconds * rate)) / rate
    x = np.zeros(len(t))
    for k in range(1, int(min(4000, rate / 2) / pitch)):
        f = k * pitch
        gain = sum(a / (1 + ((f - c) / w) ** 2) for c, w, a in ((600, 90, 1.0), (1200, 110, 0.6), (2500, 160, 0.3)))
        x += gain * np.sin(
            2 * np.pi * k * np.cumsum(pitch * (1 + 0.04 * np.sin(2 * np.pi * 3 * t))) / pitch * f / k / rate
        )
    x *= np.clip(0.6 - np.cos(2 * np.pi * 4 * t), 0.02, None)
    return x / np.sqrt(np.mean(x**2)) * 10 ** (dbfs / 20)


def session(service: Service, samples: Samples, rate: int, sizes: Iterable[int], **inputs: Any) -> list[dict[str, Any]]:
    """The answers to consecutive chunks of `sizes` frames, the last size to the end, with "at": where each began."""
    state: dict[str, Any] | None = {}
    out, at, size, rest = [], 0, 1, iter(sizes)
    while at < len(samples):
        size = next(rest, size)
        chunk = Pcm(samples[at : at + size, None], rate)
        answer, state = service.compute(service.inputs(sound=chunk, **inputs), state)
        out.append({**answer, "at": at})
        at += size
    return out


def alone(service: Service, samples: Samples, rate: int, **inputs: Any) -> dict[str, Any]:
    return service.compute(service.inputs(sound=Pcm(samples[:, None], rate), **inputs), None)[0]


def gap(frames: int, rate: int, channels: int = 1) -> Gap:
    """A hole of so many frames in a session of sound."""
    return Gap(frames, frames / rate, {"rate": rate, "channels": channels})

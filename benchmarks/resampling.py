"""What a change of rate in pieces costs and spoils: ours beside two that look as good and are not.

    .venv/bin/python -m benchmarks.resampling

A sine of 997 Hz is resampled to 16 kHz in chunks of 8192 frames. Its ratio to all that is not it is the first figure;
sines above 8 kHz, which 16 kHz cannot hold, should be gone: what is left of them is the next three. Both are measured
on 16 bit samples, in dB. Then: frames that are too many or too few, in parts per million, and milliseconds of CPU a
second of sound. The row of scipy comes where scipy is installed.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from audio.client.resample import StreamResampler
from audio.pcm import Samples

TARGET, CHUNK, SECONDS = 16_000, 8192, 20
RATES = (8000, 16_000, 32_000, 44_100, 48_000, 96_000)
ALIASES = (9000, 12_000, 20_000)
EDGE = 4000  # frames at both ends that are not judged: a sound that begins and ends at once has all frequencies

Method = Callable[[list[Samples], int], Samples]


def streamed(chunks: list[Samples], rate: int) -> Samples:
    resampler = StreamResampler(rate, TARGET, 1)
    return np.concatenate([resampler.resample(chunk, last=chunk is chunks[-1]) for chunk in chunks])


def interpolated(chunks: list[Samples], rate: int) -> Samples:
    """Each chunk alone, a straight line between neighbours."""
    step = rate / TARGET
    pieces = [np.interp(np.arange(0, len(c), step), np.arange(len(c)), c[:, 0]) for c in chunks]
    return np.concatenate(pieces).astype(np.int16)[:, None]


def polyphase(chunks: list[Samples], rate: int) -> Samples:
    """Each chunk alone, by scipy.signal.resample_poly."""
    from scipy.signal import resample_poly  # type: ignore[import-not-found]

    common = np.gcd(rate, TARGET)
    pieces = [resample_poly(c[:, 0].astype(float), TARGET // common, rate // common) for c in chunks]
    rounded: Samples = np.clip(np.rint(np.concatenate(pieces)), -32768, 32767).astype(np.int16)[:, None]
    return rounded


def sine(frequency: float, rate: int) -> list[Samples]:
    wave = 0.9 * 32767 * np.sin(2 * np.pi * frequency * np.arange(SECONDS * rate) / rate)
    samples = np.rint(wave).astype(np.int16)[:, None]
    return [samples[i : i + CHUNK] for i in range(0, len(samples), CHUNK)]


def signal_to_noise(out: Samples, frequency: float) -> float:
    """dB of the sine that is in it over all else."""
    sound = out[EDGE:-EDGE, 0].astype(float)
    phase = 2 * np.pi * frequency * np.arange(len(sound)) / TARGET
    basis = np.stack([np.sin(phase), np.cos(phase), np.ones(len(sound))], axis=1)
    fit = basis @ np.linalg.lstsq(basis, sound, rcond=None)[0]
    return decibels(fit, sound - fit)


def alias(method: Method, frequency: float, rate: int) -> float:
    """dB of what is left of a sine that should be gone."""
    chunks = sine(frequency, rate)
    return decibels(method(chunks, rate)[EDGE:-EDGE].astype(float), np.concatenate(chunks).astype(float))


def decibels(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    floor = 1e-12
    return 10 * float(np.log10((np.mean(one**2) + floor) / (np.mean(other**2) + floor)))


def row(name: str, method: Method, rate: int) -> str:
    chunks = sine(997, rate)
    begin = time.process_time()
    out = method(chunks, rate)
    cpu = (time.process_time() - begin) / SECONDS * 1000
    left = [alias(method, f, rate) if f < rate / 2 else None for f in ALIASES]
    length = (len(out) / (SECONDS * TARGET) - 1) * 1e6
    cells = " ".join(f"{'-' if a is None else '< -120' if a < -120.0 else f'{a:.1f}':>9}" for a in left)
    return f"{name:<28} {rate:>6} {signal_to_noise(out, 997):>8.1f} {cells} {length:>9.0f} {cpu:>8.2f}"


def main() -> None:
    heads = " ".join(f"{f'{f // 1000} kHz':>9}" for f in ALIASES)
    print(f"{'':28} {'Hz in':>6} {'SNR dB':>8} {heads} {'ppm':>9} {'ms CPU':>8}")
    for rate in RATES:
        print(row("ours: soxr HQ, streamed", streamed, rate))
    print(row("interpolation, each chunk", interpolated, 48_000))
    try:
        print(row("resample_poly, each chunk", polyphase, 48_000))
    except ImportError:
        print("resample_poly, each chunk    (scipy is not installed)")


if __name__ == "__main__":
    main()

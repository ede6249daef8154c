"""Streams of speech in noise with known truth, mixed from recordings; endless variations of them from one seed.

Truth, one value for each 10 ms: SPEECH, QUIET, or UNSURE, which is neither fitted nor measured: the soft edges of
speech, echoes, and pauses of 150 to 300 ms. Shorter pauses belong to the speech; longer ones are quiet.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, sosfilt

from audio.dsp.framing import runs
from benchmarks.detection import machines, sources
from benchmarks.detection.channels import channel, in_room, shaped, whispered
from benchmarks.detection.made import Random, coloured, made, melody, power, scaled
from benchmarks.detection.sources import RATE, Audio

HOP = 160
QUIET, SPEECH, UNSURE = 0, 1, 2
Truth = NDArray[np.int8]
# Where speech ends, in dB below its peak; recordings with echo end in the echo, well before that.
DEPTH, ECHO_DEPTH, WITH_ECHO = 32.0, 19.0, "fish"
# Of the streams with speech, this share is whispered.
WHISPERED = 0.06
_HIGH_PASS = butter(2, 70, "highpass", fs=RATE, output="sos")


@dataclass(frozen=True)
class Stream:
    sound: Audio
    truth: Truth
    condition: str


def truth_of(sound: Audio, depth: float = DEPTH) -> Truth | None:
    """Where a clean recording of one speaker is speech. None: too short, or not clean enough to tell.

    depth: what is weaker than the peak by so many dB at either end of an utterance is unsure.
    """
    x = sosfilt(_HIGH_PASS, sound)
    count = len(x) // HOP
    if count < 20:
        return None
    padded = np.concatenate((np.zeros(80), x, np.zeros(320)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, 320)[::HOP][:count]
    level = 10 * np.log10(np.mean(frames.astype(np.float64) ** 2, axis=1) + 1e-12)
    floor, peak = max(float(np.percentile(level, 5)), -85.0), float(np.percentile(level, 96))
    if peak - floor < 32:
        return None
    loud, edge = max(floor + 12, peak - 30), max(floor + 6, peak - 40)
    truth = np.full(count, QUIET, np.int8)
    for start, end in runs(level > edge):
        if end - start >= 3 and np.count_nonzero(level[start:end] > loud) >= 3:
            truth[start:end] = SPEECH
    _fill_pauses(truth)
    _soften_edges(truth, level > max(floor + 6, peak - depth))
    return truth if np.count_nonzero(truth == SPEECH) >= 12 else None


def _fill_pauses(truth: Truth) -> None:
    spans = runs(truth == SPEECH)
    for (_, end), (start, _) in pairwise(spans):
        truth[end:start] = SPEECH if start - end <= 15 else UNSURE if start - end <= 30 else QUIET


def _soften_edges(truth: Truth, strong: NDArray[np.bool_]) -> None:
    for start, end in runs(truth != QUIET):
        inside = np.flatnonzero(strong[start:end])
        if len(inside):
            truth[start : start + inside[0]] = UNSURE
            truth[start + inside[-1] + 1 : end] = UNSURE


class Library:
    """The recordings, ready to mix: utterances with their truth by speaker, tracks of noise and music by name."""

    def __init__(
        self, root: Path, speech: dict[str, list[str]], noise: dict[str, list[str]], music: dict[str, list[str]]
    ) -> None:
        self.speech = {
            name: some for name, patterns in speech.items() if (some := self._utterances(root, name, patterns))
        }
        self.noise = {name: self._tracks(root, patterns) for name, patterns in noise.items()}
        self.music = {name: self._tracks(root, patterns) for name, patterns in music.items()}

    @staticmethod
    def _utterances(root: Path, name: str, patterns: list[str]) -> list[tuple[Audio, Truth]]:
        out = []
        for path in sources.find(root, patterns):
            sound = sources.read(path)
            if not 0.25 * RATE <= len(sound) <= 12 * RATE or np.max(np.abs(sound)) < 0.02:
                continue
            truth = truth_of(sound, ECHO_DEPTH if name.startswith(WITH_ECHO) else DEPTH)
            if truth is None:
                continue
            where = np.flatnonzero(truth != QUIET)
            start, end = max(0, int(where[0]) - 3), min(len(truth), int(where[-1]) + 4)
            piece = sound[start * HOP : end * HOP].copy()
            piece[:320] *= np.linspace(0, 1, 320, dtype=np.float32)
            piece[-320:] *= np.linspace(1, 0, 320, dtype=np.float32)
            voiced = np.repeat(truth[start:end] == SPEECH, HOP)
            out.append((piece / np.float32(np.sqrt(power(piece[voiced]))), truth[start:end]))
        return out

    @staticmethod
    def _tracks(root: Path, patterns: list[str]) -> list[Audio]:
        out = []
        for path in sources.find(root, patterns):
            sound = sources.read(path)
            loud = np.flatnonzero(np.abs(sound) > 1e-3)
            if len(loud) and loud[-1] - loud[0] > RATE // 8:
                piece = sound[loud[0] : loud[-1]]
                out.append(piece / np.float32(np.sqrt(power(piece))))
        return out


def track(tracks: list[Audio], count: int, rng: Random) -> Audio:
    """`count` samples of recordings in random order, joined with cross-fades of up to 50 ms; RMS about 1."""
    out = np.zeros(0, np.float32)
    while len(out) < count + RATE:
        piece = tracks[rng.integers(len(tracks))]
        start = int(rng.integers(max(1, len(piece) - count)))
        piece = piece[start : start + count + RATE].copy()
        fade = min(800, len(piece) // 4, len(out) // 4)
        rise = np.sqrt(np.linspace(0, 1, fade, dtype=np.float32))
        piece[:fade] = piece[:fade] * rise + out[len(out) - fade :] * rise[::-1]
        out = np.concatenate((out[: len(out) - fade], piece))
    start = int(rng.integers(len(out) - count))
    return out[start : start + count]


def speech(library: Library, speakers: list[str], count: int, rng: Random) -> tuple[Audio, Truth]:
    """Utterances of one speaker at random with pauses between; RMS 1 where speech is."""
    sound, truth = np.zeros(count, np.float32), np.full(count // HOP, QUIET, np.int8)
    utterances = library.speech[speakers[rng.integers(len(speakers))]]
    at = int(rng.uniform(0, 2.5) * 100)
    pace = rng.uniform(0.83, 1.2) if rng.random() < 0.7 else 1.0
    while True:
        piece, labels = faster(*utterances[rng.integers(len(utterances))], pace)
        if at + len(labels) > len(truth):
            return sound, truth
        sound[at * HOP : at * HOP + len(piece)] += piece * np.float32(10 ** (rng.uniform(-2, 2) / 20))
        truth[at : at + len(labels)] = labels
        pause = rng.uniform(0.35, 1.5) if rng.random() < 0.6 else rng.uniform(1.5, 5)
        at += len(labels) + int(pause * 100)


def faster(sound: Audio, truth: Truth, pace: float) -> tuple[Audio, Truth]:
    """Played faster, and so higher: another speaker. The truth goes along."""
    count = int(len(truth) / pace)
    places = np.minimum(np.arange(count * HOP) * pace, len(sound) - 1)
    quick = np.interp(places, np.arange(len(sound)), sound).astype(np.float32)
    return quick, truth[np.minimum((np.arange(count) * pace).astype(int), len(truth) - 1)]


def background(library: Library, count: int, rng: Random) -> Audio:
    """A recorded noise, a made one, a crowd, a machine, or two of them."""
    names, which = list(library.noise), rng.random()
    if which < 0.18:
        return made(count, rng)
    if which < 0.27:
        return machine(count, rng)
    if which < 0.36:
        return crowd(library, count, rng)
    if which < 0.48:
        return music(library, count, rng)
    out = track(library.noise[names[rng.integers(len(names))]], count, rng)
    if rng.random() < 0.15:
        out = out + made(count, rng) * np.float32(rng.uniform(0.1, 1))
    if rng.random() < 0.15:
        out = out + track(library.noise[names[rng.integers(len(names))]], count, rng) * np.float32(rng.uniform(0.2, 1))
    return gusty(out, rng) if rng.random() < 0.3 else out


def machine(count: int, rng: Random) -> Audio:
    """Hum, tones or bells."""
    return (machines.hum, machines.tones, machines.bells)[rng.integers(3)](count, rng)


def crowd(library: Library, count: int, rng: Random) -> Audio:
    """The babble of 5 to 24 talkers, none of whom can be followed, in the room that they stand in."""
    names, out = list(library.speech), np.zeros(count, np.float32)
    for _ in range(int(rng.integers(5, 25))):
        utterances = library.speech[names[rng.integers(len(names))]]
        sound = np.zeros(0, np.float32)
        while len(sound) < count:
            sound = np.concatenate((sound, utterances[rng.integers(len(utterances))][0]))
        out += np.roll(sound[:count], int(rng.integers(count))) * np.float32(10 ** (rng.uniform(-6, 3) / 20))
    tail = rng.standard_normal(int(rng.uniform(0.2, 1.0) * RATE))
    tail *= 10 ** (-3 * np.arange(len(tail)) / len(tail)) * rng.uniform(0, 0.1)
    tail[0] = 1
    out = fftconvolve(out, tail)[:count].astype(np.float32)
    return out / np.float32(np.sqrt(power(out)))


def gusty(sound: Audio, rng: Random) -> Audio:
    """Louder and weaker within seconds, as in wind, as what passes by."""
    length = int(rng.uniform(0.2, 2) * RATE)
    knots = np.arange(len(sound) // length + 2) * length
    gain = np.interp(np.arange(len(sound)), knots, rng.uniform(-12, 4, len(knots)))
    return sound * (10 ** (gain / 20)).astype(np.float32)


def music(library: Library, count: int, rng: Random) -> Audio:
    """Recorded music, at times played faster or slower, or two pieces at once."""
    if rng.random() < 0.12:
        return melody(count, rng)
    names = list(library.music)
    pace = rng.uniform(0.8, 1.3) if rng.random() < 0.6 else 1.0
    out = track(library.music[names[rng.integers(len(names))]], int(count * pace) + 2, rng)
    out = np.interp(np.arange(count) * pace, np.arange(len(out)), out).astype(np.float32)
    if rng.random() < 0.25:
        out = out + track(library.music[names[rng.integers(len(names))]], count, rng) * np.float32(rng.uniform(0.2, 1))
    return out


def stream(library: Library, speakers: list[str], seconds: float, rng: Random) -> Stream:
    """One stream of any condition."""
    count = int(seconds * RATE)
    level, what = rng.uniform(-52, -14), rng.random()
    sound, truth = np.zeros(count, np.float32), np.full(count // HOP, QUIET, np.int8)
    if what < 0.64:
        sound, truth = speech(library, speakers, count, rng)
        sound = whispered(sound, rng) if rng.random() < WHISPERED else sound
        sound = shaped(sound, rng) if rng.random() < 0.6 else sound
        sound = in_room(sound, rng) if rng.random() < 0.25 else sound
        if np.any(truth == SPEECH):
            sound = sound * np.float32(10 ** (level / 20) / np.sqrt(power(sound[np.repeat(truth == SPEECH, HOP)])))
    condition = "noise"
    if what < 0.12:
        condition = "clean"
    elif what < 0.76:
        low = rng.random() < 0.4
        snr = (rng.uniform(-5, 8) if low else rng.uniform(-3, 28)) if what < 0.64 else 0.0
        other = background(library, count, rng)
        condition = "noise" if what >= 0.64 else f"snr {snr:.0f}"
        sound = sound + scaled(shaped(other, rng) if rng.random() < 0.5 else other, level - snr)
    elif what < 0.81:
        condition = "machine"
        sound = sound + scaled(machine(count, rng), level)
    else:
        condition = "music"
        sound = sound + scaled(music(library, count, rng), level)
    hiss = coloured(count, rng, rng.uniform(0, 1)) * np.float32(10 ** (rng.uniform(-85, -62) / 20))
    late = rng.random() < 0.5
    sound = channel(sound if late else sound + hiss, rng)
    return Stream(np.clip(sound + hiss if late else sound, -1, 1).astype(np.float32), truth, condition)

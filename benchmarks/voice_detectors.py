"""Our voice detectors beside webrtcvad, Silero and auditok, on speakers, noises and music that no model was fitted on.

    python -m benchmarks.voice_detectors --recordings FOLDER [--seconds 40] [--streams 6]

Downloads the recordings on its first run. Every detector is fed the same chunks of 0.512 s in one session (auditok: the
whole stream). F1 of 10 ms frames by condition; the share of noise, music and machines' tones called voice; CPU per
second of sound. In a second table: the same speech whispered, through what narrows its band, in mains hum, in a crowd.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import webrtcvad
from numpy.typing import NDArray

from audio.dsp import level, voice_silero
from audio.pcm import Pcm
from audio.services import voice_detection, voice_detection_2
from audio.services.base import Service
from benchmarks.detection import channels, machines, sources, streams
from benchmarks.detection.streams import HOP, QUIET, RATE, SPEECH, Library, Stream

Mask = NDArray[np.bool_]
Detector = Callable[[NDArray[np.int16]], Mask]
CHUNK = 8192


def ours(service: Service) -> Detector:
    def detect(samples: NDArray[np.int16]) -> Mask:
        state: dict | None = {}
        out = np.zeros(len(samples), bool)
        for at in range(0, len(samples), CHUNK):
            chunk = Pcm(samples[at : at + CHUNK, None], RATE)
            answer, state = service.compute(service.inputs(sound=chunk), state)
            for span in answer["segments"]:
                out[at + span["start"] : at + span["end"]] = True
        return out

    return detect


def webrtc(mode: int) -> Detector:
    def detect(samples: NDArray[np.int16]) -> Mask:
        detector, out = webrtcvad.Vad(mode), np.zeros(len(samples), bool)
        for at in range(0, len(samples) - 479, 480):
            out[at : at + 480] = detector.is_speech(samples[at : at + 480].tobytes(), RATE)
        return out

    return detect


def silero(samples: NDArray[np.int16]) -> Mask:
    found, _ = voice_silero.probabilities(voice_silero.State.begin(), level.to_float(samples))
    out = np.repeat(found >= 0.5, voice_silero.BLOCK)
    return np.concatenate((out, np.zeros(len(samples) - len(out), bool)))


def auditok(samples: NDArray[np.int16]) -> Mask:
    import auditok

    out = np.zeros(len(samples), bool)
    for region in auditok.split(samples.tobytes(), sampling_rate=RATE, sample_width=2, channels=1):
        out[round(region.start * RATE) : round(region.end * RATE)] = True
    return out


def lines(library: Library, seconds: float, count: int) -> dict[str, list[Stream]]:
    """Streams through microphones, lines and crowds, the same on every run."""
    frames = int(seconds * RATE)
    out: dict[str, list[Stream]] = {}
    for kind, name in enumerate(["low cut", "telephone", "hum", "whisper", "crowd", "tones", "bells"]):
        for number in range(count):
            rng = np.random.default_rng([100 + kind, number])
            speakers = list(library.speech)[number % len(library.speech) :][:1]
            sound, truth = streams.speech(library, speakers, frames, rng)
            if name == "whisper":
                sound = channels.whispered(sound, rng)
                sound = sound / np.float32(np.sqrt(streams.power(sound[np.repeat(truth == SPEECH, HOP)])))
            sound = sound * np.float32(10 ** (-26 / 20))
            if name == "hum":
                sound = sound + streams.scaled(machines.hum(frames, rng), -26)
            if name == "crowd":
                sound = sound + streams.scaled(streams.crowd(library, frames, rng), -36)
            if name in MACHINES:
                sound = streams.scaled(MACHINES[name](frames, rng), -26)
                truth = np.full(frames // HOP, QUIET, np.int8)
            sound = sound + streams.coloured(frames, rng, 1) * np.float32(10 ** (-66 / 20))
            if name in LINES:
                sound = LINES[name](sound, rng)
            out.setdefault(name, []).append(Stream(np.clip(sound, -1, 1).astype(np.float32), truth, name))
    return out


LINES = {"low cut": channels.low_cut, "telephone": channels.telephone}
MACHINES = {"tones": machines.tones, "bells": machines.bells}
NO_VOICE = ("noise", "music", *MACHINES)


def conditions(library: Library, seconds: float, count: int) -> dict[str, list[Stream]]:
    """Streams of known condition, the same on every run."""
    frames = int(seconds * RATE)
    out: dict[str, list[Stream]] = {}
    for kind, name in enumerate(["clean", "quiet", "20 dB", "10 dB", "5 dB", "0 dB", "noise", "music"]):
        for number in range(count):
            rng = np.random.default_rng([kind, number])
            speech, truth = np.zeros(frames, np.float32), np.full(frames // HOP, QUIET, np.int8)
            other = np.zeros(frames, np.float32)
            dbfs = -40.0 if name == "quiet" else -26.0
            if name not in ("noise", "music"):
                speech, truth = streams.speech(
                    library, list(library.speech)[number % len(library.speech) :][:1], frames, rng
                )
                speech = speech * np.float32(10 ** (dbfs / 20))
            if name.endswith("dB") or name == "noise":
                tracks = list(library.noise.values())[number % len(library.noise)]
                other = streams.scaled(
                    streams.track(tracks, frames, rng), dbfs - float(name.split()[0]) if "dB" in name else -35
                )
            if name == "music":
                tracks = list(library.music.values())[number % len(library.music)]
                other = streams.scaled(streams.track(tracks, frames, rng), -32)
            hiss = streams.coloured(frames, rng, 0) * np.float32(10 ** (-75 / 20))
            out.setdefault(name, []).append(Stream(np.clip(speech + other + hiss, -1, 1), truth, name))
    return out


def sure(truth: streams.Truth) -> Mask:
    """The frames that are measured: not unsure, and not within 20 ms of a change."""
    out = truth < streams.UNSURE
    for change in np.flatnonzero(np.diff(truth)) + 1:
        out[max(0, change - 2) : change + 2] = False
    return out


def measure(detector: Detector, some: dict[str, list[Stream]]) -> dict[str, float]:
    row: dict[str, float] = {}
    counts = {name: np.zeros(4) for name in [*some, "all"]}
    spent = heard = 0.0
    for name, each in some.items():
        for one in each:
            samples = np.rint(one.sound * 32767).astype(np.int16)
            start = time.process_time()
            voiced = detector(samples)[HOP // 2 :: HOP][: len(one.truth)]
            spent, heard = spent + time.process_time() - start, heard + len(samples) / RATE
            keep, speech = sure(one.truth), one.truth == SPEECH
            tally = [np.sum(keep & a & b) for a in (speech, ~speech) for b in (voiced, ~voiced)]
            counts[name] += tally
            counts["all"] += tally
    for name, (hit, miss, false, right) in counts.items():
        row[name] = false / (false + right) if name in NO_VOICE else 2 * hit / max(1, 2 * hit + miss + false)
    row["ms per s"] = 1000 * spent / heard
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recordings", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=40.0)
    parser.add_argument("--streams", type=int, default=6)
    given = parser.parse_args()
    sources.fetch(given.recordings, sources.UNSEEN)
    library = Library(given.recordings, *sources.UNSEEN)
    detectors = {
        "webrtcvad, mode 2": webrtc(2),
        "webrtcvad, mode 3": webrtc(3),
        "auditok": auditok,
        "Silero": silero,
        "ours, version 1": ours(voice_detection.SERVICE),
        "ours, version 2": ours(voice_detection_2.SERVICE),
    }
    for make in (conditions, lines):
        some = make(library, given.seconds, given.streams)
        print("| 10 ms frames | " + " | ".join([*some, "all", "ms per s"]) + " |")
        print("|---" * (len(some) + 3) + "|")
        for name, detector in detectors.items():
            row = measure(detector, some)
            print(
                f"| {name} | " + " | ".join(f"{row[k]:.3f}" for k in [*some, "all"]) + f" | {row['ms per s']:.1f} |",
                flush=True,
            )
        print()


if __name__ == "__main__":
    main()

"""Our sound detector beside auditok and librosa, on real sounds in made and recorded backgrounds. Nothing is fitted to
these recordings; white and pink noise are what is fitted to, too.

    python -m benchmarks.sound_detectors --recordings FOLDER [--seconds 40]

Downloads the recordings on its first run. F1 of events whose onset is right within 50 ms and whose offset
is right within 100 ms (librosa tells no offsets: onsets alone); mean errors in ms of those matched; false events a
minute where there is only background; CPU per second of sound. A sound begins and ends where its level over 20 ms
crosses the background's.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audio.pcm import Pcm
from audio.services.sound_detection import SERVICE
from benchmarks.detection import sources, streams
from benchmarks.detection.scenes import span, strength
from benchmarks.detection.sources import RATE, Audio

Events = list[tuple[float, float]]
Detector = Callable[[NDArray[np.int16]], Events]
# In frames: shorter sounds are not among those it is asked for.
SHORTEST = 640
# Of the background, in dBFS.
LEVEL = -55.0
EFFECTS = ["supertux-data/**/sounds/*.wav", "supertux-data/**/sounds/*.ogg", "pingus-data/**/sounds/*.*"]
# Recordings that nothing is fitted to.
_OUTDOORS = "scorched3d-data/**/wav/misc/{0}.wav"
BACKGROUNDS: dict[str, list[str]] = {
    "white": [],
    "pink": [],
    "furnace": sources.UNSEEN_NOISE["furnace"],
    "rain": [_OUTDOORS.format("rain")],
    "surf": [_OUTDOORS.format("oceanwaves")],
}


@dataclass(frozen=True)
class Scene:
    samples: NDArray[np.int16]
    truth: Events
    background: str
    snr: float | None


def scene(effects: list[Audio], name: str, background: Audio, snr: float | None, rng: np.random.Generator) -> Scene:
    # An offset is no sound: with it, the background would be quieter than it says.
    x = streams.scaled(background - background.mean(), LEVEL)
    truth: Events = []
    at = int(rng.uniform(1, 2) * RATE)
    while snr is not None:
        sound = effects[rng.integers(len(effects))]
        loudest = np.sqrt(strength(sound, 800).max())
        sound = sound * np.float32(10 ** ((LEVEL + snr) / 20) / loudest)
        if at + len(sound) > len(x) - RATE:
            break
        where = span(sound, 10 ** (LEVEL / 20), SHORTEST)
        if where is None:
            continue
        x[at : at + len(sound)] += sound
        truth.append(((at + where[0]) / RATE, (at + where[1]) / RATE))
        at += len(sound) + int(rng.uniform(0.6, 2.5) * RATE)
    return Scene(np.clip(np.rint(x * 32767), -32768, 32767).astype(np.int16), truth, name, snr)


def scenes(root: Path, seconds: float) -> list[Scene]:
    effects = []
    for path in sources.find(root, EFFECTS):
        sound = sources.read(path)
        if 0.05 * RATE < len(sound) < 3 * RATE and np.max(np.abs(sound)) > 0.02:
            effects.append(np.concatenate((np.zeros(160, np.float32), sound - sound.mean(), np.zeros(160, np.float32))))
    library = streams.Library(root, {}, {name: files for name, files in BACKGROUNDS.items() if files}, {})
    out, count = [], int(seconds * RATE)
    for number, name in enumerate(BACKGROUNDS):
        for snr in (None, 6.0, 10.0, 20.0, 30.0):
            rng = np.random.default_rng([number, int(snr or 0)])
            if name in library.noise:
                background = streams.track(library.noise[name], count, rng)
            else:
                background = streams.coloured(count, rng, 0 if name == "white" else 1)
            out.append(scene(effects, name, background, snr, rng))
    return out


def ours(samples: NDArray[np.int16]) -> Events:
    answer, _ = SERVICE.compute(SERVICE.inputs(sound=Pcm(samples[:, None], RATE)), None)
    times = [event["time"] for event in answer["events"]]
    return list(zip(times[::2], times[1::2], strict=True))


def auditok(threshold: float) -> Detector:
    def detect(samples: NDArray[np.int16]) -> Events:
        import auditok

        found = auditok.split(
            samples.tobytes(), sampling_rate=RATE, sample_width=2, channels=1, energy_threshold=threshold,
            min_dur=0.04, max_silence=0.1, analysis_window=0.01, max_trailing_silence=0,
        )  # fmt: skip
        return [(region.start, region.end) for region in found]

    return detect


def librosa(samples: NDArray[np.int16]) -> Events:
    import librosa

    times = librosa.onset.onset_detect(y=samples / np.float32(32768), sr=RATE, units="time", hop_length=160)
    return [(float(t), float(t)) for t in times]


def pairs(truth: Events, found: Events, offsets: bool) -> list[tuple[int, int]]:
    """Matches one to one, in order."""
    out, used = [], set()
    for i, (on, off) in enumerate(truth):
        for j, (a, b) in enumerate(found):
            if j not in used and abs(a - on) <= 0.05 and (not offsets or abs(b - off) <= 0.1):
                out.append((i, j))
                used.add(j)
                break
    return out


def row(name: str, detect: Detector, some: list[Scene], offsets: bool = True) -> str:
    tallies: dict[float, list[int]] = {}
    onset, offset = [], []
    false = spent = heard = alone = 0.0
    detect(some[0].samples[:RATE])  # what a library does on its first use is not counted
    for one in some:
        start = time.process_time()
        found = detect(one.samples)
        spent, heard = spent + time.process_time() - start, heard + len(one.samples) / RATE
        if one.snr is None:
            false, alone = false + len(found), alone + len(one.samples) / RATE / 60
            continue
        tally = tallies.setdefault(one.snr, [0, 0])
        tally[0] += 2 * len(pairs(one.truth, found, offsets))
        tally[1] += len(one.truth) + len(found)
        for i, j in pairs(one.truth, found, False):
            onset.append(abs(one.truth[i][0] - found[j][0]))
            offset.append(abs(one.truth[i][1] - found[j][1]))
    each = [f"{a / max(1, b):.3f}" for a, b in tallies.values()]
    whole = sum(a for a, _ in tallies.values()) / max(1, sum(b for _, b in tallies.values()))
    errors = f"{1000 * np.mean(onset):.1f} | {f'{1000 * np.mean(offset):.1f}' if offsets else ''}"
    return (
        f"| {name} | {whole:.3f} | {' | '.join(each)} | {errors} | {false / alone:.1f} | {1000 * spent / heard:.2f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recordings", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=40.0)
    given = parser.parse_args()
    sources.fetch(given.recordings, [{"effects": EFFECTS, **BACKGROUNDS}])
    some = scenes(given.recordings, given.seconds)
    print("| sounds | F1 all | 6 dB | 10 dB | 20 dB | 30 dB | onset error | offset error | false a minute | ms per s |")
    print("|---" * 10 + "|")
    print(row("auditok, threshold 50", auditok(50), some), flush=True)
    print(row("auditok, threshold 40", auditok(40), some), flush=True)
    print(row("librosa onset (onset alone)", librosa, some, offsets=False), flush=True)
    print(row("ours", ours, some), flush=True)
    for name in BACKGROUNDS:
        print(row(f"ours, {name}", ours, [one for one in some if one.background == name]), flush=True)


if __name__ == "__main__":
    main()

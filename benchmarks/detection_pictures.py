"""The pictures of docs/sound_detection.md and docs/voice_detection.md, from real recordings.

pip install matplotlib ; python -m benchmarks.detection_pictures --recordings FOLDER
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib as mpl
import numpy as np

from audio.dsp import level, network, sound, sound_bands, sound_events, voice_activity, voice_features, voice_stream
from audio.dsp.framing import runs
from audio.pcm import Pcm
from audio.services import sound_detection, voice_contract, voice_detection
from benchmarks import sound_detectors
from benchmarks.detection import sources, streams
from benchmarks.detection.sources import RATE

mpl.use("Agg")
from matplotlib import pyplot

DOCS = Path(__file__).parent.parent / "docs"


def bars(axes: pyplot.Axes, spans: list[tuple[float, float]], height: float, colour: str, label: str) -> None:
    for i, (start, end) in enumerate(spans):
        axes.plot([start, end], [height, height], colour, linewidth=5, label=label if i == 0 else None)


def finish(figure: pyplot.Figure, axes: np.ndarray, name: str) -> None:
    for each in axes:
        each.legend(loc="upper left", bbox_to_anchor=(1.01, 1), fontsize=7, borderaxespad=0)
        each.grid(alpha=0.3)
    axes[-1].set_xlabel("seconds")
    figure.tight_layout()
    figure.savefig(DOCS / name, dpi=80)


def draw_wave(axes: pyplot.Axes, samples: np.ndarray, what: str) -> None:
    axes.plot(np.arange(len(samples)) / RATE, samples / 32768, linewidth=0.3, label=what)


# The band from 1.7 to 2.4 kHz.
BAND = sound_bands.WHOLE + sound_bands.EDGES.index(1700)


def draw_sound(root: Path) -> None:
    one = next(s for s in sound_detectors.scenes(root, 12.0) if s.background == "surf" and s.snr == 10)
    wanted = sound_detection.TRIGGERS[1]
    grid = sound_bands.grid(RATE)
    blocks = one.samples[: len(one.samples) // grid.block * grid.block].reshape(-1, grid.block)
    bands = sound_bands.powers(sound_bands.windows(blocks, RATE), 0.0)
    detector = sound.Detector.begin()
    backgrounds, kept = [], []
    for at in range(0, len(one.samples), grid.block):
        rows, _, detector = sound.observe(detector, one.samples[at : at + grid.block], RATE)
        kept.append(rows)
        backgrounds.append(detector.floor.power)
    model = network.load(sound.MODEL)
    odds = network.score(model, network.begin(model), np.concatenate(kept))[0][sound.DELAY :].ravel()
    time = (np.arange(bands.shape[1]) + grid.width / 2) * grid.step
    figure, axes = pyplot.subplots(4, 1, figsize=(9, 8), sharex=True, height_ratios=(1, 1.5, 1.5, 2))
    draw_wave(axes[0], one.samples, "effects of games in surf, 10 dB")
    for each, band, name in ((axes[1], 0, "all of it"), (axes[2], BAND, "1.7 to 2.4 kHz")):
        lines = {"level": bands[band], "background": np.array(backgrounds)[: len(time), band]}
        for label, powers in lines.items():
            drawn = level.power_to_dbfs(powers)
            each.plot(time, drawn, linewidth=0.6 if label == "level" else 1.2, label=f"{label}, {name}")
        each.set_ylabel("dBFS")
    axes[3].plot([grid.time(i) for i in range(len(odds))], odds, linewidth=0.8, label="log odds of a sound")
    axes[3].axhline(wanted, color="C1", label="trigger")
    axes[3].axhline(sound_events.EDGE, color="C4", label="edge")
    bars(axes[3], one.truth, odds.max() + 2, "C2", "truth")
    bars(axes[3], sound_detectors.ours(one.samples), odds.max() + 4, "C3", "answer")
    finish(figure, axes, "sound_detection.png")


def draw_voice(root: Path) -> None:
    library = streams.Library(
        root, {"italian": ["asterisk-core-sounds-it-g722/**/vm-*.g722"]}, {"hover": sources.UNSEEN_NOISE["hover"]}, {}
    )
    rng = np.random.default_rng(4)
    speech, truth = streams.speech(library, ["italian"], 15 * RATE, rng)
    noise = streams.scaled(streams.track(library.noise["hover"], 15 * RATE, rng), -36)
    samples = np.rint(np.clip(speech * np.float32(0.05) + noise, -1, 1) * 32767).astype(np.int16)
    kept = []

    def keep(inner: object, sound: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, object]:
        odds, inner = voice_detection.classify(inner, sound, rows)
        kept.append(odds)
        return odds, inner

    limits = voice_activity.limits(0.5, 0.0, 0.0)
    voice_stream.advance(voice_stream.State.begin(RATE), None, samples, RATE, limits, keep)
    rows, _, _ = voice_features.features(
        voice_features.State.begin(), level.to_float(samples)[: len(samples) // 256 * 256]
    )
    bands = slice(voice_features.BANDS, 2 * voice_features.BANDS)
    odds = np.concatenate(kept)
    time = (np.arange(len(odds)) + 1) * voice_features.HOP / RATE
    answer, _ = voice_detection.SERVICE.compute(voice_contract.Inputs(sound=Pcm(samples[:, None], RATE)), None)
    figure, axes = pyplot.subplots(3, 1, figsize=(9, 6.5), sharex=True, height_ratios=(1, 1.3, 1.5))
    draw_wave(axes[0], samples, "Italian in the noise of an engine, 10 dB")
    axes[1].plot(
        time, 4.34 * rows[:, bands].mean(axis=1), linewidth=0.8, label="level over the floor, mean of 24 bands"
    )
    axes[1].axhline(0, color="C1", label="floor")
    axes[1].set_ylabel("dB")
    axes[2].plot(time, odds, linewidth=0.8, label="log odds of a voice")
    axes[2].axhline(limits.upper, color="C1", label="opens here")
    axes[2].axhline(limits.lower, color="C4", label="closes here")
    bars(axes[2], [(a / 100, b / 100) for a, b in runs(truth == streams.SPEECH)], odds.max() + 2, "C2", "truth")
    bars(axes[2], [(s["start"] / RATE, s["end"] / RATE) for s in answer["segments"]], odds.max() + 4, "C3", "answer")
    finish(figure, axes, "voice_detection.png")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recordings", type=Path, required=True)
    given = parser.parse_args()
    sources.fetch(given.recordings)
    draw_sound(given.recordings)
    draw_voice(given.recordings)


if __name__ == "__main__":
    main()

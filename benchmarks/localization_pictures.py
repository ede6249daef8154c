"""The pictures of docs/sound_localization.md, from a set of rooms.

python benchmarks/localization_pictures.py ROOMS docs/images [--every 3]
"""

from __future__ import annotations

import argparse
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import soundfile as sf
from localization import CHUNK, SPEED, SYSTEMS, estimate

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from audio.dsp import bearing, direct_path
from audio.dsp.gcc import pair, spectra, steer

BANDS = {"snr_db": (-2, 3, 8, 13, 18, 24), "rt60": (0, 0.1, 0.3, 0.5, 0.8)}
NAMES = {"snr_db": "signal to noise, dB", "rt60": "reverberation time, s"}


def moving(case: dict[str, Any], folder: Path, out: Path) -> None:
    """The evidence of each block over the angles, with truth and answers."""
    samples, rate = sf.read(folder / case["file"], dtype="int16")
    of = pair(rate, case["baseline"], SPEED)
    state: dict[str, Any] = {}
    columns = []
    for k in range(len(samples) // of.block):
        begin = max(0, k * of.block - of.overlap)
        sound = samples[begin : (k + 1) * of.block].astype(np.float32) / 32768
        weighted, state = direct_path.estimate(spectra(sound.T, of), state, of)
        columns.append(bearing.evidence(bearing.ratios(steer(weighted.phase * weighted.weight, of))))
    figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
    seconds = len(columns) * of.block / rate
    image = axes.imshow(
        np.array(columns).T, origin="lower", aspect="auto", extent=(0, seconds, -90, 90), cmap="Greys", vmin=0
    )
    figure.colorbar(image, label="log-likelihood ratio")
    source = case["sources"][0]
    at = (np.arange(len(source["act"])) + 0.5) * 1024 / rate
    axes.plot(at, source["yaw_ff_deg"], color="tab:green", label="truth")
    rows = estimate(SYSTEMS["ours"], case, folder, False)
    told = [((r["chunk"] + 0.5) * CHUNK / rate, r["answers"][0][0]) for r in rows if r["answers"]]
    axes.plot(*zip(*told, strict=True), "o", color="tab:red", markersize=4, label="answers")
    axes.set(xlabel="seconds", ylabel="yaw, degrees (left is up)", xlim=(0, seconds), ylim=(-90, 90))
    lags = axes.twinx()
    longest = of.baseline / of.speed * 1000
    ticks = np.linspace(-1, 1, 9)
    lags.set(ylim=(-90, 90), yticks=np.degrees(np.arcsin(ticks)), yticklabels=[f"{longest * t:.2f}" for t in ticks])
    lags.set_ylabel("lag, ms")
    axes.legend(loc="upper right")
    figure.savefig(out / "localization_moving.png", dpi=110)


def errors(cases: list[dict[str, Any]], folder: Path, out: Path) -> None:
    """How far off the answers are, and how many chunks are right, by noise and by reverberation, beside the peers."""
    figure, panels = plt.subplots(2, 2, figsize=(9, 6), sharey="row", sharex="col", layout="constrained")
    for name, system in SYSTEMS.items():
        rows = [r for c in cases for r in estimate(system, c, folder, False) if len(r["truth"]) == 1]
        off = np.array([abs(r["answers"][0][0] - r["truth"][0]) if r["answers"] else np.nan for r in rows])
        for column, (key, edges) in enumerate(BANDS.items()):
            value = np.array([r["case"][key] for r in rows])
            bands = [(low, high) for low, high in pairwise(edges) if ((value >= low) & (value < high)).any()]
            parts = [off[(value >= low) & (value < high)] for low, high in bands]
            labels = [f"{low:g} to {high:g}" for low, high in bands]
            panels[0, column].plot(labels, [np.nanmedian(p) for p in parts], "o-", label=name)
            panels[1, column].plot(labels, [100 * np.mean(p <= 10) for p in parts], "o-", label=name)
            panels[1, column].set(xlabel=NAMES[key], ylim=(0, 100))
    panels[0, 0].set(ylabel="median error, degrees", yscale="log")
    panels[1, 0].set_ylabel("% of chunks within 10 degrees")
    panels[0, 0].legend()
    figure.savefig(out / "localization_errors.png", dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("rooms", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--every", type=int, default=1, help="take every Nth sound")
    options = parser.parse_args()
    cases = json.loads((options.rooms / "truth.json").read_text())["cases"]
    moves = [c for c in cases if c["category"] == "moving"]
    moving(min(moves, key=lambda c: abs(c["baseline"] - 0.2)), options.rooms, options.out)
    errors([c for c in cases if c["category"] == "main"][:: options.every], options.rooms, options.out)


if __name__ == "__main__":
    main()

"""Our sound localization beside its peers, on one set of rooms and in one run.

    python benchmarks/localization_rooms.py --packages PKGS --out ROOMS --seed 2
    pip install pyroomacoustics && python benchmarks/localization.py ROOMS [--alone] [--every 4]

Sounds are cut into chunks of 8192 frames. A chunk counts where 30 % of it holds a talker; it is right where the first
answer lies within 10 degrees, and one without an answer is wrong. Peers: the peak of the whole chunk's GCC-PHAT; SRP-
PHAT of pyroomacoustics.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf

from audio.pcm import Pcm
from audio.services import sound_localization as ours

CHUNK, SPEED = 8192, 343.2
Answers = list[tuple[float, float]]  # degrees, confidence; best first
System = Callable[[Any, int, float, Any], tuple[Answers, Any]]


def our_service(samples: Any, rate: int, baseline: float, state: Any) -> tuple[Answers, Any]:
    output, state = ours.compute(ours.Inputs(Pcm(samples, rate), baseline), state)
    return [(float(np.degrees(s["yaw"])), s["confidence"]) for s in output["sources"]], state


def plain(samples: Any, rate: int, baseline: float, state: Any) -> tuple[Answers, Any]:
    """The peak of GCC-PHAT at whole samples, as most pages on the web have it."""
    left, right = np.fft.rfft(samples.T.astype(float), 2 * len(samples))
    cross = right * left.conj()
    correlation = np.fft.irfft(cross / (np.abs(cross) + 1e-12))
    reach = int(baseline / SPEED * rate)
    lags = np.arange(-reach, reach + 1)
    best = lags[np.argmax(correlation[lags])]
    return [(float(np.degrees(np.arcsin(np.clip(best / rate * SPEED / baseline, -1, 1)))), 1.0)], state


def srp_phat(samples: Any, rate: int, baseline: float, state: Any) -> tuple[Answers, Any]:
    import pyroomacoustics as pra

    places = np.array([[0.0, 0.0], [baseline / 2, -baseline / 2]])
    grid = np.radians(np.linspace(-90, 90, 361))
    doa = pra.doa.SRP(places, rate, 1024, c=SPEED, num_src=1, azimuth=grid)
    windows = np.lib.stride_tricks.sliding_window_view(samples.astype(float), 1024, axis=0)[::512]
    doa.locate_sources(np.fft.rfft(windows * np.hanning(1024)).transpose(1, 2, 0), freq_range=[200.0, 8000.0])
    yaw = float(np.degrees(grid[np.argmax(doa.grid.values)]))
    return [(yaw, 1.0)], state


SYSTEMS: dict[str, System] = {"ours": our_service, "GCC-PHAT": plain, "SRP-PHAT": srp_phat}


def truths(case: dict[str, Any], chunk: int) -> list[float] | None:
    """The angles of who talks in a chunk, in degrees; [] before anyone has talked; None where it is neither."""
    angles, some = [], 0
    for source in case["sources"]:
        active = np.array(source["act"][chunk * 8 : chunk * 8 + 8])
        some += int(np.sum(source["act"][: chunk * 8 + 8]))
        if active.mean() >= 0.3:
            yaw = np.broadcast_to(source["yaw_ff_deg"], len(source["act"]))[chunk * 8 : chunk * 8 + 8]
            angles.append(float((yaw * active).sum() / active.sum()))
    return angles if angles or not some else None


def hear(system: System, case: dict[str, Any], folder: Path, alone: bool) -> list[dict[str, Any]]:
    """What a system answers to each chunk of a sound."""
    samples, rate = sf.read(folder / case["file"], dtype="int16")
    state: Any = None if alone else {}
    rows = []
    for k in range(len(samples) // CHUNK):
        truth = truths(case, k)
        begin = time.process_time()
        answers, state = system(samples[k * CHUNK : (k + 1) * CHUNK], rate, case["baseline"], state)
        took = time.process_time() - begin
        state = None if alone else state
        if truth is not None:
            rows.append({"case": case, "chunk": k, "truth": truth, "answers": answers, "ms": 1000 * took})
    return rows


def right(row: dict[str, Any]) -> bool:
    return bool(row["answers"]) and abs(row["answers"][0][0] - row["truth"][0]) <= 10


def share(rows: list[dict[str, Any]]) -> str:
    return f"{100 * np.mean([right(r) for r in rows]):.1f}" if rows else "-"


def figures(rows: list[dict[str, Any]]) -> dict[str, str]:
    """The line of one system."""
    single = [r for r in rows if len(r["truth"]) == 1 and r["case"]["category"] != "two"]
    of = {
        k: [r for r in single if r["case"]["category"] == k] for k in ("main", "nonspeech", "moving", "quiet", "humdc")
    }
    told = [r for r in of["main"] if r["answers"]]
    both = [r for r in rows if len(r["truth"]) == 2]
    found = [all(any(abs(a[0] - t) <= 10 for a in r["answers"]) for t in r["truth"]) for r in both]
    none = [r for r in rows if not r["truth"]]
    minutes = {k: [r for r in none if (r["case"]["category"] == "noise") == k] for k in (True, False)}
    sure = [(r["answers"][0][1], right(r)) for r in single if r["answers"]] + [
        (a[1], False) for r in none for a in r["answers"]
    ]
    line = {"main": share(of["main"]), "reported": f"{100 * len(told) / max(1, len(of['main'])):.1f}"}
    line["median"] = f"{np.median([abs(r['answers'][0][0] - r['truth'][0]) for r in told]):.2f}" if told else "-"
    for low, high in ((0.0, 0.08), (0.08, 0.17), (0.17, 2.0)):
        line[f"{low:g} to {high:g} m"] = share([r for r in of["main"] if low <= r["case"]["baseline"] < high])
    line["beyond 75"] = share([r for r in of["main"] if abs(r["truth"][0]) >= 75])
    line.update({k: share(of[k]) for k in ("nonspeech", "moving", "quiet", "humdc")})
    line["two, both"] = f"{100 * np.mean(found):.1f}" if found else "-"
    for name, key in (("noise, a minute", True), ("lead-in, a minute", False)):
        length = max(1, len(minutes[key])) * CHUNK / 48000 / 60
        line[name] = f"{sum(len(r['answers']) for r in minutes[key]) / length:.1f}"
    line["Brier"] = f"{np.mean([(p - y) ** 2 for p, y in sure]):.4f}" if sure else "-"
    line["AUC"] = f"{auc(sure):.3f}"
    line["ms"] = f"{np.mean([r['ms'] for r in rows]):.1f}"
    return line


def auc(sure: list[tuple[float, bool]]) -> float:
    """The chance that a right answer has more confidence than a wrong one."""
    good, bad = (np.array([p for p, y in sure if y == k]) for k in (True, False))
    if not good.size or not bad.size:
        return float("nan")
    return float(np.mean((good[:, None] > bad) + 0.5 * (good[:, None] == bad)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("rooms", type=Path)
    parser.add_argument("--alone", action="store_true", help="each chunk alone, instead of in a session")
    parser.add_argument("--every", type=int, default=1, help="take every Nth sound")
    parser.add_argument("--systems", default=",".join(SYSTEMS))
    options = parser.parse_args()
    cases = json.loads((options.rooms / "truth.json").read_text())["cases"][:: options.every]
    lines = {}
    for name in options.systems.split(","):
        lines[name] = figures(
            [row for case in cases for row in hear(SYSTEMS[name], case, options.rooms, options.alone)]
        )
    print(f"| {len(cases)} sounds, {'alone' if options.alone else 'in sessions'} | " + " | ".join(lines) + " |")
    print("|---|" + "---|" * len(lines))
    for key in next(iter(lines.values())):
        print(f"| {key} | " + " | ".join(line[key] for line in lines.values()) + " |")


if __name__ == "__main__":
    main()

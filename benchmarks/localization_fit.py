"""Fit what audio/dsp/direct_path.json and audio/dsp/trust.json hold, on a set of rooms.

    python benchmarks/localization_rooms.py --packages PKGS --out ROOMS --seed 1
    pip install scipy soundfile && python benchmarks/localization_fit.py ROOMS [ROOMS...] [--minutes 5]

1. The weights of the bins: the log-probability that the steered sum of a few windows gives to the true angle is made
   as great as it can be, by L-BFGS with exact gradients, from the coefficients that are there (maximum mutual
   information). 2. The confidence: a logistic regression on what the new weights then give, on sounds with and without
   a source.

It needs 4 GB of memory. Fit on some seeds, and look at the figures of another (benchmarks/localization.py).
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf
from localization import CHUNK, SPEED, truths
from scipy.optimize import minimize

from audio.dsp import direct_path, localization, trust
from audio.dsp.gcc import pair, spectra

Array = Any
FOLDER = Path(direct_path.__file__).parent
RIDGE = {"alone": 2e-6, "session": 2e-6, "second": 1e-3}  # of the confidence
SILENT = {"hum": 40.0, "fan": 40.0, "lead": 15.0}  # weights of blocks without a source; 3 of other noise
STEP = 0.5  # of the way from the coefficients that are there to those that fit one set best
SHARE = 0.4  # of the blocks, that the weights are fitted to
WIDTHS = 0.7, 2.0  # degrees, of what is right: the peak is to be near, and the nearer the better
FLOOR = 0.02  # share of blocks in which no angle is right
TALK = ("main", "nonspeech", "quiet", "humdc", "moving", "burst")


class OutOfTime(Exception):
    """The fit has had its minutes."""


def described(cases: list[dict[str, Any]], mode: str, share: float) -> dict[float, list[tuple[float, Array, Array]]]:
    """(yaw, features, cross) of three windows of random blocks with one source, by baseline."""
    random = np.random.default_rng(1)
    out = defaultdict(list)
    for case in (c for c in cases if c["category"] in TALK):
        samples, rate = sf.read(case["file"], dtype="float32")
        of, state = pair(rate, case["baseline"], SPEED), {}
        for k in range(len(samples) // CHUNK):
            begin = max(0, k * CHUNK - of.overlap) if state else k * CHUNK
            bins = spectra(samples[begin : (k + 1) * CHUNK].T, of)
            one, after = direct_path.describe(bins, state, of)
            usable = bool(truths(case, k)) and (bool(state) or mode == "alone")
            state = after if mode == "session" else {}
            if usable and random.random() < share:
                some = slice(random.integers(0, 2), None, 2)
                kept = one.features[:, some][:, :3].astype(np.float16), one.cross[some][:3], one.everywhere[some][:3]
                out[case["baseline"]].append((truths(case, k)[0], *kept))  # type: ignore[index]
    return out


def packed(blocks: dict[float, list[tuple[float, Array, Array]]], rate: int) -> list[dict[str, Array]]:
    """Arrays of all blocks of a baseline, with the steering matrix and the target of each block."""
    out = []
    for baseline, rows in blocks.items():
        of = pair(rate, baseline, SPEED)
        grid = np.linspace(-90, 90, 2 * int(np.clip(1000 * baseline, 140, 400)) + 1)
        steering = np.exp(-2j * np.pi * np.outer(of.frequency, baseline * np.sin(np.radians(grid)) / SPEED))
        error = grid - np.array([r[0] for r in rows])[:, None]
        target = sum(np.exp(-0.5 * (error / width) ** 2) for width in WIDTHS)
        arrays = {"steering": steering.astype(np.complex64), "target": target / target.max(axis=1, keepdims=True)}
        arrays["features"] = np.stack([r[1] for r in rows], axis=1)
        arrays["cross"] = np.stack([r[2] for r in rows])
        arrays["everywhere"] = np.stack([r[3] for r in rows])
        out.append(arrays)
    return out


def quadratic(p: Array, x: Array) -> Array:
    count = len(x)
    square = np.zeros((count, count), np.float32)
    square[np.triu_indices(count)] = p[1 + count :]
    flat = x.reshape(count, -1)
    total = np.einsum("an,an->n", square @ flat + p[1 : 1 + count, None].astype(np.float32), flat) + p[0]
    return total.reshape(x.shape[1:])


def quadratic_gradient(x: Array, outer: Array) -> Array:
    flat, outer = x.reshape(len(x), -1), outer.reshape(-1).astype(np.float32)
    return np.concatenate([[outer.sum()], flat @ outer, ((flat * outer) @ flat.T)[np.triu_indices(len(x))]])


def loss(p: Array, split: int, packs: list[dict[str, Array]]) -> tuple[float, Array]:
    """Minus the mean log-probability of the true angle, and its gradient. p: diffuse part, then weights."""
    total, count, gradient = 0.0, 0, np.zeros_like(p)
    for pack in packs:
        x, alike, steering = pack["features"].astype(np.float32), pack["everywhere"], pack["steering"]
        raw = quadratic(p[:split], x)
        direct = pack["cross"] - np.clip(raw, 0, 1) * alike
        size = np.abs(direct)
        safe = np.maximum(size, 1e-3)
        phase, log_size = direct / safe, np.log10(np.clip(size, 0.03, 3))
        y = np.concatenate([x, log_size[None]]).astype(np.float32)
        score = quadratic(p[split:], y)
        weight = np.exp(np.clip(score, -12, 3.5))
        steered = np.real((weight * phase).sum(axis=1) @ steering)
        belief = np.exp(steered - steered.max(axis=1, keepdims=True))
        belief /= belief.sum(axis=1, keepdims=True)
        hit = (belief * pack["target"]).sum(axis=1, keepdims=True)
        total -= float(np.log(FLOOR + (1 - FLOOR) * hit).sum())
        count += len(hit)
        outer = -(1 - FLOOR) / (FLOOR + (1 - FLOOR) * hit) * belief * (pack["target"] - hit)
        back = (outer @ steering.real.T)[:, None], -(outer @ steering.imag.T)[:, None]
        by_score = (phase.real * back[0] + phase.imag * back[1]) * weight * ((score > -12) & (score < 3.5))
        turn = (phase.real**2 - 1) * alike / safe, phase.imag * phase.real * alike / safe
        by_diffuse = weight * (turn[0] * back[0] + turn[1] * back[1])
        slope = p[-1] * 2 * log_size + p[split + len(y)]
        last = np.cumsum(np.arange(len(y), 0, -1)) - 1  # where each row of the upper triangle ends
        slope = slope + np.tensordot(p[split + 1 + len(y) + last[:-1]], x, 1)
        inside = (size > 0.03) & (size < 3)
        by_diffuse += by_score * slope * np.where(inside, -alike * phase.real / (safe * np.log(10)), 0)
        gradient[:split] += quadratic_gradient(x, by_diffuse * ((raw > 0) & (raw < 1)))
        gradient[split:] += quadratic_gradient(y, by_score)
    return total / count, gradient / count


def fit_weights(cases: list[dict[str, Any]], modes: list[str], minutes: float) -> None:
    fitted = dict(direct_path.fitted())
    for mode in modes:
        packs = packed(described(cases, mode, SHARE), 48000)
        start = np.concatenate([fitted[f"diffuse_{mode}"], fitted[f"weight_{mode}"]])
        split, best, end = len(fitted[f"diffuse_{mode}"]), [np.inf, start], time.monotonic() + 60 * minutes

        def cost(
            p: Array, packs: Any = packs, start: Array = start, split: int = split, best: Any = best, end: float = end
        ) -> Any:
            value, gradient = loss(p, split, packs)
            value += 1e-4 * float(((p - start) ** 2).sum())
            if value < best[0]:
                best[:] = [value, p.copy()]
            if time.monotonic() > end:
                raise OutOfTime
            return value, gradient + 2e-4 * (p - start)

        print(mode, "before", loss(start, split, packs)[0])
        try:
            minimize(cost, start, jac=True, method="L-BFGS-B", options={"maxiter": 300})
        except OutOfTime:
            print("out of time")
        print(mode, "after", best[0])
        there = start + STEP * (best[1] - start)
        fitted[f"diffuse_{mode}"], fitted[f"weight_{mode}"] = rounded(there[:split]), rounded(there[split:])
    (FOLDER / "direct_path.json").write_text(json.dumps(fitted))
    direct_path.fitted.cache_clear()


def rounded(values: Array) -> list[float]:
    return [float(f"{v:.5g}") for v in values]


def answers(case: dict[str, Any], alone: bool) -> list[tuple[str, Array, float, float]]:
    """(regression, signs, whether right, weight) of each answer to a sound."""
    seen: list[tuple[str, Array]] = []
    samples, rate = sf.read(case["file"], dtype="int16")
    state: dict[str, Any] = {}
    out = []
    real = trust.confidence
    trust.confidence = lambda signs, regression: (seen.append((regression, signs)), 0.5)[1]  # type: ignore[func-returns-value]
    for k in range(len(samples) // CHUNK):
        truth = truths(case, k)
        chunk = samples[k * CHUNK : (k + 1) * CHUNK]
        found, after = localization.localize(chunk, rate, case["baseline"], SPEED, {} if alone else state, last=alone)
        state = after
        near = [[abs(np.degrees(s.yaw) - t) <= 10 for t in truth or []] for s in found.sources]
        if truth is not None and any(s.confidence for s in found.sources):
            kind = case.get("noise_kind", "lead").partition("-")[0]
            out.append((*seen[-2], float(any(near[0])), 1.0 if truth else SILENT.get(kind, 3.0)))
            if truth:
                new = any(b and not a for a, b in zip(*near, strict=True))
                out.append((*seen[-1], float(new), 3.0 if case["category"] == "two" else 1.0))
    trust.confidence = real
    return out


def logistic(x: Array, y: Array, weight: Array, ridge: float) -> Array:
    """Coefficients of a constant, of x and of the upper triangle of its products."""
    pairs = np.triu_indices(x.shape[1])
    z = np.concatenate([np.ones((len(x), 1)), x, x[:, pairs[0]] * x[:, pairs[1]]], axis=1)
    scale = np.where(z.std(axis=0) < 1e-6, 1, z.std(axis=0))
    z = z / scale

    def cost(p: Array) -> tuple[float, Array]:
        s = z @ p
        off = weight * (1 / (1 + np.exp(-s)) - y)
        value = (weight * (np.logaddexp(0, s) - y * s)).sum() / weight.sum() + ridge * (p[1:] ** 2).sum()
        return value, z.T @ off / weight.sum() + 2 * ridge * np.r_[0, p[1:]]

    return minimize(cost, np.zeros(z.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 500}).x / scale


def fit_trust(cases: list[dict[str, Any]]) -> None:
    rows = [r for case in cases for r in answers(case, False)]
    rows += [r for case in cases[1::2] for r in answers(case, True)]
    fitted = {}
    for name in ("alone", "session", "second"):
        mine = [r for r in rows if r[0] == name]
        x, y, weight = (np.array([r[k] for r in mine]) for k in (1, 2, 3))
        fitted[name] = rounded(logistic(x, y, weight, RIDGE[name]))
    (FOLDER / "trust.json").write_text(json.dumps(fitted))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("rooms", type=Path, nargs="+")
    parser.add_argument("--minutes", type=float, default=5.0, help="for the weights of each mode; 0 keeps them")
    parser.add_argument("--modes", default="session,alone", help="of which the weights are fitted")
    options = parser.parse_args()
    cases = [
        {**case, "file": str((rooms / case["file"]).resolve())}
        for rooms in options.rooms
        for case in json.loads((rooms / "truth.json").read_text())["cases"]
    ]
    if options.minutes:
        fit_weights(cases, options.modes.split(","), options.minutes)
    fit_trust(cases)


if __name__ == "__main__":
    main()

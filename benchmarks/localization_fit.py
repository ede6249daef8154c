"""Fit what audio/dsp/data/direct_path.npz and audio/dsp/data/confidence.npz hold, on sets of rooms.

    for S in 1 2 3 4 5 6 8 9; do
      python benchmarks/localization_rooms.py --packages PKGS --out ROOMS/$S --seed $S; done
    python benchmarks/localization_rooms.py --packages PKGS --out ROOMS/7 --seed 7 --kinds noise --scale 12
    pip install jax optax scikit-learn soundfile ; cd ROOMS
    python .../localization_fit.py 1 2 4 --confidence 3 5 6 7 8 9

1. The networks that weigh the bins: the log-probability that the Bayes filter gives to the true angle, over whole
   sessions or from one block that stands alone, is made as great as it can be, by Adam with exact gradients (maximum
   mutual information). 2. The confidence: boosted trees on what the new weights then give, on sounds with and without a
   source, best of other rooms than the weights were fitted to.

A seed of rooms takes 1.5 GB of memory, and some ten minutes to build. Look at the figures of a seed that nothing was
fitted to (localization.py).
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import soundfile as sf
from localization import CHUNK, SPEED, truths
from sklearn.ensemble import HistGradientBoostingClassifier

from audio.dsp import bearing, confidence, direct_path, localization
from audio.dsp.gcc import microphone_pair, spectra

Array = Any
RATE = 48000
FOLDER = Path(direct_path.__file__).parent
UNITS = 16
BATCH, STEP, WARM_UP = 8, 5e-3, 20
BLOCKS = 28  # of one sound, at most
SILENT = {"hum": 40.0, "fan": 40.0, "lead": 15.0}  # weights of blocks without a source; 3 of other noise
SILENT_ALONE = {**SILENT, "lead": 60.0}
TREES: dict[str, dict[str, Any]] = {
    "alone": {"max_iter": 150, "max_leaf_nodes": 16, "min_samples_leaf": 150, "max_features": 0.3},
    "session": {"max_iter": 200, "max_leaf_nodes": 16, "min_samples_leaf": 150, "max_features": 0.3},
    "second": {"max_iter": 100, "max_leaf_nodes": 8, "min_samples_leaf": 200, "max_features": 0.3},
}
WIDTHS = 0.7, 2.0, 5.0  # degrees, of what is right: the peak is to be near, and the nearer the better
FLOOR = 0.02  # share of blocks in which no angle is right
TALK = ("main", "nonspeech", "quiet", "humdc", "moving", "burst")
WIDE = 0.33  # metres: pairs that are wider have the finer grid
GRIDS = 181, 361
Case = dict[str, Any]
Params = dict[str, Array]


def described(case: Case, mode: str) -> dict[str, Array] | None:
    """What is known of the bins of each block of a sound, and the true angles in degrees; NaN where there is no one."""
    samples, rate = sf.read(case["file"], dtype="float32")
    pair, state = microphone_pair(rate, case["baseline"], SPEED), {}
    rows: list[tuple[Array, ...]] = []
    for k in range(len(samples) // CHUNK):
        truth = truths(case, k)
        if mode == "alone" and not truth:
            continue
        fresh = mode == "alone" or k == 0
        begin = k * CHUNK if fresh else max(0, k * CHUNK - pair.overlap)
        one, state = direct_path.describe(
            spectra(samples[begin : (k + 1) * CHUNK].T, pair), {} if fresh else state, pair
        )
        if mode == "alone" or k:
            cross = np.clip(np.stack([one.cross.real, one.cross.imag]), -50, 50)
            kept = (one.features, cross, one.everywhere)
            rows.append((*(x.astype(np.float16) for x in kept), truth[0] if truth and len(truth) == 1 else np.nan))
    if not rows:
        return None
    names = ("features", "cross", "everywhere", "yaw")
    out = {name: np.stack([row[k] for row in rows])[:BLOCKS] for k, name in enumerate(names)}
    missing = BLOCKS - len(rows)
    for name, values in out.items():
        padding = np.full((max(0, missing), *values.shape[1:]), np.nan if name == "yaw" else 0, values.dtype)
        out[name] = np.concatenate([values, padding])
    return {**out, "baseline": np.array(case["baseline"])}


@cache
def yaws(points: int) -> Array:
    return np.linspace(-np.pi / 2, np.pi / 2, points)


@cache
def motions(points: int) -> Array:
    """What a step of each of bearing.MOTIONS does to a density: (motions, points, points)."""
    grid = replace(microphone_pair(RATE, 0.1, SPEED), yaw=yaws(points))
    return np.stack(
        [
            np.stack([bearing.moved(e, mean, deviation, grid) for e in np.eye(points)], axis=1)
            for mean, deviation in bearing.MOTIONS
        ]
    ).astype(np.float32)


def batch(sounds: list[dict[str, Array]], bins: slice) -> tuple[Array, ...]:
    """Features, cross-spectra, coherences, steering, targets, and whether a block counts, of several sounds."""
    points = grid_of(sounds[0])
    frequency = microphone_pair(RATE, 0.1, SPEED).frequency[bins]
    lags = np.array([s["baseline"] for s in sounds])[:, None] * np.sin(yaws(points)) / SPEED
    angle = 2 * np.pi * frequency[None, :, None] * lags[:, None, :]
    yaw = np.stack([s["yaw"] for s in sounds])
    error = np.degrees(yaws(points)) - np.nan_to_num(yaw)[..., None]
    target = sum(np.exp(-0.5 * (error / width) ** 2) for width in WIDTHS)
    return (
        *(np.stack([s[name][..., bins] for s in sounds]) for name in ("features", "cross", "everywhere")),
        np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32),
        (target / target.max(axis=-1, keepdims=True)).astype(np.float32),
        (~np.isnan(yaw)).astype(np.float32),
    )


def grid_of(sound: dict[str, Array]) -> int:
    return GRIDS[int(sound["baseline"] > WIDE)]


def weigh(p: Params, features: Array, cross: Array, everywhere: Array) -> tuple[Array, Array]:
    """direct_path.weigh for blocks: real and imaginary parts, (blocks, windows, bins)."""
    x = (jnp.moveaxis(features, 1, -1) - p["mean"]) / p["scale"]
    hidden = jnp.tanh(x @ p["own"] + x.mean(axis=2, keepdims=True) @ p["shared"] + p["bias"])
    diffuse, weight, by_size = jnp.moveaxis(hidden @ p["out"] + p["out_bias"], -1, 0)
    real, imaginary = cross[:, 0] - jax.nn.sigmoid(diffuse) * everywhere, cross[:, 1]
    size = jnp.sqrt(real**2 + imaginary**2 + 1e-8)
    log_size = jnp.log10(jnp.clip(size, *direct_path.SIZES))
    weight = jnp.exp(jnp.clip(weight + log_size * (by_size + p["size_square"] * log_size), *direct_path.LOG_WEIGHTS))
    weight /= jnp.maximum(size, 1e-3)
    return weight * real, weight * imaginary


def cost_of_sound(
    p: Params, features: Array, cross: Array, everywhere: Array, steering: Array, target: Array, counts: Array,
    mode: str, gain: float,
) -> tuple[Array, Array]:  # fmt: skip
    """Minus the summed log-probability of the true angles of one sound, and how many there are. gain: 2 where every
    second bin is given."""
    real, imaginary = weigh(p, *(a.astype(jnp.float32) for a in (features, cross, everywhere)))
    scaled = bearing.SHARPNESS * gain * (real @ steering[0] + imaginary @ steering[1])
    points = scaled.shape[-1]
    mean = jax.nn.logsumexp(scaled, axis=-1, keepdims=True) - np.log(points)
    ratio = jnp.exp(jnp.minimum(scaled - mean, 60))
    logs = bearing.INDEPENDENCE * jnp.log(1 - bearing.SIGHT + bearing.SIGHT * ratio).sum(axis=1)
    appears = bearing.JUMPS * bearing.SHARES[:, None] / points
    moves, changes = jnp.asarray(motions(points)), jnp.asarray(bearing.CHANGES.T, jnp.float32)

    def block(posterior: Array, log: Array) -> tuple[Array, Array]:
        posterior = jnp.einsum("kij,kj->ki", moves, changes @ posterior) + appears
        posterior *= jnp.exp(log - log.max())
        posterior /= posterior.sum()
        return posterior, posterior.sum(axis=0)

    nothing_known = jnp.asarray(np.multiply.outer(bearing.SHARES, np.full(points, 1 / points)), jnp.float32)
    densities = jax.nn.softmax(logs) if mode == "alone" else jax.lax.scan(block, nothing_known, logs)[1]
    hit = (densities * target).sum(axis=-1)
    return -(counts * jnp.log(FLOOR + (1 - FLOOR) * hit)).sum(), counts.sum()


def fit_weights(cases: list[Case], mode: str, minutes: float) -> None:
    sounds = [s for s in (described(c, mode) for c in cases if c["category"] in TALK) if s]
    random = np.random.default_rng(1)
    count = sounds[0]["features"].shape[1]
    some = np.concatenate([np.moveaxis(s["features"][::7], 1, -1).reshape(-1, count) for s in sounds[:60]])
    some = some[some.any(axis=1)].astype(np.float32)
    fixed = {"mean": some.mean(axis=0), "scale": some.std(axis=0) + 1e-3}
    p: Params = {
        "own": random.normal(0, 1 / 6, (count, UNITS)),
        "shared": np.zeros((count, UNITS)),
        "bias": random.normal(0, 0.1, UNITS),
        "out": random.normal(0, 1, (UNITS, 3)) * (0.2, 0.3, 0),
        "out_bias": np.array([-1.0, -2.5, 1.0]),
        "size_square": np.array(0.0),
    }
    p = {name: jnp.asarray(values, jnp.float32) for name, values in p.items()}
    even = microphone_pair(RATE, 0.1, SPEED).frequency.size // 2 * 2

    @jax.jit
    @jax.value_and_grad
    def cost(p: Params, arrays: tuple[Array, ...]) -> Array:
        total, number = jax.vmap(lambda *a: cost_of_sound({**p, **fixed}, *a, mode, gain=2))(*arrays)
        return total.sum() / jnp.maximum(number.sum(), 1)

    optimizer = optax.chain(optax.clip_by_global_norm(1), optax.scale_by_adam(b2=0.99))
    memory = optimizer.init(p)
    begin, step, seen = time.monotonic(), 0, []
    while (done := (time.monotonic() - begin) / (60 * minutes)) < 1:
        grid = grid_of(sounds[random.integers(len(sounds))])
        mine = [s for s in sounds if grid_of(s) == grid]
        picked = [mine[k] for k in random.choice(len(mine), min(BATCH, len(mine)), replace=False)]
        value, gradient = cost(p, batch(picked, slice(int(random.integers(2)), even, 2)))
        step += 1
        pace = STEP * min(1, step / WARM_UP) * (0.5 * (1 + np.cos(np.pi * done)) + 0.02)
        change, memory = optimizer.update(gradient, memory)
        p = {name: v - pace * change[name] for name, v in p.items()}
        seen.append(float(value))
        if step % 50 == 0:
            print(f"{mode}, step {step}: {np.mean(seen[-50:]):.4f}", flush=True)
    store(mode, {name: np.asarray(v, np.float64) for name, v in {**p, **fixed}.items()})


def store(mode: str, p: dict[str, Array]) -> None:
    """Writes the network of a mode, with the scale of the features taken into it."""
    file = FOLDER / "data/direct_path.npz"
    with np.load(file) as data:
        networks = dict(data)
    own, shared = (p[name].T / p["scale"] for name in ("own", "shared"))
    network = {
        "own": own,
        "shared": shared,
        "bias": p["bias"] - (own + shared) @ p["mean"],
        "out": p["out"].T,
        "out_bias": p["out_bias"],
        "size_square": p["size_square"],
    }
    networks |= {f"{mode}_{name}": np.asarray(values, np.float32) for name, values in network.items()}
    np.savez_compressed(file, **networks)
    direct_path.fitted.cache_clear()


def answers(case: Case, alone: bool) -> list[tuple[str, Array, float, float]]:
    """(which, features, whether right, weight) of each answer to a sound."""
    seen: list[tuple[str, Array]] = []
    samples, rate = sf.read(case["file"], dtype="int16")
    state: dict[str, Any] = {}
    out = []
    real = confidence.probability
    confidence.probability = lambda features, which, against=0.0: (seen.append((which, features)), 0.5)[1]  # type: ignore[func-returns-value]
    for k in range(len(samples) // CHUNK):
        truth = truths(case, k)
        chunk = samples[k * CHUNK : (k + 1) * CHUNK]
        known = bool(state.get("spectral"))
        found, after = localization.localize(chunk, rate, case["baseline"], SPEED, state, last=alone)
        state = {} if alone else after
        near = [[abs(np.degrees(s.yaw) - t) <= 10 for t in truth or []] for s in found.sources]
        if truth is not None and any(s.confidence for s in found.sources):
            kind = case.get("noise_kind", "lead").partition("-")[0]
            out.append(
                (*seen[-2], float(any(near[0])), 1.0 if truth else (SILENT if known else SILENT_ALONE).get(kind, 3.0))
            )
            if truth:
                new = any(b and not a for a, b in zip(*near, strict=True))
                out.append((*seen[-1], float(new), 3.0 if case["category"] == "two" else 1.0))
    confidence.probability = real
    return out


def boosted(x: Array, y: Array, weight: Array, which: str) -> HistGradientBoostingClassifier:
    """Log odds of y by x. Each split looks at a third of the features, so that the trees differ."""
    model = HistGradientBoostingClassifier(learning_rate=0.05, l2_regularization=10, random_state=1, **TREES[which])
    return model.fit(x, y, sample_weight=weight)


def exported(model: HistGradientBoostingClassifier, which: str) -> dict[str, Array]:
    """The arrays of confidence.Trees."""
    trees = [step[0].nodes for step in model._predictors]
    shape = len(trees), max(map(len, trees))
    out = {
        name: np.zeros(shape, kind)
        for name, kind in (("feature", np.int16), ("limit", np.float32), ("value", np.float32))
    }
    out["left"], out["right"] = (np.tile(np.arange(shape[1], dtype=np.int16), (shape[0], 1)) for _ in range(2))
    for k, nodes in enumerate(trees):
        inner = np.flatnonzero(nodes["is_leaf"] == 0)
        for name, field in (
            ("feature", "feature_idx"),
            ("limit", "num_threshold"),
            ("left", "left"),
            ("right", "right"),
        ):
            out[name][k, inner] = nodes[field][inner]
        leaves = np.flatnonzero(nodes["is_leaf"])
        out["value"][k, leaves] = nodes["value"][leaves]
    out["start"] = np.float32(model._baseline_prediction.item())
    out["depth"] = np.int16(max(nodes["depth"].max() for nodes in trees))
    return {f"{which}_{name}": values for name, values in out.items()}


def fit_confidence(cases: list[Case]) -> None:
    rows = [r for case in cases for r in answers(case, False)]
    rows += [r for case in cases[1::2] for r in answers(case, True)]
    fitted: dict[str, Array] = {}
    for name in TREES:
        x, y, weight = (np.array([r[k] for r in rows if r[0] == name]) for k in (1, 2, 3))
        fitted |= exported(boosted(x, y, weight, name), name)
    np.savez_compressed(FOLDER / "data/confidence.npz", **fitted)


def cases_of(folders: list[Path]) -> list[Case]:
    return [
        {**case, "file": str((rooms / case["file"]).resolve())}
        for rooms in folders
        for case in json.loads((rooms / "truth.json").read_text())["cases"]
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("rooms", type=Path, nargs="+")
    parser.add_argument("--minutes", type=float, default=13.0, help="for the network of each mode; 0 keeps them")
    parser.add_argument(
        "--confidence", type=Path, nargs="*", help="rooms for the confidence; the same if there are none"
    )
    parser.add_argument("--modes", default="session,alone", help="of which the networks are fitted")
    options = parser.parse_args()
    for mode in options.modes.split(",") if options.minutes else ():
        fit_weights(cases_of(options.rooms), mode, options.minutes)
    fit_confidence(cases_of(options.confidence or options.rooms))


if __name__ == "__main__":
    main()

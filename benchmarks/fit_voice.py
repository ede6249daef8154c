"""Fits the small networks of the voice detectors: audio/dsp/data/voice.npz and voice_neural.npz.

    pip install jax optax av scipy soundfile ; python -m benchmarks.fit_voice --recordings FOLDER

Streams of speech, noise and music without end are mixed from the recordings of benchmarks/detection/sources.py (those
that are marked unseen are left out, and are what the printed figures are of), each with other levels, rates, rooms and
microphones. Rows of features come from the detectors' own code; they stay in FOLDER, in seen.npz and unseen.npz.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from audio.dsp import gate, voice_features, voice_model, voice_neural, voice_stream
from benchmarks.detection import sources, streams
from benchmarks.detection.streams import HOP, RATE, SPEECH, UNSURE, Library

DATA = Path(__file__).parent.parent / "audio/dsp/data"
DEPTH = 4
SECONDS, PIECE, BATCH = 20.0, 900, 16
# A speaker with more minutes than this is heard no more often for it.
MINUTES = 4.0
# Speech counts for one, other sound for more: what is taken for a voice and is none annoys more than a late start.
COST_OF_FALSE = 1.3
# Of the streams of a step, this share has nothing of Silero's but its odds; of the others, this share of its numbers is
# left out, others each time. Leaning on them less, the network is better on what it has never heard.
ALONE, LEFT_OUT = 0.05, 0.3
DECAY = 5e-2
# The weights that are kept are a mean over the last hundreds of steps.
MEAN = 0.998
# Features and webrtcvad's vote.
PLAIN = voice_features.FEATURES + 1
# How much each network looks at, its width, and for how many steps it is fitted.
NETWORKS = {"voice": (PLAIN, 48, 2000), "voice_neural": (PLAIN + voice_neural.WITNESSES, 64, 3000)}
NAMES = ("first", "first_bias", "slow", "slow_bias", "last", "last_bias")
Params = dict[str, Any]
Kinds = tuple[dict[str, list[str]], dict[str, list[str]], dict[str, list[str]]]


def rows_of(one: streams.Stream) -> tuple[np.ndarray, np.ndarray]:
    """Features with Silero's witnesses last, and the truth, for each hop of 16 ms."""
    kept: list[np.ndarray] = []

    def keep(memory: voice_neural.Memory, sound: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, Any]:
        each, memory = voice_neural.each_hop(memory, sound, len(rows))
        kept.append(np.concatenate((rows, each), axis=1))
        return np.zeros(len(rows), np.float32), memory

    samples = np.rint(one.sound * 32767).astype(np.int16)
    voice_stream.advance(
        voice_stream.begin(RATE), voice_neural.Memory.begin(), samples, RATE, gate.Limits(1, 0, 1, 1), keep
    )
    rows = np.concatenate(kept)
    truth = one.truth.copy()
    for change in np.flatnonzero(np.diff(one.truth)) + 1:
        truth[max(0, change - 2) : change + 2] = UNSURE
    # A decision holds for the hop after the one that it is made on.
    middles = (np.arange(len(rows)) + 1) * voice_features.HOP + voice_features.HOP // 2
    return rows.astype(np.float16), truth[np.minimum(middles // HOP, len(truth) - 1)]


def material(library: Library, hours: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    names = list(library.speech)
    minutes = np.array([sum(len(sound) for sound, _ in library.speech[name]) / RATE / 60 for name in names])
    weights = np.minimum(minutes, MINUTES) / np.minimum(minutes, MINUTES).sum()
    pairs = []
    for number in range(int(hours * 3600 / SECONDS)):
        speaker = str(rng.choice(names, p=weights))
        pairs.append(rows_of(streams.stream(library, [speaker], SECONDS, rng)))
        if number % 100 == 99:
            print(f"{number + 1} streams mixed", flush=True)
    return np.stack([rows for rows, _ in pairs]), np.stack([truth for _, truth in pairs])


def stored(file: Path, recordings: Path, kinds: Kinds, hours: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The material in a file; where there is none yet, it is made."""
    if not file.exists():
        rows, truth = material(Library(recordings, *kinds), hours, seed)
        np.savez(file, rows=rows, truth=truth)
    with np.load(file) as data:
        return data["rows"], data["truth"]


def begin(key: jax.Array, features: int, width: int) -> Params:
    keys = jax.random.split(key, DEPTH + 3)
    taps = voice_model.TAPS * width
    # The slow memory begins with half-lives from some frames to some seconds.
    frames = np.geomspace(4, 400, width)
    slow = jax.random.normal(keys[-2], (width, 2 * width)) * np.sqrt(1 / width)
    return {
        "first": jax.random.normal(keys[0], (features, width)) * np.sqrt(2 / features),
        "first_bias": jnp.zeros(width),
        "layers": [(jax.random.normal(k, (taps, width)) * np.sqrt(1 / taps), jnp.zeros(width)) for k in keys[1:-2]],
        "slow": slow * np.repeat([0.3, 1.0], width),
        "slow_bias": jnp.asarray(np.concatenate((np.log(frames - 1), np.zeros(width)))),
        "last": jax.random.normal(keys[-1], (width,)) * np.sqrt(1 / width),
        "last_bias": jnp.zeros(()),
    }


def odds(params: Params, x: jax.Array, key: jax.Array | None = None) -> jax.Array:
    """As audio.dsp.voice_model.score does it, for many streams at once; with a key, whole channels are dropped."""
    x = jax.nn.relu(x @ params["first"] + params["first_bias"])
    for depth, (weights, bias) in enumerate(params["layers"]):
        if depth == voice_model.BEFORE:
            x = x + remembered(params, x)
        reach = voice_model.GROWTH**depth
        seen = jnp.pad(x, ((0, 0), (2 * reach, 0), (0, 0)))
        y = jax.nn.relu(jnp.concatenate([seen[:, : -2 * reach], seen[:, reach:-reach], x], -1) @ weights + bias)
        if key is not None:
            key, now = jax.random.split(key)
            y = y * jax.random.bernoulli(now, 0.9, (y.shape[0], 1, y.shape[2])) / 0.9
        x = x + y
    return x @ params["last"] + params["last_bias"]


def remembered(params: Params, x: jax.Array) -> jax.Array:
    keep, fresh = jnp.split(x @ params["slow"] + params["slow_bias"], 2, axis=-1)
    keep = jax.nn.sigmoid(keep)

    def after(one: Any, other: Any) -> Any:
        return one[0] * other[0], one[1] * other[0] + other[1]

    known: jax.Array = jax.lax.associative_scan(after, (keep, (1 - keep) * jax.nn.relu(fresh)), axis=1)[1]
    return known


def loss(params: Params, x: jax.Array, truth: jax.Array, key: jax.Array) -> jax.Array:
    jitter, drop, leave, alone = jax.random.split(key, 4)
    x = x + 0.05 * jax.random.normal(jitter, x.shape)
    if x.shape[-1] > PLAIN:
        own, silero = x[..., : PLAIN + 1], x[..., PLAIN + 1 :]
        left = jax.random.bernoulli(leave, 1 - LEFT_OUT, (len(x), 1, silero.shape[-1])) / (1 - LEFT_OUT)
        left = left * jax.random.bernoulli(alone, 1 - ALONE, (len(x), 1, 1))
        x = jnp.concatenate([own, silero * left], axis=-1)
    z = odds(params, x, drop)
    wanted = jnp.where(truth == SPEECH, 0.99, 0.01)
    weight = (truth < UNSURE) * jnp.where(truth == SPEECH, 1.0, COST_OF_FALSE)
    return jnp.sum((jnp.logaddexp(0, z) - wanted * z) * weight) / jnp.sum(weight)


def fit(rows: np.ndarray, truth: np.ndarray, width: int, steps: int) -> Params:
    """Adam with decoupled weight decay, a cosine schedule, a mean over steps, and the features' scale folded into the
    first layer."""
    some = rows[::7].astype(np.float32)
    mean, scale = some.mean(axis=(0, 1)), some.std(axis=(0, 1)) + 1e-3
    params = begin(jax.random.PRNGKey(0), rows.shape[-1], width)
    warm, fall = optax.linear_schedule(0, 1, 100), optax.cosine_decay_schedule(2e-3, steps)
    optimizer = optax.chain(
        optax.clip_by_global_norm(2), optax.adamw(lambda i: warm(i) * fall(i), b2=0.99, weight_decay=DECAY)
    )
    memory, kept = optimizer.init(params), params
    rng, key = np.random.default_rng(0), jax.random.PRNGKey(1)

    @jax.jit
    def step(params: Params, memory: Any, kept: Params, i: float, x: Any, y: Any, key: Any) -> Any:
        slope = jax.grad(loss)(params, (x - mean) / scale, y, key)
        change, memory = optimizer.update(slope, memory, params)
        params = optax.apply_updates(params, change)
        share = jnp.minimum(MEAN, (i + 1) / (i + 10))
        return params, memory, jax.tree.map(lambda a, b: share * a + (1 - share) * b, kept, params)

    for i in range(steps):
        which = rng.integers(len(rows), size=BATCH)
        start = 0 if rng.random() < 0.4 else int(rng.integers(rows.shape[1] - PIECE))
        piece = slice(start, start + PIECE)
        key, now = jax.random.split(key)
        x, y = jnp.asarray(rows[which, piece], jnp.float32), jnp.asarray(truth[which, piece])
        params, memory, kept = step(params, memory, kept, float(i), x, y, now)
        if i % 200 == 199:
            print(f"{i + 1} steps", flush=True)
    folded = kept["first"] / scale[:, None]
    return {**kept, "first": folded, "first_bias": kept["first_bias"] - mean @ folded}


def save(params: Params, path: Path) -> None:
    flat = {name: params[name] for name in NAMES}
    for i, (weights, bias) in enumerate(params["layers"]):
        flat |= {f"layer{i}_weights": weights, f"layer{i}_bias": bias}
    np.savez(path, **{name: np.asarray(value, np.float32) for name, value in flat.items()})


def report(name: str, params: Params, rows: np.ndarray, truth: np.ndarray) -> None:
    """Of what no network was fitted on: misses and false alarms at some odds."""
    z = np.concatenate([np.asarray(odds(params, jnp.asarray(some, jnp.float32))) for some in np.array_split(rows, 20)])
    speech, other = z[truth == SPEECH], z[truth < SPEECH]
    for at in (-2, -1, 0, 1):
        missed, false = np.mean(speech < at), np.mean(other >= at)
        print(f"{name} at {at}: misses {missed:.3f} of speech, takes {false:.4f} of the rest for it", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recordings", type=Path, required=True)
    parser.add_argument("--hours", type=float, default=12.0)
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    given = parser.parse_args()
    sources.fetch(given.recordings)
    folder = given.recordings
    seen = (sources.SPEECH, sources.NOISE, sources.MUSIC)
    rows, truth = stored(folder / "seen.npz", folder, seen, given.hours, seed=1)
    other_rows, other_truth = stored(folder / "unseen.npz", folder, sources.UNSEEN, 0.5, seed=2)
    for name in given.networks:
        columns, width, steps = NETWORKS[name]
        params = fit(rows[..., :columns], truth, width, steps)
        report(name, params, other_rows[..., :columns], other_truth)
        save(params, DATA / f"{name}.npz")


if __name__ == "__main__":
    main()

"""Fits the small networks of the voice detectors: audio/dsp/data/voice_b.npz and voice_neural_b.npz.

    pip install jax optax av scipy soundfile ; python -m benchmarks.fit_voice --recordings FOLDER

Streams of speech, noise and music without end are mixed from the recordings of benchmarks/detection/sources.py (those
that are marked unseen are left out, and are what the printed figures are of), each with other levels, rates, rooms
and microphones; voice_a.npz and voice_neural_a.npz are of streams without telephone lines, whispers, crowds and
machines' tones. Rows of features come from the detectors' own code; they stay in FOLDER, in seen.npz and unseen.npz.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from audio.dsp import gate, voice_features, voice_silero, voice_stream
from benchmarks.detection import networks, sources, streams
from benchmarks.detection.streams import HOP, RATE, SPEECH, UNSURE, Library

DATA = Path(__file__).parent.parent / "audio/dsp/data"
SECONDS, PIECE, BATCH = 20.0, 900, 16
# A speaker with more minutes than this is heard no more often for it.
MINUTES = 4.0
# Speech counts for one, other sound for more: what is taken for a voice and is none annoys more than a late start.
COST_OF_FALSE = 1.3
# Of the streams of a step, this share has nothing of Silero's but its odds; of the others, this share of its numbers is
# left out, others each time. Leaning on them less, the network is better on what it has never heard.
ALONE, LEFT_OUT = 0.05, 0.3
DECAY = 5e-2
PLAIN = voice_features.FEATURES
# What is added to the odds of version 1's second network in the end: the streams have more that is hard to tell than
# the world. Chosen with benchmarks/voice_detectors.py.
SHIFT = {"voice_b": 0.3}
# How much each network looks at, its width, and for how many steps it is fitted.
NETWORKS = {"voice_b": (PLAIN, 48, 2000), "voice_neural_b": (PLAIN + voice_silero.FEATURES, 64, 2200)}

# What a process that mixes draws from: it is there before the process is.
library: Library
names: list[str]
weights: np.ndarray


def rows_of(one: streams.Stream) -> tuple[np.ndarray, np.ndarray]:
    """Features with Silero's last, and the truth, for each hop of 16 ms."""
    kept: list[np.ndarray] = []

    def keep(state: voice_silero.State, sound: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, Any]:
        each, state = voice_silero.features(state, sound, len(rows))
        kept.append(np.concatenate((rows, each), axis=1))
        return np.zeros(len(rows), np.float32), state

    samples = np.rint(one.sound * 32767).astype(np.int16)
    voice_stream.advance(
        voice_stream.State.begin(RATE), voice_silero.State.begin(), samples, RATE, gate.Limits(1, 0, 1, 1), keep
    )
    rows = np.concatenate(kept)
    truth = one.truth.copy()
    for change in np.flatnonzero(np.diff(one.truth)) + 1:
        truth[max(0, change - 2) : change + 2] = UNSURE
    # A decision holds for the hop after the one that it is made on.
    middles = (np.arange(len(rows)) + 1) * voice_features.HOP + voice_features.HOP // 2
    return rows.astype(np.float16), truth[np.minimum(middles // HOP, len(truth) - 1)]


def mixed(seed: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rows_of(streams.stream(library, [str(rng.choice(names, p=weights))], SECONDS, rng))


def material(folder: Path, groups: Any, hours: float, seed: int) -> dict[str, np.ndarray]:
    """Rows and truth of as many streams as fill these hours."""
    global library, names, weights
    library = Library(folder, *groups)
    names = list(library.speech)
    minutes = np.array([sum(len(sound) for sound, _ in library.speech[name]) / RATE / 60 for name in names])
    weights = np.minimum(minutes, MINUTES) / np.minimum(minutes, MINUTES).sum()
    # What was read is there in each process.
    with ProcessPoolExecutor(mp_context=get_context("fork")) as pool:
        pairs = list(pool.map(mixed, [(seed, number) for number in range(int(hours * 3600 / SECONDS))], chunksize=8))
    rows, truth = (np.stack(some) for some in zip(*pairs, strict=True))
    return {"rows": rows, "truth": truth}


def loss(params: networks.Params, x: jax.Array, truth: jax.Array, key: jax.Array) -> jax.Array:
    jitter, drop, leave, alone = jax.random.split(key, 4)
    x = x + 0.05 * jax.random.normal(jitter, x.shape)
    if x.shape[-1] > PLAIN:
        own, silero = x[..., : PLAIN + 1], x[..., PLAIN + 1 :]
        left = jax.random.bernoulli(leave, 1 - LEFT_OUT, (len(x), 1, silero.shape[-1])) / (1 - LEFT_OUT)
        left = left * jax.random.bernoulli(alone, 1 - ALONE, (len(x), 1, 1))
        x = jnp.concatenate([own, silero * left], axis=-1)
    z = networks.odds(params, x, drop)
    wanted = jnp.where(truth == SPEECH, 0.99, 0.01)
    weight = (truth < UNSURE) * jnp.where(truth == SPEECH, 1.0, COST_OF_FALSE)
    return jnp.sum((jnp.logaddexp(0, z) - wanted * z) * weight) / jnp.sum(weight)


def fit(rows: np.ndarray, truth: np.ndarray, width: int, steps: int, start: Path | None) -> networks.Params:
    some = rows[::7].astype(np.float32)
    scale = some.mean(axis=(0, 1)), some.std(axis=(0, 1)) + 1e-3
    params = networks.begin(jax.random.PRNGKey(0), rows.shape[-1], width)
    params = params if start is None else networks.widened(networks.load(start), params, scale)
    rng = np.random.default_rng(0)

    def batches() -> Iterator[networks.Batch]:
        while True:
            which = rng.integers(len(rows), size=BATCH)
            start = 0 if rng.random() < 0.4 else int(rng.integers(rows.shape[1] - PIECE))
            piece = slice(start, start + PIECE)
            yield rows[which, piece].astype(np.float32), truth[which, piece]

    return networks.fit(params, loss, batches(), steps, scale, rate=2e-3, decay=DECAY)


def report(name: str, params: networks.Params, rows: np.ndarray, truth: np.ndarray) -> None:
    """Of what no network was fitted on: misses and false alarms at some odds."""
    z = np.concatenate(
        [np.asarray(networks.odds(params, jnp.asarray(some, jnp.float32))) for some in np.array_split(rows, 20)]
    )
    speech, other = z[truth == SPEECH], z[truth < SPEECH]
    for at in (-2, -1, 0, 1):
        missed, false = np.mean(speech < at), np.mean(other >= at)
        print(f"{name} at {at}: misses {missed:.3f} of speech, takes {false:.4f} of the rest for it", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recordings", type=Path, required=True)
    parser.add_argument("--hours", type=float, default=9.0)
    parser.add_argument("--start", type=Path, help="a folder with networks of an earlier fit, to begin from")
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    given = parser.parse_args()
    sources.fetch(given.recordings)
    folder = given.recordings
    seen = (sources.SPEECH, sources.NOISE, sources.MUSIC)
    fitted = networks.stored(folder / "seen.npz", lambda: material(folder, seen, given.hours, seed=1))
    other = networks.stored(folder / "unseen.npz", lambda: material(folder, sources.UNSEEN, 1.0, seed=2))
    for name in given.networks:
        columns, width, steps = NETWORKS[name]
        start = given.start and given.start / f"{name}.npz"
        params = fit(fitted["rows"][..., :columns], fitted["truth"], width, steps, start)
        report(name, params, other["rows"][..., :columns], other["truth"])
        params["last_bias"] = params["last_bias"] + SHIFT.get(name, 0.0)
        networks.save(params, DATA / f"{name}.npz")


if __name__ == "__main__":
    main()

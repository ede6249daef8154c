"""Fits the small network of the sound detector: audio/dsp/data/sound.npz.

    pip install jax optax scipy soundfile ; python -m benchmarks.fit_sound --recordings FOLDER

Streams of sounds in backgrounds without end are mixed from the recordings that benchmarks/detection/sources.py lists,
and from made ones, each with other levels, rates and microphones. Rows of features come from the detector's own code;
they stay in FOLDER. --without: packages that are left out, to see how it does on what it never heard.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

from audio.dsp import sound, sound_bands, sound_features
from benchmarks.detection import networks, scenes, sources

FILE = Path(__file__).parent.parent / "audio/dsp/data" / sound.MODEL
SECONDS, PIECE, BATCH = 20.0, 750, 16
WIDTH, DROPPED, RATE, DECAY = 48, 0.05, 3e-3, 3e-2
# The library of a process that mixes: it is there before the process is.
library: scenes.Library


def rows_of(one: scenes.Scene) -> tuple[np.ndarray, np.ndarray]:
    """Rows of features, and for each whether there is a sound at its instants."""
    grid = sound_bands.grid(one.rate)
    rows, detector = [], sound.Detector.begin()
    for start in range(0, len(one.samples), one.rate):
        some, _, detector = sound.observe(detector, one.samples[start : start + one.rate], one.rate)
        rows.append(some)
    shown = np.concatenate(rows)
    times = np.array([grid.time(instant) for instant in range(shown.shape[0] * sound_features.PER_ROW)])
    truth = np.zeros(len(times), np.int8)
    for on, off in one.truth:
        truth[(times >= on) & (times < off)] = 1
    return shown.astype(np.float16), truth.reshape(-1, sound_features.PER_ROW)


def mixed(seed: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    return rows_of(scenes.scene(library, SECONDS, np.random.default_rng(seed)))


def material(recordings: Path, without: list[str], count: int, seed: int) -> dict[str, np.ndarray]:
    """Rows, truth, and how many rows each stream has (lengths)."""
    global library
    patterns = [pattern for pattern in sources.SOUNDS if pattern.split("/")[0] not in without]
    library = scenes.Library(recordings, patterns)
    for name, some in (("sounds", library.sounds), ("backgrounds", library.backgrounds)):
        print(name, {package: len(each) for package, each in some.items()}, flush=True)
    # What was read is there in each process.
    with ProcessPoolExecutor(mp_context=get_context("fork")) as pool:
        pairs = list(pool.map(mixed, [(seed, number) for number in range(count)], chunksize=8))
    rows, truth = (np.concatenate(some) for some in zip(*pairs, strict=True))
    return {"rows": rows, "truth": truth, "lengths": np.array([len(rows) for rows, _ in pairs])}


def loss(params: networks.Params, x: jax.Array, truth: jax.Array, key: jax.Array) -> jax.Array:
    z = networks.odds(params, x, key, DROPPED)[:, sound.DELAY :]
    wanted = jnp.where(truth[:, : z.shape[1]] == 1, 0.99, 0.01)
    return jnp.mean(jnp.logaddexp(0, z) - wanted * z)


def batches(rows: np.ndarray, truth: np.ndarray, lengths: np.ndarray) -> Iterator[networks.Batch]:
    rng = np.random.default_rng(0)
    starts = np.cumsum(lengths) - lengths
    while True:
        which = rng.integers(len(lengths), size=BATCH)
        # Streams begin more often than that: at first a detector knows least.
        into = np.where(rng.random(BATCH) < 0.2, 0, rng.integers(lengths[which] - PIECE))
        places = (starts[which] + into)[:, None] + np.arange(PIECE)
        yield rows[places], truth[places]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recordings", type=Path, required=True)
    parser.add_argument("--streams", type=int, default=6000)
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--without", nargs="*", default=[])
    parser.add_argument("--file", type=Path, default=FILE)
    given = parser.parse_args()
    if given.without and given.file == FILE:
        parser.error("--without needs a --file of its own")
    sources.fetch(given.recordings, [{"sounds": sources.SOUNDS}])
    kept = given.recordings / ("-".join(["scenes", str(given.streams), *sorted(given.without)]) + ".npz")
    data = networks.stored(kept, lambda: material(given.recordings, given.without, given.streams, seed=1))
    rows, truth, lengths = data["rows"], data["truth"], data["lengths"]
    some = rows[::9].astype(np.float32)
    params = networks.begin(jax.random.PRNGKey(0), rows.shape[1], WIDTH, (sound_features.PER_ROW,))
    scale = some.mean(axis=0), some.std(axis=0) + 1e-3
    params = networks.fit(params, loss, batches(rows, truth, lengths), given.steps, scale, RATE, DECAY)
    networks.save(params, given.file)


if __name__ == "__main__":
    main()

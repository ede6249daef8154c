"""Fits the networks that audio.dsp.network runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from audio.dsp import network

DEPTH = 4
# The weights that are kept are a mean over the last hundreds of steps.
MEAN = 0.998
NAMES = ("first", "first_bias", "slow", "slow_bias", "last", "last_bias")
Params = dict[str, Any]
Batch = tuple[np.ndarray, np.ndarray]


def stored(file: Path, make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """The arrays in a file; where there is none yet, they are made."""
    if not file.exists():
        np.savez(file, **make())
    with np.load(file) as data:
        return dict(data)


def begin(key: jax.Array, features: int, width: int, outputs: tuple[int, ...] = ()) -> Params:
    keys = jax.random.split(key, DEPTH + 3)
    taps = network.TAPS * width
    # The slow memory begins with half-lives from some rows to some hundreds.
    rows = np.geomspace(4, 400, width)
    slow = jax.random.normal(keys[-2], (width, 2 * width)) * np.sqrt(1 / width)
    return {
        "first": jax.random.normal(keys[0], (features, width)) * np.sqrt(2 / features),
        "first_bias": jnp.zeros(width),
        "layers": [(jax.random.normal(k, (taps, width)) * np.sqrt(1 / taps), jnp.zeros(width)) for k in keys[1:-2]],
        "slow": slow * np.repeat([0.3, 1.0], width),
        "slow_bias": jnp.asarray(np.concatenate((np.log(rows - 1), np.zeros(width)))),
        "last": jax.random.normal(keys[-1], (width, *outputs)) * np.sqrt(1 / width),
        "last_bias": jnp.zeros(outputs),
    }


def widened(old: Params, params: Params, scale: tuple[np.ndarray, np.ndarray]) -> Params:
    """What an earlier fit knows, in a network that is as wide or wider: the channels beyond begin as in `params`, weak,
    and are not heard by the old ones. scale: the features' means and spreads."""
    mean, spread = scale
    width, known = params["first"].shape[1], old["first"].shape[1]

    def block(new: jax.Array, kept: jax.Array, parts: int, outputs: int) -> jax.Array:
        weights = np.array(new).reshape(parts, width, outputs, width)
        weights[:, known:, :, :known] = 0
        weights[:, :known, :, :known] = np.asarray(kept).reshape(parts, known, outputs, known)
        return jnp.asarray(weights.reshape(parts * width, outputs * width))

    def row(new: jax.Array, kept: jax.Array, parts: int = 1) -> jax.Array:
        bias = np.array(new).reshape(parts, width)
        bias[:, :known] = np.asarray(kept).reshape(parts, known)
        return jnp.asarray(bias.reshape(-1))

    return {
        "first": jnp.concatenate([old["first"] * spread[:, None], params["first"][:, known:]], axis=1),
        "first_bias": row(params["first_bias"], old["first_bias"] + mean @ old["first"]),
        "layers": [
            (block(weights, kept, network.TAPS, 1), row(bias, kept_bias))
            for (weights, bias), (kept, kept_bias) in zip(params["layers"], old["layers"], strict=True)
        ],
        "slow": block(params["slow"], old["slow"], 1, 2),
        "slow_bias": row(params["slow_bias"], old["slow_bias"], 2),
        "last": row(params["last"] * 0.05, old["last"]),
        "last_bias": old["last_bias"],
    }


def odds(params: Params, x: jax.Array, key: jax.Array | None = None, dropped: float = 0.1) -> jax.Array:
    """As audio.dsp.network.score does it, for many streams at once; with a key, whole channels are dropped."""
    x = jax.nn.relu(x @ params["first"] + params["first_bias"])
    for depth, (weights, bias) in enumerate(params["layers"]):
        if depth == network.BEFORE:
            x = x + _remembered(params, x)
        reach = network.GROWTH**depth
        seen = jnp.pad(x, ((0, 0), (2 * reach, 0), (0, 0)))
        y = jax.nn.relu(jnp.concatenate([seen[:, : -2 * reach], seen[:, reach:-reach], x], -1) @ weights + bias)
        if key is not None:
            key, now = jax.random.split(key)
            y = y * jax.random.bernoulli(now, 1 - dropped, (y.shape[0], 1, y.shape[2])) / (1 - dropped)
        x = x + y
    return x @ params["last"] + params["last_bias"]


def _remembered(params: Params, x: jax.Array) -> jax.Array:
    keep, fresh = jnp.split(x @ params["slow"] + params["slow_bias"], 2, axis=-1)
    keep = jax.nn.sigmoid(keep)

    def after(one: Any, other: Any) -> Any:
        return one[0] * other[0], one[1] * other[0] + other[1]

    known: jax.Array = jax.lax.associative_scan(after, (keep, (1 - keep) * jax.nn.relu(fresh)), axis=1)[1]
    return known


def fit(
    params: Params,
    loss: Callable[[Params, jax.Array, jax.Array, jax.Array], jax.Array],
    batches: Iterator[Batch],
    steps: int,
    scale: tuple[np.ndarray, np.ndarray],
    rate: float,
    decay: float,
) -> Params:
    """Adam with decoupled weight decay, a cosine schedule, a mean over steps, and the features' scale folded into the
    first layer. loss: of the parameters, scaled rows, truth and a key. scale: the features' means and spreads."""
    mean, spread = scale
    warm, fall = optax.linear_schedule(0, 1, 100), optax.cosine_decay_schedule(rate, steps)
    optimizer = optax.chain(
        optax.clip_by_global_norm(2), optax.adamw(lambda i: warm(i) * fall(i), b2=0.99, weight_decay=decay)
    )
    memory, kept, key = optimizer.init(params), params, jax.random.PRNGKey(1)

    @jax.jit
    def step(params: Params, memory: Any, kept: Params, i: float, x: Any, y: Any, key: Any) -> Any:
        slope = jax.grad(loss)(params, (x.astype(jnp.float32) - mean) / spread, y, key)
        change, memory = optimizer.update(slope, memory, params)
        params = optax.apply_updates(params, change)
        share = jnp.minimum(MEAN, (i + 1) / (i + 10))
        return params, memory, jax.tree.map(lambda a, b: share * a + (1 - share) * b, kept, params)

    for i in range(steps):
        key, now = jax.random.split(key)
        params, memory, kept = step(params, memory, kept, float(i), *next(batches), now)
        if i % 200 == 199:
            print(f"{i + 1} steps", flush=True)
    folded = kept["first"] / spread[:, None]
    return {**kept, "first": folded, "first_bias": kept["first_bias"] - mean @ folded}


def load(path: Path) -> Params:
    with np.load(path) as data:
        layers = [(data[f"layer{i}_weights"], data[f"layer{i}_bias"]) for i in range(DEPTH)]
        return {**{name: data[name] for name in NAMES}, "layers": layers}


def save(params: Params, path: Path) -> None:
    flat = {name: params[name] for name in NAMES}
    for i, (weights, bias) in enumerate(params["layers"]):
        flat |= {f"layer{i}_weights": weights, f"layer{i}_bias": bias}
    np.savez(path, **{name: np.asarray(value, np.float32) for name, value in flat.items()})

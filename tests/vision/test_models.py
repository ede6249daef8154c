from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files

import numpy as np
import pytest

from audio.vision import models


def test_a_model_is_loaded_once() -> None:
    with ThreadPoolExecutor(8) as pool:
        loaded = set(map(id, pool.map(models.load, ["gender"] * 16)))
    assert loaded == {id(models.load("gender"))}
    with pytest.raises(FileNotFoundError):
        models.load("nothing")


def test_it_may_be_called_from_any_thread() -> None:
    model = models.load("gender")
    chips = [np.full((1, 3, 32, 32), i / 8, np.float32) for i in range(8)]
    one_by_one = [model(chip)[0] for chip in chips]
    with ThreadPoolExecutor(4) as pool:
        assert all(map(np.array_equal, pool.map(lambda chip: model(chip)[0], chips), one_by_one))


def test_what_is_written_on_a_canvas_is_for_one_thread() -> None:
    def guessed(i: int) -> np.ndarray:
        with models.canvas(1 + i % 3, 3, 32, 32) as canvas:
            canvas[:] = i / 8
            return models.load("gender")(canvas)[0][0]

    one_by_one = list(map(guessed, range(12)))
    assert len({tuple(found) for found in one_by_one}) == 12
    with ThreadPoolExecutor(4) as pool:
        assert all(map(np.array_equal, pool.map(guessed, range(12)), one_by_one))


def test_a_large_canvas_is_not_kept() -> None:
    with models.canvas(3, 1024, 1025) as large, models.canvas(4) as small:
        large[:] = 1
        small[:] = 2
        assert not np.shares_memory(large, small)
        assert large.min() == 1


def test_every_model_says_where_it_comes_from() -> None:
    folder = files("audio.vision.data")
    kept = {f.name for f in folder.iterdir() if f.name.endswith((".onnx", ".npz"))}
    origins = folder.joinpath("ORIGINS.md").read_text()
    assert kept
    assert all(f"`{name}`" in origins for name in kept)
    assert sum(len(folder.joinpath(name).read_bytes()) for name in kept) < 40 * 2**20

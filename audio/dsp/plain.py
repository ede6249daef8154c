"""Frozen dataclasses as plain data, and back.

Goal: detectors keep what they know in dataclasses; a session's state holds dicts. Fields are numbers, bools, texts,
None, arrays, tuples of these, or dataclasses of them. Those of coefficients are read from the package's `data`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable
from functools import lru_cache
from importlib.resources import files
from typing import Any, TypeVar, cast, get_type_hints

import numpy as np

T = TypeVar("T")


def pack(value: Any) -> dict[str, Any]:
    """A dataclass as a dict of its fields, at every depth. Arrays are shared, not copied."""
    return {name: _packed(item) for name, item in vars(value).items()}


def unpack(kind: type[T], data: dict[str, Any]) -> T:
    """The dataclass that `pack` made a dict of.

    Parameters
    ----------
    kind : its class.
    data : what `pack` returned.

    Raises
    ------
    TypeError
        If a field is missing, or the class has no such field.
    """
    inner = _inner(cast(Hashable, kind))
    given = {name: unpack(inner[name], value) if name in inner else _unpacked(value) for name, value in data.items()}
    return kind(**given)


def load(kind: type[T], name: str, prefix: str) -> T:
    """A dataclass of arrays from a file of the package's `data`, in which each field stands as PREFIX_FIELD.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    KeyError
        If the file does not have a field.
    """
    with files("audio.dsp").joinpath("data", name).open("rb") as file, np.load(file) as data:
        return kind(**{field.name: data[f"{prefix}_{field.name}"] for field in dataclasses.fields(cast(Any, kind))})


def _packed(value: Any) -> Any:
    if isinstance(value, np.ndarray | float | int | str | None):
        return value
    return list(value) if isinstance(value, tuple) else pack(value)


def _unpacked(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


@lru_cache
def _inner(kind: Hashable) -> dict[str, Any]:
    """The fields that are dataclasses themselves."""
    return {name: hint for name, hint in get_type_hints(kind).items() if dataclasses.is_dataclass(hint)}

"""A state (and a waiting request) as bytes: msgpack, with numpy arrays as an extension. Never pickle."""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import Any

import msgpack
import numpy as np

_ARRAY = 1
_OWN = threading.local()  # of each thread a packer: to make one costs more than a small value
_LARGE = 2**20  # bytes
_HEAD = 64  # bytes: longer than the type and the shape of any array of a state


def encode(value: Any) -> bytes:
    """Bytes of None, bool, int, float, str, bytes, list, dict and numpy arrays. Raises TypeError for anything else."""
    packer = getattr(_OWN, "packer", None)
    if packer is None:
        packer = _OWN.packer = msgpack.Packer(default=_pack_array, use_bin_type=True)
    try:
        packed: bytes = packer.pack(value)
    except OverflowError as exc:
        raise TypeError("A state holds integers of at most 64 bits") from exc
    if len(packed) > _LARGE:  # it keeps as much memory
        _OWN.packer = None
    return packed


def decode(data: bytes) -> Any:
    """What `encode` was given; tuples come back as lists. Arrays are read-only."""
    return msgpack.unpackb(data, ext_hook=_unpack_array, strict_map_key=False, raw=False)


def _pack_array(value: object) -> msgpack.ExtType:
    if isinstance(value, np.ndarray) and value.dtype.kind in "biufc":
        array = np.asarray(value, order="C")
        return msgpack.ExtType(_ARRAY, _head(array.dtype, array.shape) + array.tobytes())
    raise TypeError(f"A state holds plain values and numpy arrays, not {type(value).__name__}")


@lru_cache(maxsize=1024)
def _head(dtype: np.dtype[Any], shape: tuple[int, ...]) -> bytes:
    packed: bytes = msgpack.packb((dtype.str, shape))
    return packed


def _unpack_array(code: int, data: bytes) -> Any:
    if code != _ARRAY:
        raise ValueError(f"Unknown extension {code}")
    # A small buffer for the head alone: the usual one of 1 MiB costs more than all the rest.
    unpacker = msgpack.Unpacker(read_size=_HEAD, max_buffer_size=_HEAD)
    unpacker.feed(data[:_HEAD])
    dtype, shape = unpacker.unpack()
    return np.frombuffer(data, dtype=dtype, offset=unpacker.tell()).reshape(shape)

"""A state (and a waiting request) as bytes: msgpack, with numpy arrays as an extension. Never pickle."""

from __future__ import annotations

from typing import Any

import msgpack
import numpy as np

_ARRAY = 1
_HEAD = 64  # bytes: longer than the type and the shape of any array of a state


def encode(value: Any) -> bytes:
    """Bytes of None, bool, int, float, str, bytes, list, dict and numpy arrays. Raises TypeError for anything else."""
    try:
        packed: bytes = msgpack.packb(value, default=_pack_array, use_bin_type=True)
    except OverflowError as exc:
        raise TypeError("A state holds integers of at most 64 bits") from exc
    return packed


def decode(data: bytes) -> Any:
    """What `encode` was given; tuples come back as lists. Arrays are read-only."""
    return msgpack.unpackb(data, ext_hook=_unpack_array, strict_map_key=False, raw=False)


def _pack_array(value: object) -> msgpack.ExtType:
    if isinstance(value, np.ndarray) and value.dtype.kind in "biufc":
        array = np.asarray(value, order="C")
        head = msgpack.packb((array.dtype.str, array.shape))
        return msgpack.ExtType(_ARRAY, head + array.tobytes())
    raise TypeError(f"A state holds plain values and numpy arrays, not {type(value).__name__}")


def _unpack_array(code: int, data: bytes) -> Any:
    if code != _ARRAY:
        raise ValueError(f"Unknown extension {code}")
    # A small buffer for the head alone: the usual one of 1 MiB costs more than all the rest.
    unpacker = msgpack.Unpacker(read_size=_HEAD, max_buffer_size=_HEAD)
    unpacker.feed(data[:_HEAD])
    dtype, shape = unpacker.unpack()
    return np.frombuffer(data, dtype=dtype, offset=unpacker.tell()).reshape(shape)

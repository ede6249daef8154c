from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from audio.stores import codec

ARRAYS = hnp.arrays(
    st.sampled_from(["?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f4", "f8", "c8", ">f4", "<i2"]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | ARRAYS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def assert_same(one: Any, other: Any) -> None:
    assert type(one) is type(other)
    if isinstance(one, np.ndarray):
        assert (one.dtype, one.shape) == (other.dtype, other.shape)
        assert one.tobytes() == other.tobytes()
    elif isinstance(one, dict):
        assert one.keys() == other.keys()
        for key in one:
            assert_same(one[key], other[key])
    elif isinstance(one, list):
        for a, b in zip(one, other, strict=True):
            assert_same(a, b)
    else:
        assert one == other


@given(VALUES)
def test_decode_is_the_reverse_of_encode(value: Any) -> None:
    assert_same(codec.decode(codec.encode(value)), value)


def test_the_same_value_is_the_same_bytes() -> None:
    array = np.arange(12, dtype=np.float32).reshape(3, 4)
    assert codec.encode({"a": array}) == codec.encode({"a": np.asfortranarray(array)})
    assert codec.encode({"a": array[::2]}) == codec.encode({"a": array[::2].copy()})


def test_arrays_are_read_only() -> None:
    array = codec.decode(codec.encode(np.zeros(3)))
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1


@pytest.mark.parametrize(
    "value",
    [
        object(),
        {1, 2},
        np.float32(1),
        np.int16(1),
        np.array([object()]),
        np.array(["text"]),
        np.array(["2026-01-01"], "datetime64[D]"),
        np.zeros(2, [("a", "i2")]),
        1j,
        len,
        2**64,
        -(2**63) - 1,
    ],
)
def test_what_is_no_state(value: object) -> None:
    with pytest.raises(TypeError, match="A state holds"):
        codec.encode({"x": value})


def test_unknown_extensions_are_refused() -> None:
    import msgpack

    with pytest.raises(ValueError, match="Unknown extension 9"):
        codec.decode(msgpack.packb(msgpack.ExtType(9, b"")))

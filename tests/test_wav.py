"""What a file may be is in tests/contract/test_sounds.py, through every service; here is what they do not see."""

from __future__ import annotations

import base64
import io
import struct
import wave
import zlib
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from audio import wav
from audio.errors import BadInput, DamagedSound, UnsupportedFormat
from audio.pcm import Pcm

PCMS = st.builds(
    Pcm,
    hnp.arrays(np.int16, st.tuples(st.integers(0, 50), st.integers(1, 8))),
    st.integers(1, 10**6),
)


def same(one: Pcm, other: Pcm) -> bool:
    return one.rate == other.rate and np.array_equal(one.samples, other.samples)


@given(PCMS)
def test_decode_is_the_reverse_of_encode(pcm: Pcm) -> None:
    assert same(wav.decode(wav.encode(pcm)), pcm)


@given(PCMS)
def test_python_reads_what_we_write_and_we_what_it_writes(pcm: Pcm) -> None:
    with wave.open(io.BytesIO(wav.encode(pcm))) as reader:
        assert reader.getparams()[:4] == (pcm.channels, 2, pcm.rate, pcm.frames)
        assert reader.readframes(pcm.frames) == pcm.samples.tobytes()
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((pcm.channels, 2, pcm.rate, 0, "NONE", ""))
        writer.writeframes(pcm.samples.tobytes())
    assert same(wav.decode(file.getvalue()), pcm)


def test_slices_and_other_orders_are_written_as_they_are_seen() -> None:
    samples = np.arange(24, dtype=np.int16).reshape(2, 12).T
    assert same(wav.decode(wav.encode(Pcm(samples[::3], 8000))), Pcm(samples[::3].copy(), 8000))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_sound_or_bad_input(data: bytes) -> None:
    whole = wav.encode(Pcm(np.arange(8, dtype=np.int16).reshape(4, 2), 8000))
    for candidate in (data, whole[:20] + data, whole[:36] + data, whole[:12] + data + whole[36:]):
        try:
            pcm = wav.decode(candidate, field="sound")
        except BadInput as exc:
            assert exc.field == "sound"
            assert exc.message.endswith(".")
        else:
            assert pcm.samples.nbytes <= len(candidate)


@given(st.data())
def test_a_damaged_header_is_a_sound_or_bad_input(data: st.DataObject) -> None:
    damaged = bytearray(wav.encode(Pcm(np.arange(8, dtype=np.int16).reshape(4, 2), 8000)))
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, 43))] = data.draw(st.integers(0, 255))
    with suppress(BadInput):
        wav.decode(damaged)


def test_a_view_of_odd_alignment_is_read() -> None:
    pcm = Pcm(np.arange(100, dtype=np.int16).reshape(-1, 1), 8000)
    shifted = memoryview(b"x" + wav.encode(pcm))[1:]
    assert same(wav.decode(shifted), pcm)
    assert wav.decode(shifted).samples.flags.aligned


def test_a_last_half_frame_is_left_out() -> None:
    whole = bytearray(wav.encode(Pcm(np.arange(8, dtype=np.int16).reshape(4, 2), 8000)))
    whole[40:44] = struct.pack("<I", 15)
    assert wav.decode(whole).frames == 3


def test_a_file_of_nothing_but_headers_ends_soon() -> None:
    """Each chunk costs time: a file of a million empty ones is no sound."""
    whole = wav.encode(Pcm(np.zeros((4, 1), np.int16), 8000))
    many = whole[:36] + struct.pack("<4sI", b"junk", 0) * 2000 + whole[36:]
    with pytest.raises(DamagedSound, match="chunks"):
        wav.decode(many)


def test_samples_before_their_format() -> None:
    whole = wav.encode(Pcm(np.zeros((4, 1), np.int16), 8000))
    with pytest.raises(DamagedSound, match="before its format"):
        wav.decode(whole[:12] + whole[36:] + whole[12:36])


def test_what_came_is_named() -> None:
    with pytest.raises(UnsupportedFormat, match="an MP4 file; wanted is a WAV file of 16 bit PCM"):
        wav.decode(b"\0\0\0\x20ftypM4A ")


@given(st.binary(max_size=1000), st.integers(0, 9))
def test_unpack_is_the_reverse_of_pack(data: bytes, level: int) -> None:
    packed = wav.pack(data, level=level)
    assert wav.unpack(packed, limit=1000) == data
    assert zlib.decompress(base64.b64decode(packed)) == data


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "ends before"),
        ("!", "not base64"),
        ("\u20ac", "not base64"),
        ("AAAA", "not base64 of zlib"),
        (wav.pack(b"x" * 100)[:-8], "ends before|not base64"),
        (wav.pack(bytes(10_001)), "larger than 10000 bytes"),
    ],
)
def test_what_cannot_be_unpacked(text: str, named: str) -> None:
    with pytest.raises(BadInput, match=named):
        wav.unpack(text, limit=10_000)


def test_as_much_as_the_limit_is_unpacked() -> None:
    assert len(wav.unpack(wav.pack(bytes(10_000)), limit=10_000)) == 10_000

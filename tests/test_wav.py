"""What a file may be is in tests/contract/test_sounds.py, through every service; here is what they do not see."""

from __future__ import annotations

import base64
import io
import struct
import wave
import zlib
from contextlib import suppress
from itertools import pairwise

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


def lying(pcm: Pcm, claimed: int, after: bytes = b"") -> bytes:
    """A file whose header claims that many bytes of samples, whatever there are."""
    whole = bytearray(wav.encode(pcm))
    whole[4:8], whole[40:44] = (struct.pack("<I", n % 2**32) for n in (36 + claimed, claimed))
    return bytes(whole) + after


LIST = b"LIST" + struct.pack("<I", 5) + b"INFOx\0"
PCMS_OF_SOME = st.builds(
    Pcm,
    hnp.arrays(np.int16, st.tuples(st.integers(8, 50), st.integers(1, 8))),
    st.integers(1, 10**6),
)


@pytest.mark.parametrize("channels", range(1, 65))
def test_any_length_that_is_not_known_means_all_that_came(channels: int) -> None:
    """What programs leave that write to a pipe: SoX and mpg123, ffmpeg, arecord, GStreamer."""
    pcm = Pcm(np.arange(100 * channels, dtype=np.int16).reshape(-1, channels) - 900, 16000)
    block = 2 * channels
    for claimed in (0, 0x7FFFF000 // block * block, 0xFFFFFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF - 36, 2**32 - 256):
        assert same(wav.decode(lying(pcm, claimed)), pcm), claimed


@given(PCMS_OF_SOME, st.data())
def test_a_header_that_names_too_few_bytes_loses_none(pcm: Pcm, data: st.DataObject) -> None:
    claimed = data.draw(st.integers(0, pcm.samples.nbytes - 16))
    assert same(wav.decode(lying(pcm, claimed)), pcm)


@given(PCMS_OF_SOME, st.lists(st.integers(0, 800), max_size=5))
def test_samples_in_several_chunks_are_one_sound_wherever_they_were_cut(pcm: Pcm, cuts: list[int]) -> None:
    """A cut may lie within a frame, at even bytes."""
    raw, whole = pcm.samples.tobytes(), wav.encode(pcm)
    edges = sorted({0, len(raw), *(2 * c for c in cuts if 2 * c < len(raw))})
    file = whole[:36] + b"".join(b"data" + struct.pack("<I", b - a) + raw[a:b] + LIST for a, b in pairwise(edges))
    assert same(wav.decode(file), pcm)


@given(PCMS_OF_SOME, st.integers(1, 4), st.sampled_from([None, 0, 16, 0xFFFFFFFF, 0x7FFFF000]), st.booleans())
def test_joined_files_are_one_sound(pcm: Pcm, count: int, claimed: int | None, tagged: bool) -> None:
    one = wav.encode(pcm) if claimed is None else lying(pcm, claimed)
    after = LIST if tagged and claimed is None else b""
    twice = wav.decode((one + after) * count)
    assert same(twice, Pcm(np.tile(pcm.samples, (count, 1)), pcm.rate))


def test_a_half_frame_at_the_end_of_a_joined_file_shifts_no_channels() -> None:
    pcm = Pcm(np.arange(12, dtype=np.int16).reshape(6, 2), 8000)
    cut = lying(pcm, 22)[:-2]
    assert np.array_equal(wav.decode(cut + wav.encode(pcm)).samples, np.concatenate([pcm.samples[:5], pcm.samples]))


@pytest.mark.parametrize("other", [Pcm(np.ones((9, 1), np.int16), 8000), Pcm(np.ones((9, 2), np.int16), 16000)])
def test_joined_files_of_different_formats_are_refused(other: Pcm) -> None:
    with pytest.raises(DamagedSound, match=r"2 channel\(s\) at 8000 Hz and . channel"):
        wav.decode(wav.encode(Pcm(np.ones((9, 2), np.int16), 8000)) + wav.encode(other))


def test_a_joined_file_that_ends_in_its_header_is_refused() -> None:
    whole = wav.encode(Pcm(np.ones((9, 2), np.int16), 8000))
    for length in range(12, 36):
        with pytest.raises(DamagedSound):
            wav.decode(whole + whole[:length])


@pytest.mark.parametrize("after", [LIST, LIST * 3, LIST[:-1], LIST[:9], b"bext" + struct.pack("<I", 602) + b"Take 1"])
def test_what_follows_the_samples_is_no_sound(after: bytes) -> None:
    pcm = Pcm(np.arange(100, dtype=np.int16).reshape(-1, 2), 8000)
    assert same(wav.decode(wav.encode(pcm) + after), pcm)


def test_many_small_pieces_of_samples_end_soon() -> None:
    whole = wav.encode(Pcm(np.zeros((4, 1), np.int16), 8000))
    with pytest.raises(DamagedSound, match="chunks"):
        wav.decode(whole + (b"data" + struct.pack("<I", 2) + b"xx") * 2000)
    long = b"data" + struct.pack("<I", 512) + b"x" * 512
    assert wav.decode(whole + long * 2000).frames == 4 + 256 * 2000


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

from __future__ import annotations

import struct

import numpy as np
import pytest

from audio.pcm import Pcm
from audio.speech.encode import encode
from audio.speech.ogg import SERIAL, settle_serial


def checksum(page: bytes) -> int:
    """The checksum of RFC 3533, bit by bit."""
    crc = 0
    for byte in page[:22] + bytes(4) + page[26:]:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1) ^ (0x104C11DB7 if crc & 0x80000000 else 0)
    return crc


def test_every_page_has_the_serial_number_and_a_right_checksum() -> None:
    noise = np.random.default_rng(1).integers(-9000, 9000, (22050, 1)).astype(np.int16)
    file = encode(Pcm(noise, 22050), "ogg")
    starts = [i for i in range(len(file)) if file[i : i + 4] == b"OggS"]
    assert len(starts) > 2
    for start, end in zip(starts, [*starts[1:], len(file)], strict=True):
        page = file[start:end]
        assert struct.unpack_from("<I", page, 14)[0] == SERIAL
        assert struct.unpack_from("<I", page, 22)[0] == checksum(page)


def test_what_is_no_ogg_file_is_refused() -> None:
    with pytest.raises(ValueError, match="No Ogg page at byte 0"):
        settle_serial(b"RIFF")

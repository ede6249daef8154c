from __future__ import annotations

import base64
import io
import zlib

import numpy as np
import pytest

from audio import wav
from audio.pcm import Pcm
from audio.speech.encode import FORMATS, encode, pack

soundfile = pytest.importorskip("soundfile")


def sweep(seconds: float) -> Pcm:
    t = np.arange(round(seconds * 22050)) / 22050
    return Pcm((9000 * np.sin(600 * t * (1 + t / seconds))).astype(np.int16).reshape(-1, 1), 22050)


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_holds_the_sound(form: str) -> None:
    pcm = sweep(1.0)
    data = encode(pcm, form)
    samples, rate = soundfile.read(io.BytesIO(data), dtype="int16", always_2d=True)
    assert (rate, len(samples)) == (pcm.rate, pcm.frames)
    if form != "ogg":
        assert np.array_equal(samples, pcm.samples)
    else:
        assert np.corrcoef(samples[:, 0], pcm.samples[:, 0])[0, 1] > 0.99


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_sound_gives_the_same_bytes(form: str) -> None:
    assert len({encode(sweep(0.5), form) for _ in range(3)}) == 1


def test_minutes_of_ogg_can_be_encoded() -> None:
    data = encode(sweep(300.0), "ogg")
    assert soundfile.info(io.BytesIO(data)).frames == 300 * 22050


@pytest.mark.parametrize("form", FORMATS)
def test_packed_is_base64_of_zlib(form: str) -> None:
    data = encode(sweep(0.2), form)
    packed = pack(data, form)
    assert zlib.decompress(base64.b64decode(packed, validate=True)) == data
    assert wav.unpack(packed) == data

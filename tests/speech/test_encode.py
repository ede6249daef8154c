from __future__ import annotations

import base64
import importlib.util
import io
import sys
import zlib

import numpy as np
import pytest
import soxr

from audio import wav
from audio.pcm import Pcm
from audio.speech.encode import FORMATS, encode, pack

soundfile = pytest.importorskip("soundfile")


def sweep(seconds: float) -> Pcm:
    t = np.arange(round(seconds * 22050)) / 22050
    return Pcm((9000 * np.sin(600 * t * (1 + t / seconds))).astype(np.int16).reshape(-1, 1), 22050)


@pytest.mark.parametrize("form", ["wav", "flac"])
def test_a_lossless_file_holds_the_sound(form: str) -> None:
    pcm = sweep(1.0)
    samples, rate = soundfile.read(io.BytesIO(encode(pcm, form)), dtype="int16", always_2d=True)
    assert rate == pcm.rate
    assert np.array_equal(samples, pcm.samples)


@pytest.mark.parametrize(("form", "rate"), [("ogg", 22050), ("opus", 24000), ("mp3", 22050), ("pcm", 24000)])
def test_a_lossy_file_holds_much_of_the_sound(form: str, rate: int) -> None:
    pcm = sweep(1.0)
    bare = {"samplerate": 24000, "channels": 1, "format": "RAW", "subtype": "PCM_16"} if form == "pcm" else {}
    samples, came = soundfile.read(io.BytesIO(encode(pcm, form)), dtype="float32", **bare)
    assert came == rate
    assert abs(len(samples) / rate - pcm.seconds) < 0.1
    wanted = soxr.resample(pcm.samples[:, 0].astype(np.float32), pcm.rate, rate)
    spectra = [np.abs(np.fft.rfft(x, 2**15)) for x in (samples, wanted)]
    assert np.corrcoef(*spectra)[0, 1] > 0.98


def test_no_frames_are_no_samples() -> None:
    assert encode(Pcm(np.zeros((0, 1), np.int16), 22050), "pcm") == b""


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


def test_samples_are_packed_without_isal_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "isal", None)
    spec = importlib.util.find_spec("audio.speech.encode")
    assert spec is not None and spec.loader is not None
    bare = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bare)
    data = encode(sweep(0.2), "wav")
    packed = bare.pack(data, "wav")
    assert wav.unpack(packed) == data
    deflate = zlib.compressobj(1, zlib.DEFLATED, strategy=zlib.Z_RLE)
    assert base64.b64decode(packed) == deflate.compress(data) + deflate.flush()


def test_samples_are_packed_by_isal_where_it_is_installed() -> None:
    isal_zlib = pytest.importorskip("isal.isal_zlib")
    data = encode(sweep(0.2), "wav")
    assert base64.b64decode(pack(data, "wav")) == isal_zlib.compress(data, 1)

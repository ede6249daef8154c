"""Samples to the bytes of a sound file, and these to a string for JSON."""

from __future__ import annotations

import base64
import io
import zlib
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
import soxr

from audio import wav
from audio.errors import BadInput
from audio.pcm import Pcm
from audio.speech.ogg import settle_serial

TYPES = {
    "wav": "audio/wav",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "opus": "audio/ogg; codecs=opus",
    "mp3": "audio/mpeg",
    "pcm": "audio/pcm",
}
FORMATS = tuple(TYPES)
PCM_RATE = 24000
_KINDS = {
    "flac": ("FLAC", "PCM_16"),
    "ogg": ("OGG", "VORBIS"),
    "opus": ("OGG", "OPUS"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
}
_OPUS_RATES = (8000, 12000, 16000, 24000, 48000)


def _run_lengths(data: bytes, level: int) -> bytes:
    """Run lengths and Huffman codes alone: on speech as small as level 1 with matches, and twice as fast."""
    deflate = zlib.compressobj(level, zlib.DEFLATED, strategy=zlib.Z_RLE)
    return deflate.compress(data) + deflate.flush()


_compress: Callable[[bytes, int], bytes]
try:
    from isal import isal_zlib

    _compress = isal_zlib.compress
except ImportError:  # there is no wheel for boards of 32 bits
    _compress = _run_lengths


def encode(pcm: Pcm, form: str) -> bytes:
    """A sound as a file.

    Parameters
    ----------
    pcm : mono.
    form : of the file; of `pcm`, bare samples at 24 kHz, little-endian.

    Raises
    ------
    BadInput
        Where the format needs a module that is not installed.
    """
    if form == "wav":
        return wav.encode(pcm)
    if form == "pcm":
        return _at(pcm, PCM_RATE).samples.astype("<i2").tobytes()
    if form == "opus" and pcm.rate not in _OPUS_RATES:
        pcm = _at(pcm, PCM_RATE)
    data = _by_libsndfile(pcm, *_KINDS[form])
    return settle_serial(data) if form in ("ogg", "opus") else data


def pack(data: bytes, form: str) -> str:
    """The base64 of the zlib of a file.

    Of samples by ISA-L where it is installed, which takes a fifth of zlib's own time at its fastest, and leaves a tenth
    less. The others are small as they are, and stored.

    Parameters
    ----------
    data : the file.
    form : its format.
    """
    if form not in ("wav", "pcm"):
        return wav.pack(data, level=0)
    return base64.b64encode(_compress(data, 1)).decode("ascii")


def _at(pcm: Pcm, rate: int) -> Pcm:
    if pcm.rate == rate or not pcm.frames:
        return Pcm(pcm.samples, rate)
    x = soxr.resample(pcm.samples.astype(np.float32), pcm.rate, rate)
    return Pcm(np.rint(np.clip(x, -32768, 32767)).astype(np.int16), rate)


def _by_libsndfile(pcm: Pcm, form: str, subtype: str) -> bytes:
    if find_spec("soundfile") is None:
        raise BadInput("'format' must be wav or pcm here: the others need soundfile, which is missing.", field="format")
    import soundfile

    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", pcm.rate, pcm.channels, subtype, format=form) as out:
        # In one call, libsndfile overruns its stack on minutes of Vorbis.
        for chunk in pcm.chunks(1 << 16):
            out.write(chunk.samples)
    return file.getvalue()

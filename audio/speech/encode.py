"""Samples to the bytes of a sound file, and these to a string for JSON."""

from __future__ import annotations

import base64
import io
import zlib
from importlib.util import find_spec

from audio import wav
from audio.errors import BadInput
from audio.pcm import Pcm
from audio.speech.ogg import settle_serial

FORMATS = ("wav", "flac", "ogg")
TYPES = {"wav": "audio/wav", "flac": "audio/flac", "ogg": "audio/ogg"}


def encode(pcm: Pcm, form: str) -> bytes:
    """A sound file. Raises BadInput where the format needs a module that is not installed."""
    if form == "wav":
        return wav.encode(pcm)
    if find_spec("soundfile") is None:
        raise BadInput(f"'format' {form} is not offered here, as soundfile is not installed; wav is.", field="format")
    import soundfile

    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", pcm.rate, pcm.channels, format=form.upper()) as out:
        # libsndfile overruns its stack where it encodes a long Vorbis sound in one call.
        for chunk in pcm.chunks(1 << 16):
            out.write(chunk.samples)
    return settle_serial(file.getvalue()) if form == "ogg" else file.getvalue()


def pack(data: bytes, form: str) -> str:
    """The base64 of the zlib of a file.

    Run lengths and Huffman codes alone: on speech as small as level 1, and twice as fast. FLAC and Ogg are small as
    they are, and stored.
    """
    if form != "wav":
        return wav.pack(data, level=0)
    deflate = zlib.compressobj(1, zlib.DEFLATED, strategy=zlib.Z_RLE)
    return base64.b64encode(deflate.compress(data) + deflate.flush()).decode("ascii")

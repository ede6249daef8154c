"""WAV bytes <-> Pcm, and the packing of a sound for JSON. The one door for sound files.

Source: Microsoft, "Multiple channel audio data and WAVE files" (WAVE_FORMAT_EXTENSIBLE); RIFF chunks are padded to
even lengths. Taken is PCM of 16 bits with 1 to 64 channels.
"""

from __future__ import annotations

import base64
import binascii
import struct
import zlib

import numpy as np

from audio.errors import BadInput, DamagedSound, UnsupportedFormat
from audio.pcm import Pcm

WANTED = "a WAV file of 16 bit PCM"
_PCM, _EXTENSIBLE = 0x0001, 0xFFFE
_FORMATS = {_PCM: "PCM", 0x0002: "ADPCM", 0x0003: "floating point", 0x0006: "A-law", 0x0007: "mu-law", 0x0055: "MP3"}
# Programs that write to a pipe cannot know the length; they put one of the largest sizes there.
_UNKNOWN_LENGTH = 0x7FFFF000
# Each chunk costs time, and a large file has room for millions of empty ones.
_MOST_CHUNKS = 1000
_SIGNATURES = (
    (b"fLaC", "a FLAC file"),
    (b"OggS", "an Ogg file"),
    (b"ID3", "an MP3 file"),
    (b"\xff\xfb", "an MP3 file"),
    (b"\xff\xf3", "an MP3 file"),
    (b"FORM", "an AIFF file"),
    (b"RIFX", "a big-endian WAV file"),
    (b"RF64", "an RF64 file"),
    (b".snd", "an AU file"),
    (b"\x1aE\xdf\xa3", "a Matroska or WebM file"),
)


def decode(data: bytes | memoryview, *, field: str | None = None) -> Pcm:
    """The sound in a WAV file.

    A file of 0 frames is valid. Raises UnsupportedFormat (not a WAV, not PCM of 16 bits) and DamagedSound (cut short,
    or a header that contradicts itself); `field` is the name of the input, for the message.
    """
    view = memoryview(data)
    if len(view) < 12 or bytes(view[:4]) != b"RIFF" or bytes(view[8:12]) != b"WAVE":
        raise UnsupportedFormat(f"This is {_what(bytes(view[:64]))}; wanted is {WANTED}.", field=field)
    channels, rate, samples = 0, 0, None
    position, chunks = 12, 0
    while position + 8 <= len(view) and samples is None:
        chunks += 1
        if chunks > _MOST_CHUNKS:
            raise DamagedSound(f"The WAV file has more than {_MOST_CHUNKS} chunks before its samples.", field=field)
        name, size = struct.unpack_from("<4sI", view, position)
        start = position + 8
        if name == b"fmt ":
            channels, rate = _format(view[start : start + size], field)
        elif name == b"data":
            if not channels:
                raise DamagedSound(
                    "The WAV file has its samples before its format; wanted is the reverse.", field=field
                )
            samples = _samples(view, start, size, channels, field)
        position = start + size + (size & 1)
    if not channels:
        raise DamagedSound("The WAV file ends before its header does: its format is missing.", field=field)
    if samples is None:
        raise DamagedSound("The WAV file ends before its samples begin.", field=field)
    return Pcm(samples, rate)


def encode(pcm: Pcm) -> bytes:
    """A WAV file of the sound."""
    samples = np.ascontiguousarray(pcm.samples, dtype="<i2")
    block = 2 * pcm.channels
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", 36 + samples.nbytes, b"WAVE"),
        *(b"fmt ", 16, _PCM, pcm.channels, pcm.rate, pcm.rate * block, block, 16),
        *(b"data", samples.nbytes),
    )
    return header + samples.tobytes()


def pack(data: bytes, *, level: int = 1) -> str:
    """Bytes for a JSON string: compressed by zlib, then base64. Sound hardly gains from a level above 1."""
    return base64.b64encode(zlib.compress(data, level)).decode("ascii")


def unpack(text: str, *, limit: int = 256 * 1024 * 1024) -> bytes:
    """The bytes that `pack` put into a string. Raises BadInput where it is damaged or holds more than `limit` bytes."""
    try:
        packed = base64.b64decode(text, validate=True)
        inflater = zlib.decompressobj()
        data = inflater.decompress(packed, limit)
    except (binascii.Error, zlib.error, ValueError) as exc:
        raise BadInput(f"The sound is not base64 of zlib data: {exc}.") from exc
    if inflater.unconsumed_tail:
        raise BadInput(f"The sound is larger than {limit} bytes when unpacked.")
    if not inflater.eof:
        raise BadInput("The sound ends before its zlib data does.")
    return data


def _format(chunk: memoryview, field: str | None) -> tuple[int, int]:
    if len(chunk) < 16:
        raise DamagedSound("The WAV file ends within its header.", field=field)
    tag, channels, rate, _, block, bits = struct.unpack_from("<HHIIHH", chunk)
    if tag == _EXTENSIBLE and len(chunk) >= 26:
        (tag,) = struct.unpack_from("<H", chunk, 24)
    if tag != _PCM or bits != 16:
        came = f"{_FORMATS.get(tag, f'encoding 0x{tag:04x}')} of {bits} bits"
        raise UnsupportedFormat(f"This WAV file holds {came}; wanted is {WANTED}.", field=field)
    if not 1 <= channels <= 64 or rate == 0 or block != 2 * channels:
        raise DamagedSound(
            f"The WAV header contradicts itself: {channels} channels at {rate} Hz in blocks of {block} bytes.",
            field=field,
        )
    return channels, rate


def _samples(view: memoryview, start: int, size: int, channels: int, field: str | None) -> np.ndarray:
    there = len(view) - start
    if size >= _UNKNOWN_LENGTH:
        size = there
    if size > there:
        raise DamagedSound(
            f"The WAV file is cut short: its header promises {size} bytes of sound, {there} came.", field=field
        )
    frames = size // (2 * channels)
    flat = np.frombuffer(view, dtype="<i2", count=frames * channels, offset=start)
    return np.require(flat, np.int16, "A").reshape(frames, channels)


def _what(head: bytes) -> str:
    for signature, name in _SIGNATURES:
        if head.startswith(signature):
            return name
    if head[4:8] == b"ftyp":
        return "an MP4 file"
    return "an empty file" if not head else "no sound file that is known here"

"""WAV bytes <-> Pcm, and the packing of a sound for JSON. The one door for sound files.

Source: Microsoft, "Multiple channel audio data and WAVE files" (WAVE_FORMAT_EXTENSIBLE); RIFF chunks are padded to
even lengths. Taken is PCM of 16 bits with 1 to 64 channels.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
import zlib

import numpy as np

from audio.errors import BadInput, DamagedSound, UnsupportedFormat
from audio.pcm import Pcm, Samples

Format = tuple[int, int]  # channels, and frames a second

WANTED = "a WAV file of 16 bit PCM"
_PCM, _EXTENSIBLE = 0x0001, 0xFFFE
_FORMATS = {_PCM: "PCM", 0x0002: "ADPCM", 0x0003: "floating point", 0x0006: "A-law", 0x0007: "mu-law", 0x0055: "MP3"}
# Programs that write to a pipe cannot know the length; they put one of the largest sizes there. SoX rounds 0x7FFFF000
# down to whole frames.
_UNKNOWN_LENGTH = 0x7FFF0000
# Each chunk costs time, and a large file has room for millions of small ones. Chosen: SMALL bytes take far longer to
# hear than to find.
_MOST_SMALL, _SMALL = 1000, 256
_METADATA = {b"LIST", b"id3 ", b"ID3 ", b"bext", b"iXML", b"cue ", b"smpl", b"junk", b"JUNK"}
_HEADER = re.compile(rb"RIFF....WAVEfmt ", re.DOTALL)
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
    """The sound in a WAV file: all of its samples, whatever its header says about their length.

    Programs that write to a pipe, or that were stopped, leave a length of 0, of their first block or of 4 GiB. What
    follows the samples is then taken for samples too, up to the next header where files were joined. Several data
    chunks, and joined files of one format, are one sound.

    Parameters
    ----------
    data : bytes of the file; they are not copied where they hold one run of samples.
    field : name of the input, for the message of an error.

    Returns
    -------
    Pcm : int16, shape (frames, channels). A file of 0 frames is valid.

    Raises
    ------
    UnsupportedFormat : not a WAV file, or not PCM of 16 bits.
    DamagedSound : cut short, a header that contradicts itself, or joined files of different formats.
    """
    view = memoryview(data)
    if not _is_header(view, 0):
        raise UnsupportedFormat(f"This is {_what(bytes(view[:64]))}; wanted is {WANTED}.", field=field)
    form: Format | None = None
    files: list[list[memoryview]] = []  # runs of samples, by file
    position = small = 0
    while position + 8 <= len(view):
        if _is_header(view, position):
            files.append([])
            position += 12
            continue
        name, size = struct.unpack_from("<4sI", view, position)
        start, end = position + 8, position + 8 + size
        if name == b"fmt ":
            form = _same(form, _format(view[start:end], field), field)
        elif name == b"data":
            if form is None:
                raise DamagedSound(
                    "The WAV file has its samples before its format; wanted is the reverse.", field=field
                )
            end = _end_of_samples(view, start, size, field)
            files[-1].append(view[start:end])
        small += name != b"data" or end - start < _SMALL
        if small > _MOST_SMALL:
            raise DamagedSound(f"The WAV file has more than {_MOST_SMALL} chunks beside its samples.", field=field)
        position = end + (end - start & 1)
    if form is None:
        raise DamagedSound("The WAV file ends before its header does: its format is missing.", field=field)
    if not files[-1]:
        raise DamagedSound("The WAV file ends before its samples begin.", field=field)
    return Pcm(_joined(files, form[0]), form[1])


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


def _format(chunk: memoryview, field: str | None) -> Format:
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


def _is_header(view: memoryview, position: int) -> bool:
    """Whether a WAV file begins here."""
    head = bytes(view[position : position + 12])
    return head[:4] == b"RIFF" and head[8:] == b"WAVE"


def _same(before: Format | None, now: Format, field: str | None) -> Format:
    if before is not None and before != now:
        kinds = " and ".join(f"{channels} channel(s) at {rate} Hz" for channels, rate in (before, now))
        raise DamagedSound(f"This joins WAV files of different formats, {kinds}: send each by itself.", field=field)
    return now


def _end_of_samples(view: memoryview, start: int, size: int, field: str | None) -> int:
    """Where the samples end that a data chunk of `size` bytes, as it says itself, has from `start` on."""
    there = len(view) - start
    if size <= there and _is_followed_well(view, start + size + (size & 1)):
        return start + size
    if there < size < _UNKNOWN_LENGTH:
        raise DamagedSound(
            f"The WAV file is cut short: its header promises {size} bytes of sound, {there} came.", field=field
        )
    joined = _HEADER.search(view, start)
    return joined.start() if joined else len(view)


def _is_followed_well(view: memoryview, position: int) -> bool:
    """Whether chunks lie from here to the end, or to more samples: what a length that is true is followed by."""
    for _ in range(_MOST_SMALL):
        if position >= len(view) or _is_header(view, position):
            return True
        if position + 8 > len(view):
            return False
        name, size = struct.unpack_from("<4sI", view, position)
        if name == b"data":
            return True
        position += 8 + size + (size & 1)
        if position > len(view) + 1:  # cut short behind the samples
            return name in _METADATA
        if not all(0x20 <= c < 0x7F for c in name):
            return False
    return True


def _joined(files: list[list[memoryview]], channels: int) -> Samples:
    """Samples of all runs, (frames, channels). A frame may lie across two runs of a file, but not across two files."""
    whole = []
    for runs in files:
        data = runs[0] if len(runs) == 1 else memoryview(b"".join(runs))
        whole.append(data[: len(data) - len(data) % (2 * channels)])
    flat = np.frombuffer(whole[0] if len(whole) == 1 else b"".join(whole), dtype="<i2")
    return np.require(flat, np.int16, "A").reshape(-1, channels)


def _what(head: bytes) -> str:
    for signature, name in _SIGNATURES:
        if head.startswith(signature):
            return name
    if head[4:8] == b"ftyp":
        return "an MP4 file"
    return "an empty file" if not head else "no sound file that is known here"

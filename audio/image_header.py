"""What the header of a picture file says, before a byte of its pixels is decoded.

Sources: ITU-T T.81 (JPEG) annex B; W3C PNG, third edition; JEITA CP-3451 (Exif) for the orientation.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from audio.errors import DamagedImage, UnsupportedFormat

WANTED = "a JPEG or PNG file"
_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
_SIGNATURES = (
    (re.compile(rb"GIF8[79]a"), "a GIF file"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "a WebP file"),
    (re.compile(rb"RIFF....WAVE", re.DOTALL), "a WAV file"),
    (re.compile(rb"BM....\0\0\0\0", re.DOTALL), "a BMP file"),
    (re.compile(rb"II\*\0|MM\0\*"), "a TIFF file"),
    (re.compile(rb"%PDF"), "a PDF file"),
    (re.compile(rb"\0\0\x01\0"), "an icon file"),
    (re.compile(rb"8BPS"), "a Photoshop file"),
    (re.compile(rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51"), "a JPEG 2000 file"),
    (re.compile(rb"....ftyp(heic|heix|mif1|msf1)", re.DOTALL), "a HEIC file"),
    (re.compile(rb"....ftypavif", re.DOTALL), "an AVIF file"),
    (re.compile(rb"....ftyp", re.DOTALL), "an MP4 file"),
    (re.compile(rb"\s*<(\?xml|svg)"), "an SVG or XML file"),
    (re.compile(rb"\s*<(!|html)", re.IGNORECASE), "a web page"),
)
# SOFn of Huffman coding that is baseline, extended or progressive; the others are arithmetic, lossless, hierarchical.
_TAKEN = {0xC0, 0xC1, 0xC2}
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_ALONE = {0x01, *range(0xD0, 0xD8)}
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
# A scan costs a pass over the whole picture however few bytes it has. Cameras and encoders write ten.
_MOST_SCANS = 100
_MOST_CHUNKS = 10_000
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}


@dataclass(frozen=True)
class Header:
    """Size as stored, before it is turned; what the pixels are; how the picture is to be turned (Exif, 1 to 8).

    alpha: pixels have a transparency. clear: the level of grey, of 8 bits, that is transparent; None: none is.
    """

    width: int
    height: int
    grey: bool
    alpha: bool = False
    clear: int | None = None
    orientation: int = 1


def read(data: bytes | memoryview, field: str | None) -> Header:
    """The header of a JPEG or PNG file, whose structure is whole to its end.

    Raises UnsupportedFormat (no JPEG or PNG, or a kind of them that is not taken) and DamagedImage.
    """
    view = memoryview(data)
    head = bytes(view[:64])
    if head.startswith(_JPEG):
        return _jpeg(view, field)
    if head.startswith(_PNG):
        return _png(view, field)
    if head and (_PNG.startswith(head[:8]) or _JPEG.startswith(head[:3])):
        raise DamagedImage("The picture ends before its header does: send the whole file.", field=field)
    raise UnsupportedFormat(f"This is {_what(head)}; wanted is {WANTED}.", field=field)


def _what(head: bytes) -> str:
    if not head:
        return "an empty file"
    return next((name for pattern, name in _SIGNATURES if pattern.match(head)), "no picture file that is known here")


def _jpeg(view: memoryview, field: str | None) -> Header:
    frame: tuple[int, int, int] | None = None
    orientation, scans = 1, 0
    for marker, segment in _segments(view, field):
        if marker == 0xE1 and orientation == 1 and segment[:6] == b"Exif\0\0":
            orientation = _orientation(segment[6:])
        elif marker in _FRAMES:
            if frame is not None or len(segment) < 6:
                raise DamagedImage("The JPEG file has a damaged frame header.", field=field)
            frame = _frame(marker, segment, field)
        elif marker == 0xDA:
            scans += 1
            if frame is None:
                raise DamagedImage("The JPEG file has pixels before its header.", field=field)
            if scans > _MOST_SCANS:
                raise UnsupportedFormat(f"The JPEG file has more than {_MOST_SCANS} scans.", field=field)
    if frame is None or not scans:
        raise DamagedImage("The JPEG file has no pixels.", field=field)
    height, width, components = frame
    return Header(width, height, components == 1, orientation=orientation)


def _segments(view: memoryview, field: str | None) -> Iterator[tuple[int, bytes]]:
    """Markers up to the end of the image, with what their segments hold."""
    position = 2
    while match := _MARKER.search(view, position):
        marker, start = view[match.end() - 1], match.end()
        if marker == 0xD9:
            return
        if marker in _ALONE:
            position = start
            continue
        if start + 2 > len(view):
            break
        (size,) = struct.unpack_from(">H", view, start)
        if size < 2:
            raise DamagedImage("The JPEG file has a segment of no length.", field=field)
        if start + size > len(view):
            break
        yield marker, bytes(view[start + 2 : start + size])
        position = start + size
    raise DamagedImage("The JPEG file is cut short, it has no end: send the whole file.", field=field)


def _frame(marker: int, segment: bytes, field: str | None) -> tuple[int, int, int]:
    bits, height, width, components = struct.unpack_from(">BHHB", segment)
    if marker not in _TAKEN:
        raise UnsupportedFormat(
            "The JPEG file is arithmetic, lossless or hierarchical; wanted is a baseline or progressive one.",
            field=field,
        )
    if bits != 8:
        raise UnsupportedFormat(f"The JPEG file has {bits} bits a sample; wanted are 8.", field=field)
    if components not in (1, 3, 4):
        raise UnsupportedFormat(f"The JPEG file has {components} components; wanted are 1, 3 or 4.", field=field)
    if not width or not height:
        raise DamagedImage(f"The JPEG file says that it is {width} x {height} pixels large.", field=field)
    return height, width, components


def _png(view: memoryview, field: str | None) -> Header:
    found: dict[bytes, memoryview] = {}
    for number, (name, content) in enumerate(_chunks(view, field)):
        if (name == b"IHDR") != (number == 0):
            raise DamagedImage("The PNG file does not begin with its header.", field=field)
        if number > _MOST_CHUNKS:
            raise UnsupportedFormat(f"The PNG file has more than {_MOST_CHUNKS} chunks.", field=field)
        found[name] = content
    if not found.keys() >= {b"IHDR", b"IDAT"}:
        raise DamagedImage("The PNG file has no pixels.", field=field)
    width, height, bits, kind = _ihdr(found[b"IHDR"], field)
    return Header(
        *(width, height, kind in (0, 4)),
        alpha=kind in (4, 6) or (kind != 0 and b"tRNS" in found),
        clear=_clear(bytes(found.get(b"tRNS", b"")), bits) if kind == 0 else None,
        orientation=_orientation(bytes(found.get(b"eXIf", b""))),
    )


def _clear(level: bytes, bits: int) -> int | None:
    if len(level) != 2:
        return None
    (value,) = struct.unpack(">H", level)
    return int(value) >> 8 if bits == 16 else int(value) * 255 // (2**bits - 1)


def _chunks(view: memoryview, field: str | None) -> Iterator[tuple[bytes, memoryview]]:
    """Chunks up to the end of the image, each of which its checksum fits."""
    position = len(_PNG)
    while position + 12 <= len(view):
        (size,) = struct.unpack_from(">I", view, position)
        end = position + 8 + size
        if end + 4 > len(view):
            break
        if zlib.crc32(view[position + 4 : end]) != struct.unpack_from(">I", view, end)[0]:
            raise DamagedImage(
                "The PNG file is damaged, a checksum does not fit: send it again, or write it anew.", field=field
            )
        name = bytes(view[position + 4 : position + 8])
        if name == b"IEND":
            return
        yield name, view[position + 8 : end]
        position = end + 4
    raise DamagedImage("The PNG file is cut short, it has no end: send the whole file.", field=field)


def _ihdr(content: memoryview, field: str | None) -> tuple[int, int, int, int]:
    if len(content) != 13:
        raise DamagedImage("The PNG file has a damaged header.", field=field)
    width, height, bits, kind = struct.unpack_from(">IIBB", content)
    if not width or not height or bits not in _DEPTHS.get(kind, ()):
        raise DamagedImage("The PNG file has a header that contradicts itself: write it anew.", field=field)
    return width, height, bits, kind


def _orientation(tiff: bytes) -> int:
    """How the picture is to be turned: 1 (as it is) where nothing valid is said, as every viewer takes it."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) < 8:
        return 1
    (start,) = struct.unpack_from(f"{order}I", tiff, 4)
    if start + 2 > len(tiff):
        return 1
    (count,) = struct.unpack_from(f"{order}H", tiff, start)
    for entry in range(start + 2, min(start + 2 + 12 * count, len(tiff) - 11), 12):
        tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, entry)
        if tag == 0x0112:
            return value if kind == 3 and 1 <= value <= 8 else 1
    return 1

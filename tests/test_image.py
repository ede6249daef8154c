"""Picture files, odd ones too, against Pillow as the reference."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import tracemalloc
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image as Reference
from PIL import ImageOps

from audio import image
from audio.errors import AudioError, BadInput, DamagedImage, ImageTooLarge, UnsupportedFormat

SLOPES = np.add.outer(np.arange(40) * 4, np.arange(64))[:, :, None] + np.array([0, 20, -10])
COLOUR = Reference.fromarray(SLOPES.clip(0, 255).astype(np.uint8))
GREY = COLOUR.convert("L")
FADING = Reference.merge(
    "RGBA", (*COLOUR.split(), Reference.fromarray(np.tile(np.arange(64, dtype=np.uint8) * 4, (40, 1))))
)
PALETTE = COLOUR.quantize(16)


def file(picture: Any, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def sixteen(samples: NDArray[np.uint8]) -> bytes:
    """A PNG of 16 bits a sample; the lower eight are noise."""
    noise = np.random.default_rng(0).integers(0, 256, samples.shape, dtype=np.uint16)
    return cv2.imencode(".png", (samples.astype(np.uint16) << 8) | noise)[1].tobytes()


def turned(picture: Any, kind: str, orientation: int) -> bytes:
    exif = Reference.Exif()
    exif[0x0112] = orientation
    return file(picture, kind, exif=exif)


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int, height: int, *chunks: bytes, bits: int = 8, kind: int = 2, interlaced: bool = False) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, interlaced)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunks) + chunk(b"IEND", b"")


# First column and row of each pass of Adam7, and the steps between its columns and rows.
PASSES_OF_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def interlaced(picture: Reference.Image) -> bytes:
    """A PNG in seven passes, which neither Pillow nor OpenCV writes."""
    pixels, rows = np.asarray(picture), bytearray()
    for left, top, across, down in PASSES_OF_ADAM7:
        for row in pixels[top::down, left::across] if left < pixels.shape[1] else ():
            rows += b"\0" + row.tobytes()
    kind = {"L": 0, "RGB": 2, "LA": 4, "RGBA": 6}[picture.mode]
    return png(*picture.size, chunk(b"IDAT", zlib.compress(bytes(rows))), kind=kind, interlaced=True)


def seen(data: bytes) -> NDArray[np.uint8]:
    """What a viewer with a white page shows."""
    picture = ImageOps.exif_transpose(Reference.open(io.BytesIO(data))).convert("RGBA")
    page = Reference.new("RGBA", picture.size, (255, 255, 255, 255))
    page.alpha_composite(picture)
    return np.asarray(page.convert("RGB"))


OTHER = file(COLOUR.crop((0, 0, 3, 7)), "PNG")
FILES = {
    "jpeg": file(COLOUR, "JPEG"),
    "progressive jpeg": file(COLOUR, "JPEG", progressive=True),
    "grey jpeg": file(GREY, "JPEG", quality=80),
    "one pixel": file(COLOUR.crop((0, 0, 1, 1)), "PNG"),
    "bytes after the end": file(COLOUR, "JPEG") + b"another picture" * 9,
    "png": file(COLOUR, "PNG"),
    "grey png": file(GREY, "PNG"),
    "one bit": file(GREY.convert("1"), "PNG"),
    "palette": file(PALETTE, "PNG"),
    "alpha": file(FADING, "PNG"),
    "grey and alpha": file(FADING.convert("LA"), "PNG"),
    "palette, transparent": file(PALETTE, "PNG", transparency=bytes(range(0, 256, 16))),
    "grey, transparent": file(GREY, "PNG", transparency=int(np.asarray(GREY)[3, 3])),
    "colour, transparent": file(COLOUR, "PNG", transparency=tuple(int(v) for v in np.asarray(COLOUR)[3, 3])),
    "one bit, transparent": file(GREY.convert("1"), "PNG", transparency=0),
    "interlaced": interlaced(COLOUR),
    "grey, interlaced": interlaced(GREY),
    "alpha, interlaced": interlaced(FADING),
    **{f"interlaced {w} x {h}": interlaced(COLOUR.crop((0, 0, w, h))) for w, h in ((1, 1), (3, 2), (4, 9), (9, 5))},
    "animated": file(COLOUR, "PNG", save_all=True, append_images=[COLOUR.rotate(180)]),
    **{f"jpeg turned {o}": turned(COLOUR, "JPEG", o) for o in range(1, 9)},
    **{f"png turned {o}": turned(FADING, "PNG", o) for o in range(1, 9)},
}


@pytest.mark.parametrize("name", FILES)
def test_is_what_a_viewer_shows(name: str) -> None:
    picture = image.decode(FILES[name])
    assert picture.pixels.dtype == np.uint8
    assert picture.pixels.flags.c_contiguous
    assert (picture.pixels.ndim == 2) == name.startswith(("grey", "one bit"))
    assert np.array_equal(picture.rgb, seen(FILES[name]))
    assert picture.size == [picture.width, picture.height] == [picture.rgb.shape[1], picture.rgb.shape[0]]


@pytest.mark.parametrize("name", FILES)
def test_its_size_is_known_before_its_pixels_are(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    height, width = seen(FILES[name]).shape[:2]
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("the pixels were decoded"))
    picture = image.decode(FILES[name])
    assert picture.size == [width, height]
    assert picture.digest == image.decode(FILES[name]).digest
    assert picture.digest != image.decode(OTHER).digest


def test_sixteen_bits_lose_the_lower_eight() -> None:
    colour, grey = np.asarray(COLOUR), np.asarray(GREY)
    assert np.array_equal(image.decode(sixteen(colour[:, :, ::-1])).rgb, colour)
    assert np.array_equal(image.decode(sixteen(grey)).pixels, grey)
    blended = image.decode(sixteen(np.asarray(FADING)[:, :, [2, 1, 0, 3]])).rgb
    assert np.array_equal(blended, seen(FILES["alpha"]))


def test_four_inks_are_three_lights() -> None:
    data = file(COLOUR.convert("CMYK"), "JPEG", quality=95)
    assert np.abs(image.decode(data).rgb.astype(int) - seen(data)).max() <= 1


def test_grey_and_colour_change_into_each_other() -> None:
    picture = image.decode(FILES["png"])
    assert np.abs(picture.grey.astype(int) - np.asarray(GREY)).max() <= 1
    grey = image.decode(FILES["grey png"])
    assert grey.grey is grey.pixels
    assert np.array_equal(grey.rgb, np.repeat(grey.pixels[:, :, None], 3, 2))


@pytest.mark.parametrize("name", ["png", "grey png"])
def test_what_is_written_is_read(name: str) -> None:
    picture = image.decode(FILES[name])
    assert np.array_equal(image.decode(image.encode(picture)).pixels, picture.pixels)
    lossy = image.decode(image.encode(picture, "jpg")).pixels
    assert np.abs(lossy.astype(int) - picture.pixels).mean() < 3
    with pytest.raises(BadInput, match="'gif' came"):
        image.encode(picture, "gif")


OTHERS = {
    b"": "an empty file",
    file(COLOUR, "GIF"): "a GIF file",
    file(COLOUR, "WEBP"): "a WebP file",
    file(COLOUR, "BMP"): "a BMP file",
    file(COLOUR, "TIFF"): "a TIFF file",
    b"%PDF-1.7\n": "a PDF file",
    b"RIFF\x24\0\0\0WAVEfmt ": "a WAV file",
    b"\0\0\0\x18ftypheic\0\0": "a HEIC file",
    b"<?xml version='1.0'?><svg/>": "an SVG or XML file",
    b"<!doctype html>": "a web page",
    b"hello": "no picture file that is known here",
}


@pytest.mark.parametrize("data", OTHERS, ids=OTHERS.values())
def test_other_files_are_named(data: bytes) -> None:
    with pytest.raises(UnsupportedFormat) as caught:
        image.decode(data, field="image")
    assert caught.value.message == f"This is {OTHERS[data]}; wanted is a JPEG or PNG file."
    assert caught.value.field == "image"


@pytest.mark.parametrize("name", ["jpeg", "progressive jpeg", "grey jpeg", "png", "palette", "interlaced", "animated"])
def test_no_file_that_is_cut_is_taken(name: str) -> None:
    for length in range(1, len(FILES[name]), 7):
        with pytest.raises(DamagedImage):
            _ = image.decode(FILES[name][:length]).pixels


BOMB = chunk(b"IDAT", zlib.compress(bytes(2**20)) * 4)


@pytest.mark.parametrize("size", [(2**31 - 1, 2**31 - 1), (100_000, 100_000), (1, 16_385), (7681, 4320)])
def test_a_picture_that_is_too_large_is_refused_by_its_header(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("the pixels were decoded"))
    with pytest.raises(ImageTooLarge, match=f"{size[0]} x {size[1]} pixels large"):
        image.decode(png(*size, BOMB))


def test_the_largest_picture_is_taken() -> None:
    largest = np.zeros((4320, 7680), np.uint8)
    assert image.decode(image.encode(image.Image(largest))).size == [7680, 4320]


def with_frame(data: bytes, position: int, value: bytes, marker: int = 0xC0) -> bytes:
    """The JPEG with other bytes in its frame header."""
    start = data.index(b"\xff\xc0")
    frame = bytearray(data[start : start + 10])
    frame[1] = marker
    frame[position : position + len(value)] = value
    return data[:start] + bytes(frame) + data[start + 10 :]


PASSES = FILES["progressive jpeg"]
MANY_PASSES = PASSES[:-2] + PASSES[PASSES.index(b"\xff\xda") : -2] * 12 + b"\xff\xd9"


@pytest.mark.parametrize(
    ("data", "error", "said"),
    [
        (with_frame(FILES["jpeg"], 4, b"\x0c"), UnsupportedFormat, "12 bits a sample"),
        (with_frame(FILES["jpeg"], 4, b"\x08", marker=0xC9), UnsupportedFormat, "arithmetic"),
        (with_frame(FILES["jpeg"], 4, b"\x08", marker=0xC3), UnsupportedFormat, "lossless"),
        (with_frame(FILES["jpeg"], 9, b"\x02"), UnsupportedFormat, "2 components"),
        (with_frame(FILES["jpeg"], 5, b"\0\0"), DamagedImage, "64 x 0 pixels"),
        (with_frame(FILES["jpeg"], 5, b"\xff\xff\xff\xff"), ImageTooLarge, "65535 x 65535"),
        (MANY_PASSES, UnsupportedFormat, "more than 100 scans"),
        (b"\xff\xd8\xff\xe0\0\x01\xff\xd9", DamagedImage, "no length"),
        (b"\xff\xd8\xff\xd9", DamagedImage, "no pixels"),
        (png(4, 4), DamagedImage, "no pixels"),
        (png(4, 0, BOMB), DamagedImage, "contradicts"),
        (png(4, 4, BOMB, bits=3), DamagedImage, "contradicts"),
        (png(4, 4, chunk(b"IDAT", b"no zlib")), DamagedImage, "cannot be decoded"),
        (png(4, 4, *[chunk(b"tEXt", b"")] * 10_001, BOMB), UnsupportedFormat, "10000 chunks"),
        (FILES["png"].replace(b"IDAT", b"IDAU", 1), DamagedImage, "checksum"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(data: bytes, error: type[AudioError], said: str) -> None:
    with pytest.raises(error) as caught:
        _ = image.decode(data).pixels
    assert said in caught.value.message


def tiff(entries: list[tuple[int, int, int, int]], start: int = 8, count: int | None = None, after: int = 0) -> bytes:
    """An Exif block: tag, type, number and value of each entry of a directory, and where the next one is."""
    listed = b"".join(struct.pack(">HHII", *entry) for entry in entries)
    count = len(entries) if count is None else count
    return struct.pack(">2sHIH", b"MM", 42, start, count) + listed + struct.pack(">I", after)


UPSIDE_DOWN = (0x0112, 3, 1, 3 << 16)
BEYOND = 0xFFFF_FFF0


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize(
    ("exif", "turns"),
    [
        (tiff([UPSIDE_DOWN]), True),
        (tiff([UPSIDE_DOWN], after=8), True),  # the next directory is this one
        (tiff([UPSIDE_DOWN], after=BEYOND), True),
        (tiff([(0x8769, 4, 1, 8), UPSIDE_DOWN]), True),  # a directory in itself
        (tiff([(0x010F, 2, 2**31, BEYOND), UPSIDE_DOWN]), True),  # a text that lies behind the end
        (tiff([UPSIDE_DOWN], count=0xFFFF), True),
        (tiff([UPSIDE_DOWN], start=BEYOND), False),
        (tiff([UPSIDE_DOWN], start=0), False),  # a directory in its own header
        (tiff([UPSIDE_DOWN])[:12], False),
        (tiff([(0x0112, 3, 1, 9 << 16)]), False),
        (tiff([(0x0112, 4, 1, BEYOND)]), False),
        (b"MM", False),
        (b"", False),
    ],
)  # fmt: skip
def test_exif_that_points_anywhere_turns_or_leaves_the_picture(kind: str, exif: bytes, turns: bool) -> None:
    plain = file(COLOUR, kind)
    if kind == "JPEG":
        segment = b"Exif\0\0" + exif
        data = plain[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + plain[2:]
    else:
        data = plain[:33] + chunk(b"eXIf", exif) + plain[33:]
    expected = image.decode(plain).pixels
    assert np.array_equal(image.decode(data).pixels, expected[::-1, ::-1] if turns else expected)


def with_sums(data: bytes) -> bytes:
    """A damaged PNG with checksums that fit, so that what is in its chunks is looked at."""
    mended, position = bytearray(data), 8
    while position + 12 <= len(mended):
        end = position + 8 + struct.unpack_from(">I", mended, position)[0]
        if end + 4 > len(mended):
            break
        struct.pack_into(">I", mended, end, zlib.crc32(mended[position + 4 : end]))
        position = end + 4
    return bytes(mended)


@given(
    st.sampled_from(sorted(FILES)),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=9),
    st.floats(0.01, 1) | st.just(1.0),
    st.booleans(),
)
@settings(max_examples=500, deadline=None)
def test_whatever_comes_is_a_picture_or_an_error_and_takes_what_its_header_says(
    name: str, changes: list[tuple[float, int]], share: float, sums: bool
) -> None:
    data = bytearray(FILES[name])
    for where, value in changes:
        data[int(where * (len(data) - 1))] = value
    whole = bytes(data[: max(1, int(share * len(data)))])
    whole = with_sums(whole) if sums and whole.startswith(b"\x89PNG") else whole
    pixels = 0
    tracemalloc.start()
    try:
        picture = image.decode(whole)
        pixels = picture.width * picture.height
        assert picture.pixels.shape[:2] == (picture.height, picture.width)
    except AudioError as exc:
        assert exc.message.endswith(".")
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 2**20 + 16 * pixels  # four samples of two bytes as stored, and as much again


SMALL = png(8, 8, chunk(b"IDAT", zlib.compress(b"".join(bytes(25) for _ in range(8)))))
UNPACKED = zlib.compress(bytes(2**28))  # a quarter of a gigabyte
BOMBS = {
    "pixels": png(8, 8, chunk(b"IDAT", UNPACKED)),
    "text": SMALL[:33] + chunk(b"zTXt", b"Comment\0\0" + UNPACKED) + SMALL[33:],
    "international text": SMALL[:33] + chunk(b"iTXt", b"Comment\0\1\0\0\0" + UNPACKED) + SMALL[33:],
    "profile": SMALL[:33] + chunk(b"iCCP", b"Profile\0\0" + UNPACKED) + SMALL[33:],
    "sides": png(2**31 - 1, 2**31 - 1, chunk(b"IDAT", UNPACKED)),
}
# VmHWM is of this program alone; the most of getrusage is also that of the process which began it.
DECODE = """
import re, sys
from audio import errors, image
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1])
small, bomb = (open(path, "rb").read() for path in sys.argv[1:])
image.decode(small).pixels
before = peak()
try:
    print(image.decode(bomb).pixels.shape[:2], end=" ")
except errors.AudioError as exc:
    print(type(exc).__name__, end=" ")
print(peak() - before)
"""


@pytest.mark.parametrize("name", BOMBS)
def test_what_unpacks_to_very_much_takes_little_memory(name: str, tmp_path: Path) -> None:
    for path, data in (("small", SMALL), ("bomb", BOMBS[name])):
        (tmp_path / path).write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", DECODE, tmp_path / "small", tmp_path / "bomb"],
        capture_output=True,
        text=True,
        check=True,
    )
    said, kilobytes = done.stdout.rsplit(maxsplit=1)
    assert said in ("(8, 8)", "DamagedImage", "ImageTooLarge")
    assert int(kilobytes) < 32 * 1024


def test_large_pictures_have_their_turn_one_at_a_time() -> None:
    large, small = image.Image(np.zeros((2000, 2000), np.uint8)), image.Image(np.zeros((4, 4), np.uint8))
    inside, most = [0], [0]

    def look() -> None:
        with image.turn(large):
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            with image.turn(small):  # waits for nobody
                image.encode(large)
            inside[0] -= 1

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(look) for _ in range(8)]:
            done.result()
    assert most == [1]

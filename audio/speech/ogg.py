"""Gives the pages of an Ogg file a serial number of our own, so that the same sound is the same file.

libsndfile draws the number at random, and has no option for it; nor has another encoder among what this project needs
anyway. Source: RFC 3533, section 6. The checksum of a page is a CRC of polynomial
0x04C11DB7 that begins at 0 and is neither reflected nor inverted: it is linear, and a changed field changes it by the
checksum of the change alone.
"""

from __future__ import annotations

import struct

SERIAL = 1
_POLYNOMIAL = 0x104C11DB7
_HEADER, _SERIAL_AT, _CHECKSUM_AT, _COUNT_AT = 27, 14, 22, 26


def settle_serial(file: bytes) -> bytes:
    """The same file with the serial number SERIAL on every page.

    Raises
    ------
    ValueError
        Where it is not an Ogg file.
    """
    data = bytearray(file)
    start = 0
    while start < len(data):
        if data[start : start + 4] != b"OggS":
            raise ValueError(f"No Ogg page at byte {start}")
        segments = data[start + _COUNT_AT]
        table_end = start + _HEADER + segments
        end = table_end + sum(data[start + _HEADER : table_end])
        _change(data, start, end)
        start = end
    return bytes(data)


def _change(data: bytearray, start: int, end: int) -> None:
    (serial,) = struct.unpack_from("<I", data, start + _SERIAL_AT)
    (checksum,) = struct.unpack_from("<I", data, start + _CHECKSUM_AT)
    change = int.from_bytes(struct.pack("<I", serial ^ SERIAL), "big")
    following = end - (start + _SERIAL_AT + 4)
    checksum ^= _multiply(change, _power(8 * following + 32))
    struct.pack_into("<I", data, start + _SERIAL_AT, SERIAL)
    struct.pack_into("<I", data, start + _CHECKSUM_AT, checksum)


def _multiply(a: int, b: int) -> int:
    """The product of two polynomials over GF(2), modulo that of the checksum."""
    product = 0
    while b:
        if b & 1:
            product ^= a
        a <<= 1
        if a >> 32:
            a ^= _POLYNOMIAL
        b >>= 1
    return product


def _power(exponent: int) -> int:
    """x to this power, modulo the polynomial."""
    result, square = 1, 2
    while exponent:
        if exponent & 1:
            result = _multiply(result, square)
        square = _multiply(square, square)
        exponent >>= 1
    return result

"""What a QR code says: ZXing-C++, in several looks at the picture.

The picture as it is; sharpened and twice as large; twice as large (where it is large: half as large, then sharpened as
well). Most codes are read at once, small and soft ones in the second look. Of 80 codes that were drawn with 1.4 to 3
pixels a module the looks read 50, 67 and 67; blurring added none. An empty picture costs all three, ten times as much.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

# The longest side up to which a picture is enlarged, and of what is made smaller. Chosen.
_SMALL, _LARGE = 1300, 2600
# The unsharp mask: its sigma in pixels, and what it adds. Measured: 1.2 and 2.5 read as many.
_RADIUS, _AMOUNT = 1.5, 1.5


@dataclass(frozen=True)
class Code:
    """text: what it says. corners: in the picture's pixels, from the top left one of the code clockwise; 4 x 2."""

    text: str
    corners: NDArray[np.float64]


def read(grey: Pixels) -> Code | None:
    """The largest code that can be read in the first look that shows one; None where none does."""
    for look, scale in _looks(grey):
        codes = [_code(found, scale) for found in _found(look)]
        if codes:
            return max(codes, key=lambda code: float(cv2.contourArea(code.corners.astype(np.float32))))
    return None


def _found(look: Pixels) -> list[zxingcpp.Barcode]:
    # Its stub says that formats are one object of its own; a list is what it asks for when it runs.
    formats: Any = [zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.MicroQRCode]
    return [b for b in zxingcpp.read_barcodes(look, formats=formats, text_mode=zxingcpp.TextMode.Plain) if b.valid]


def _looks(grey: Pixels) -> Iterator[tuple[Pixels, float]]:
    """The picture as it is and otherwise, and by what it was scaled."""
    yield grey, 1.0
    longest = max(grey.shape)
    scale = 2.0 if longest <= _SMALL else min(0.5, _LARGE / longest)
    yield _scaled(_sharpened(grey) if scale > 1 else grey, scale), scale
    yield (_scaled(grey, scale) if scale > 1 else _sharpened(_scaled(grey, scale))), scale


def _sharpened(grey: Pixels) -> Pixels:
    """An unsharp mask."""
    soft = cv2.GaussianBlur(grey, (0, 0), _RADIUS)
    return np.asarray(cv2.addWeighted(grey, 1 + _AMOUNT, soft, -_AMOUNT, 0), np.uint8)


def _scaled(grey: Pixels, factor: float) -> Pixels:
    size = [max(1, round(n * factor)) for n in grey.shape[::-1]]
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(grey, size, interpolation=how), np.uint8)


def _code(found: zxingcpp.Barcode, scale: float) -> Code:
    at = found.position
    corners = [at.top_left, at.top_right, at.bottom_right, at.bottom_left]
    return Code(found.text, np.array([(p.x, p.y) for p in corners], np.float64) / scale)

"""`--draw`: a picture with what was found in it, as a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from audio.errors import BadInput
from audio.extras import how_to_install

_SUFFIXES = (".png", ".jpg", ".jpeg")


def path_of(out: Path, file: Path) -> Path:
    """Where the drawing of `file` goes: to `out`, or by its own name as PNG into the folder that `out` is."""
    return out if out.suffix.lower() in _SUFFIXES else out / f"{file.stem}.png"


def write(data: bytes, answer: Mapping[str, Any], path: Path) -> None:
    """Raises BadInput where it cannot be drawn or written."""
    try:
        from audio import image
        from audio.vision.draw import draw
    except ModuleNotFoundError as exc:
        raise BadInput(f"--draw needs OpenCV, and {exc.name} is not installed: {how_to_install('vision')}.") from exc
    drawn = image.encode(draw(image.decode(data), answer), "png" if path.suffix.lower() == ".png" else "jpg")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(drawn)
    except OSError as exc:
        raise BadInput(f"'{path}' cannot be written: {exc.strerror or exc}.") from exc

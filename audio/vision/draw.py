"""What a service found, drawn into the picture: boxes, words beside them, and where things go or look.

It goes by the fields of an answer and not by the name of a service, so that it draws what any of them finds.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from math import cos, sin
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from audio.image import Image

Pixels = NDArray[np.uint8]
Colour = tuple[int, int, int]

BOX, HEAD, GAZE, PAPER, INK = (255, 179, 0), (255, 111, 0), (0, 200, 140), (20, 20, 28), (255, 255, 255)
_EXPRESSIONS = ("neutral", "happiness", "surprise", "anger", "sadness")
_WORTH = 0.05  # what a second expression must have to be told
_FONT = cv2.FONT_HERSHEY_DUPLEX


def draw(picture: Image, answer: Mapping[str, Any]) -> Image:
    """The picture in colour with all that the answer says of places in it. An answer without any gives the picture."""
    pen = _Pen(picture)
    for item in _items(answer):
        for name, roi in item.items():
            if name == "roi" or name.endswith("_roi"):
                pen.box(roi)
        _turns(pen, item)
        if "mean_position" in item:
            x, y = item["mean_position"]
            pen.arrow((x, y), [_LEAP * v for v in item["mean_velocity"]], GAZE)
    for item in _items(answer):  # words last: over all lines
        where = item.get("roi") or next((v for k, v in item.items() if k.endswith("_roi")), None)
        if where is not None:
            pen.words(list(_words(item)), where)
    if isinstance(answer.get("data"), str):
        pen.words([answer["data"]], [0, 0, 0, 0])
    return Image(pen.pixels)


# A velocity is pixels a picture: drawn as where it leads in so many.
_LEAP = 10


def _items(answer: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The things that were found: members of the answer's lists and objects that are objects themselves."""
    for found in answer.values():
        members = found.values() if isinstance(found, Mapping) else found if isinstance(found, list) else ()
        yield from (m for m in members if isinstance(m, Mapping))


def _turns(pen: _Pen, item: Mapping[str, Any]) -> None:
    """Where a head points, from the nose, and where the eyes look, from each of them."""
    length = item["roi"][2] * 0.8 if item.get("roi") else 0
    if "head_yaw" in item and "nose" in item:
        pen.arrow(item["nose"], _towards(item["head_yaw"], item["head_pitch"], length), HEAD)
    for eye in ("eye_left", "eye_right"):
        if "gaze_yaw" in item and eye in item:
            pen.arrow(item[eye], _towards(item["gaze_yaw"], item["gaze_pitch"], length), GAZE)
    if item.get("gaze_confidence", 0) > 0:
        way = _towards(item["gaze"][0], item["gaze"][1], item["face_roi"][2] * 0.8)
        for eye in item.get("face_eye", ()):
            pen.arrow(eye, way, GAZE)


def _towards(yaw: float, pitch: float, length: float) -> list[float]:
    return [length * sin(yaw) * cos(pitch), -length * sin(pitch)]


def _words(item: Mapping[str, Any]) -> Iterator[str]:
    if "names" in item:
        first = next(iter(item["names"]), None)
        known = first is not None and first["confidence"] >= 0.5
        yield f"{first['key']} {percent(first['confidence'])}" if first and known else "nobody of the album"
    if "gender" in item:
        yield f"{item['gender']} {percent(item['gender_confidence'])}"
    if "age" in item:
        yield f"{item['age']} years"
    shares = sorted(((item[name], name) for name in _EXPRESSIONS if name in item), reverse=True)
    yield from (f"{name} {percent(share)}" for share, name in shares[:2] if share >= _WORTH)
    if "head_yaw" in item and "nose" in item:
        yield "head {:+.0f} {:+.0f} {:+.0f}".format(*np.degrees([item[f"head_{t}"] for t in ("yaw", "pitch", "roll")]))
    if not {"names", "age", "gender", "neutral", "head_yaw"} & item.keys():
        yield from (percent(value) for name, value in item.items() if name.endswith("roi_confidence"))


def percent(share: float) -> str:
    """A share of 1, as people read it."""
    return f"{100 * share:.0f} %"


class _Pen:
    """Lines and letters of a size that fits the picture."""

    def __init__(self, picture: Image) -> None:
        self.pixels: Pixels = picture.rgb.copy()
        self._thin = max(1, round(min(picture.width, picture.height) / 240))
        self._letter = max(0.4, min(picture.width, picture.height) / 900)

    def box(self, roi: Sequence[float]) -> None:
        left, top, width, height = (round(v) for v in roi)
        corners = (left, top), (left + width, top + height)
        cv2.rectangle(self.pixels, *corners, PAPER, self._thin + 2, cv2.LINE_AA)
        cv2.rectangle(self.pixels, *corners, BOX, self._thin, cv2.LINE_AA)

    def arrow(self, start: Sequence[float], way: Sequence[float], colour: Colour) -> None:
        begin = (round(start[0]), round(start[1]))
        end = (round(start[0] + way[0]), round(start[1] + way[1]))
        for shade, width in ((PAPER, self._thin + 2), (colour, self._thin)):
            cv2.arrowedLine(self.pixels, begin, end, shade, width, cv2.LINE_AA, tipLength=0.2)
            cv2.circle(self.pixels, begin, self._thin + width // 2, shade, -1, cv2.LINE_AA)

    def words(self, lines: list[str], roi: Sequence[float]) -> None:
        """Under the box, or over it where there is no room, or within the picture where there is none at all."""
        shown = [_plain(line) for line in lines]
        if not shown:
            return
        sizes = [cv2.getTextSize(line, _FONT, self._letter, 1) for line in shown]
        high = max(size[0][1] + size[1] for size in sizes) + 2 * self._thin
        wide, tall = max(size[0][0] for size in sizes) + 4 * self._thin, high * len(shown) + 2 * self._thin
        rows, columns = self.pixels.shape[:2]
        left = max(0, min(round(roi[0]), columns - wide))
        under, over = round(roi[1] + roi[3]) + 2 * self._thin, round(roi[1]) - tall - 2 * self._thin
        top = under if under + tall <= rows else over if over >= 0 else max(0, rows - tall)
        patch = self.pixels[top : top + tall, left : left + wide]
        patch[:] = (0.25 * patch + 0.75 * np.array(PAPER)).astype(np.uint8)
        for number, line in enumerate(shown):
            base = top + high * (number + 1) - 2 * self._thin
            cv2.putText(self.pixels, line, (left + 2 * self._thin, base), _FONT, self._letter, INK, 1, cv2.LINE_AA)


def _plain(text: str) -> str:
    """What the font can draw: letters without their accents, at most 40."""
    bare = unicodedata.normalize("NFKD", text[:40])
    return "".join(c if c.isascii() and c.isprintable() else "?" for c in bare if not unicodedata.combining(c))

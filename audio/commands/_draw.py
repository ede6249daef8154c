"""Drawing in a terminal: times, levels, spans and angles as lines of text.

Data in, lines out. Times are in seconds, levels in dBFS, angles in degrees, above 0 to the left. A Pen says what the
terminal can show: colours, and the block characters of Unicode; without them all is ASCII, and just as wide.
"""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO

LONGEST_LINE = 100
_SHORTEST_LINE = 72
_COLOURS = {"title": "1", "quiet": "2", "answer": "36", "good": "32", "bad": "33"}
# What is drawn, in Unicode and in ASCII.
_GLYPHS = {
    "truth": "━-",
    "answer": "█=",
    "marker": "●O",
    "true place": "│|",
    "grid": "·.",
    "silence": "·.",
    "rule": "─-",
    "degree": "° ",
}
_EIGHTHS = " ▁▂▃▄▅▆▇█"
_EIGHTHS_ASCII = "  ..:::##"  # a speck of level is nothing in ASCII: a row of dots would shout
_LEFT_EIGHTHS = " ▏▎▍▌▋▊▉█"
RULER_EXTRA = 2  # columns that a ruler may stand out to the right of its axis
_FLOOR = -60.0  # the dBFS of an empty meter

Span = tuple[float, float]


@dataclass(frozen=True)
class Pen:
    """How to draw. color: with ANSI colours. blocks: with Unicode. width: of the longest line, in columns."""

    color: bool = False
    blocks: bool = False
    width: int = LONGEST_LINE

    @classmethod
    def for_stream(cls, stream: TextIO, environment: Mapping[str, str]) -> Pen:
        """What suits a stream: colours in a terminal that wants them (https://no-color.org), Unicode where it can."""
        terminal = stream.isatty()
        color = terminal and not environment.get("NO_COLOR") and environment.get("TERM", "dumb") != "dumb"
        columns = shutil.get_terminal_size((LONGEST_LINE, 24)).columns if terminal else LONGEST_LINE
        return cls(color, _can_show(stream.encoding), max(_SHORTEST_LINE, min(LONGEST_LINE, columns)))

    def glyph(self, name: str) -> str:
        return _GLYPHS[name][0 if self.blocks else 1]

    def paint(self, text: str, ink: str) -> str:
        """The text in an ink: title, quiet, answer, good or bad. Its width stays."""
        return f"\x1b[{_COLOURS[ink]}m{text}\x1b[0m" if self.color and text.strip() else text

    def plain(self, text: str) -> str:
        """The text in what can be shown: without its accents where that is ASCII alone."""
        if self.blocks:
            return text
        letters = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
        return letters.encode("ascii", "ignore").decode("ascii")


def _can_show(encoding: str | None) -> bool:
    try:
        "".join(_GLYPHS[name][0] for name in _GLYPHS).encode(encoding or "ascii")
        (_EIGHTHS + _LEFT_EIGHTHS).encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


@dataclass(frozen=True)
class Axis:
    """Time from left to right: `seconds` of it, in at most `room` columns, a whole number of them a second."""

    seconds: float
    room: int

    @property
    def columns_a_second(self) -> int:
        return max(1, int(self.room // max(self.seconds, 1.0)))

    @property
    def columns(self) -> int:
        return max(1, min(self.room, round(self.seconds * self.columns_a_second)))

    def column(self, time: float) -> int:
        return min(self.columns - 1, max(0, int(time * self.columns_a_second)))

    def ruler(self) -> str:
        """The seconds, each over the column in which it begins."""
        every = 1 if self.columns_a_second >= 4 else 5
        times = range(0, int(self.seconds) + 1, every)
        return self.texts([(t, f"{t} s" if t == 0 else str(t)) for t in times], extra=RULER_EXTRA)

    def bars(self, spans: Iterable[Span], glyph: str) -> str:
        """A bar for each span, at least one column wide."""
        line = [" "] * self.columns
        for start, end in spans:
            first = self.column(start)
            last = max(first + 1, min(self.columns, round(end * self.columns_a_second)))
            line[first:last] = glyph * (last - first)
        return "".join(line)

    def texts(self, items: Iterable[tuple[float, str]], extra: int = 0) -> str:
        """Each text from its time on; where one would run into the next, it is cut short."""
        line = [" "] * (self.columns + extra)
        placed = sorted((int(time * self.columns_a_second), text) for time, text in items)
        for i, (column, text) in enumerate(placed):
            end = min(len(line), placed[i + 1][0] - 1) if i + 1 < len(placed) else len(line)
            piece = text[: max(0, end - column)]
            line[column : column + len(piece)] = piece
        return "".join(line).rstrip()


def meter(pen: Pen, levels: Sequence[float], rows: int) -> list[str]:
    """Levels (dBFS, one a column) as columns that stand on the floor of -60 dBFS and reach up to 0, top row first."""
    heights = [(max(_FLOOR, min(0.0, level)) - _FLOOR) / -_FLOOR * rows * 8 for level in levels]
    ramp = _EIGHTHS if pen.blocks else _EIGHTHS_ASCII
    lines = []
    for row in range(rows - 1, -1, -1):
        lines.append("".join(ramp[round(max(0.0, min(8.0, height - 8 * row)))] for height in heights))
    return lines


def gauge(pen: Pen, part: float, width: int) -> str:
    """A part of one, from 0 to 1, as a bar of `width` columns."""
    eighths = round(max(0.0, min(1.0, part)) * width * 8)
    if not pen.blocks:
        return ("#" * round(eighths / 8)).ljust(width)
    return ("█" * (eighths // 8) + _LEFT_EIGHTHS[eighths % 8].strip()).ljust(width)


@dataclass(frozen=True)
class Lane:
    """Angles from 90 degrees, at the left, to -90, at the right, in `width` columns: odd, so that 0 is the middle."""

    width: int

    def column(self, degrees: float) -> int:
        return round((90 - max(-90.0, min(90.0, degrees))) / 180 * (self.width - 1))

    def ruler(self) -> str:
        line = [" "] * self.width
        for degrees in (60, 30, 0, -30, -60):
            text = str(abs(degrees))
            start = self.column(degrees) - len(text) // 2
            line[start : start + len(text)] = text
        line[:4], line[-5:] = "left", "right"
        return "".join(line)

    def draw(self, pen: Pen, answer: float | None, truth: float | None) -> str:
        """A marker where the answer is, a line where the truth is, over a faint grid of 30 degrees."""
        cells = [" "] * self.width
        for degrees in (60, 30, 0, -30, -60):
            cells[self.column(degrees)] = pen.paint(pen.glyph("grid"), "quiet")
        if truth is not None:
            cells[self.column(truth)] = pen.glyph("true place")
        if answer is not None:
            cells[self.column(answer)] = pen.paint(pen.glyph("marker"), "answer")
        return "".join(cells)


def table(pen: Pen, head: Sequence[str], rows: Sequence[Sequence[str]], align: str) -> list[str]:
    """Rows in columns under a faint head. align: < or > for each column, as in a format."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        return "   ".join(f"{c:{a}{w}}" for c, a, w in zip(cells, align, widths, strict=True)).rstrip()

    return [pen.paint(line(head), "quiet"), *(line(row) for row in rows)]

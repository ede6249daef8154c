from __future__ import annotations

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.commands._draw import RULER_EXTRA, Axis, Lane, Pen, gauge, meter, table

ASCII = Pen()
BLOCKS = Pen(blocks=True)
COLOURS = Pen(color=True, blocks=True)
WITHOUT_COLOUR = re.compile(r"\x1b\[\d+m")


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_a_pipe_gets_no_colours_and_a_terminal_does() -> None:
    environment = {"TERM": "xterm"}
    assert Pen.for_stream(Terminal(), environment).color
    assert not Pen.for_stream(io.TextIOWrapper(io.BytesIO(), "utf-8"), environment).color


@pytest.mark.parametrize("environment", [{"TERM": "xterm", "NO_COLOR": "1"}, {"TERM": "dumb"}, {}])
def test_no_colours_where_they_are_not_wanted(environment: dict[str, str]) -> None:
    assert not Pen.for_stream(Terminal(), environment).color


@pytest.mark.parametrize(("encoding", "blocks"), [("utf-8", True), ("ascii", False), ("latin-1", False)])
def test_blocks_only_where_the_encoding_has_them(encoding: str, blocks: bool) -> None:
    assert Pen.for_stream(io.TextIOWrapper(io.BytesIO(), encoding), {}).blocks is blocks


def test_paint_keeps_the_text_and_says_nothing_about_blanks() -> None:
    assert COLOURS.paint("on", "answer") == "\x1b[36mon\x1b[0m"
    assert COLOURS.paint("  ", "answer") == "  "
    assert BLOCKS.paint("on", "answer") == "on"


def test_plain_text_is_ascii_and_readable() -> None:
    assert ASCII.plain("C'è Tür está Straße") == "C'e Tur esta Strasse"
    assert BLOCKS.plain("Tür") == "Tür"


def test_bars_lie_under_their_seconds() -> None:
    axis = Axis(4.0, 43)
    assert axis.columns_a_second == 10
    assert axis.columns == 40
    assert axis.ruler() == "0 s       1         2         3         4"
    assert axis.bars([(1.0, 1.5), (3.0, 3.01)], "#") == " " * 10 + "#####" + " " * 15 + "#" + " " * 9


def test_texts_do_not_run_into_each_other() -> None:
    axis = Axis(4.0, 40)
    assert axis.texts([(0.0, "a long name indeed"), (1.0, "short")]) == "a long na short"
    assert axis.texts([(3.5, "too long")]) == " " * 35 + "too l"


@given(
    seconds=st.floats(0.0, 1000.0),
    room=st.integers(1, 200),
    spans=st.lists(st.tuples(st.floats(0.0, 1100.0), st.floats(0.0, 1100.0))),
)
def test_nothing_is_wider_than_its_room(seconds: float, room: int, spans: list[tuple[float, float]]) -> None:
    axis = Axis(seconds, room)
    assert axis.columns <= room
    assert len(axis.bars(spans, "#")) == axis.columns
    assert len(axis.ruler()) <= room + RULER_EXTRA


def test_the_meter_stands_on_its_floor() -> None:
    assert meter(BLOCKS, [-60.0, -45.0, -30.0, -15.0, 0.0, 20.0, -200.0], 2) == ["   ▄██ ", " ▄████ "]
    assert meter(ASCII, [-60.0, -45.0, -30.0, 0.0], 2) == ["   #", " :##"]


@given(level=st.floats(-300.0, 30.0), rows=st.integers(1, 5))
def test_a_louder_sound_is_never_drawn_lower(level: float, rows: int) -> None:
    def height(at: float) -> int:
        return sum(" ▁▂▃▄▅▆▇█".index(row) for row in meter(BLOCKS, [at], rows))

    assert height(level) <= height(level + 1.0) <= 8 * rows


def test_gauges() -> None:
    assert gauge(BLOCKS, 0.5, 4) == "██  "
    assert gauge(BLOCKS, 0.53, 4) == "██▏ "
    assert gauge(ASCII, 0.5, 4) == "##  "
    assert gauge(BLOCKS, 2.0, 4) == "████"
    assert gauge(BLOCKS, -1.0, 4) == "    "


def test_left_is_left() -> None:
    lane = Lane(61)
    assert [lane.column(d) for d in (90, 60, 0, -30, -90, -120)] == [0, 10, 30, 40, 60, 60]
    drawn = lane.draw(BLOCKS, answer=60.0, truth=-30.0)
    assert drawn.index("●") == 10
    assert drawn.index("│") == 40
    assert len(WITHOUT_COLOUR.sub("", lane.draw(COLOURS, 60.0, -30.0))) == 61


@pytest.mark.parametrize("width", [15, 31, 55])
def test_the_degrees_stand_over_their_columns(width: int) -> None:
    lane = Lane(width)
    ruler = lane.ruler()
    assert len(ruler) == width
    assert ruler[lane.column(0)] == "0"
    assert ruler.startswith("left")
    assert ruler.endswith("right")


def test_a_table_is_as_wide_as_its_widest_cell() -> None:
    lines = table(ASCII, ("", "took"), [("a long one", "1 ms"), ("b", "12345 ms")], "<>")
    assert lines == ["                 took", "a long one       1 ms", "b            12345 ms"]

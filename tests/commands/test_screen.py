from __future__ import annotations

import os
import pty
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO

import pytest

from audio.commands._screen import Screen, meter


@dataclass(frozen=True)
class Terminal:
    """reading: where what is written on `stream` comes out."""

    reading: int
    stream: TextIO


@contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    """What stdout and stderr are: a terminal of 40 columns."""
    reading, writing = pty.openpty()
    stream: TextIO = os.fdopen(writing, "w", encoding="utf-8")
    monkeypatch.setattr("sys.stdout", stream)
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("COLUMNS", "40")
    try:
        yield Terminal(reading, stream)
    finally:
        monkeypatch.undo()
        stream.close()
        os.close(reading)


def shown(terminal: Terminal) -> list[str]:
    """What a person sees: the lines of the screen."""
    terminal.stream.write("\0")  # the kernel takes its time: all that was written before has come when this has
    terminal.stream.flush()
    data = b""
    while not data.endswith(b"\0"):
        data += os.read(terminal.reading, 4096)
    lines = [""]
    for piece in data[:-1].decode().replace("\r\n", "\n").replace("\r\x1b[K", "\r"):
        if piece == "\n":
            lines.append("")
        elif piece == "\r":
            lines[-1] = ""
        else:
            lines[-1] += piece
    return lines


def test_lines_push_the_status_down_and_leave_no_trace_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch) as seen:
        screen = Screen(status=True)
        screen.status("-20 dBFS")
        screen.data("12:00:00.0  ON   voice")
        screen.status("-21 dBFS")
        screen.note("12:00:01.0  gateway: away")
        screen.status("-22 dBFS")
        screen.status("-9 dBFS")
        assert shown(seen) == ["12:00:00.0  ON   voice", "12:00:01.0  gateway: away", "-9 dBFS"]
        screen.clear()
        screen.data("the end")
        assert shown(seen) == ["the end", ""]


def test_the_status_never_wraps(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch) as seen:
        Screen(status=True).status("x" * 100)
        assert shown(seen) == ["x" * 39]


def test_where_there_is_no_terminal_there_are_no_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    screen = Screen(status=True)
    screen.status("-20 dBFS")
    screen.data("{}")
    screen.clear()
    assert capsys.readouterr() == ("{}\n", "-20 dBFS\n")
    assert screen.period == 1.0


@pytest.mark.parametrize(
    ("level", "bar"),
    [(0.0, "[########################]   0.0 dBFS"), (-30.0, "[############            ] -30.0 dBFS")],
)
def test_the_meter(level: float, bar: str) -> None:
    assert meter(level) == bar


@pytest.mark.parametrize("level", [-60.0, -90.0, float("-inf")])
def test_the_meter_of_silence_is_empty(level: float) -> None:
    assert "#" not in meter(level)

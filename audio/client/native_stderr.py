"""File descriptor 2 without the chatter of ALSA, JACK and PortAudio, which write there past Python."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

_lock = threading.Lock()
_depth = 0
_saved = -1
_own: TextIO | None = None


@contextmanager
def muted() -> Iterator[None]:
    """Descriptor 2 leads nowhere while this lasts, in any thread; what Python prints on sys.stderr still arrives."""
    _enter()
    try:
        yield
    finally:
        _leave()


def _enter() -> None:
    global _depth, _saved, _own
    with _lock:
        _depth += 1
        if _depth > 1:
            return
        sys.stderr.flush()
        _saved = os.dup(2)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)
        if _writes_to_2(sys.stderr):
            _own = sys.stderr
            sys.stderr = open(  # noqa: SIM115
                _saved, "w", encoding=_own.encoding, errors="backslashreplace", buffering=1, closefd=False
            )


def _leave() -> None:
    global _depth, _saved, _own
    with _lock:
        _depth -= 1
        if _depth:
            return
        if _own is not None:
            sys.stderr.flush()
            sys.stderr, _own = _own, None
        os.dup2(_saved, 2)
        os.close(_saved)
        _saved = -1


def _writes_to_2(stream: TextIO) -> bool:
    try:
        return stream.fileno() == 2
    except (OSError, ValueError):  # not a file: some test's or notebook's own stream
        return False

"""Carries what processes tell each other to those on other machines, by way of the database that all share.

A thread a process: what is told here goes out in one transaction for all that came within a moment, and what comes in
goes to this process's end of the bus. Nothing waits for it. What is lost while the database is away is found by who
looks by himself.
"""

from __future__ import annotations

import contextlib
import os
import select
import threading
import time
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from audio.stores import machine
from audio.stores.notices import LARGEST, Notices

_REMIND_SECONDS = 1.0
_EACH_SECONDS = 0.02  # between two transactions: nobody sees it
_AGAIN_SECONDS = 1.0  # after one that failed
_MOST = 1000  # messages that wait to go out


class Relay:
    """take: is given what other machines told. remind: is called about once a second, to tell what lasts."""

    def __init__(self, url: str, run_dir: Path, take: Callable[[bytes], None], remind: Callable[[], None]) -> None:
        self._url, self._take, self._remind = url, take, remind
        # The processes of one machine, or of one container, share this folder.
        place = run_dir.stat()
        self._here = f"{machine.boot()}:{place.st_dev}:{place.st_ino}"
        self._waiting: dict[str, None] = {}  # in their order, and each once
        self._read, self._write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="relay", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def tell(self, message: bytes) -> None:
        """Tell the other machines."""
        if len(self._waiting) < _MOST and not self._stopping:
            self._waiting[f"{self._here}\n{message.decode().replace(chr(0), chr(10), 1)}"] = None
            self._wake()

    def stop(self) -> None:
        self._stopping = True
        self._wake()
        self._thread.join()
        for end in (self._read, self._write):
            os.close(end)

    def _wake(self) -> None:
        with contextlib.suppress(BlockingIOError):  # it is awake already
            os.write(self._write, b".")

    def _run(self) -> None:
        while not self._stopping:
            try:
                notices = Notices(self._url)
            except sa.exc.SQLAlchemyError:
                self._rest(_AGAIN_SECONDS)
                continue
            with contextlib.closing(notices), contextlib.suppress(*notices.failures):
                self._carry(notices)
            self._rest(_AGAIN_SECONDS)

    def _rest(self, seconds: float) -> None:
        if not self._stopping:
            time.sleep(seconds)

    def _carry(self, notices: Notices) -> None:
        reminded, look = 0.0, select.poll()
        for end in (notices.fileno(), self._read):
            look.register(end, select.POLLIN)
        while not self._stopping:
            if time.monotonic() - reminded >= _REMIND_SECONDS:
                reminded = time.monotonic()
                self._remind()
            if any(end == self._read for end, _ in look.poll(1000 * _REMIND_SECONDS)):
                os.read(self._read, _MOST)
            out = list(self._waiting)
            for message in out:  # first, as it may be told again meanwhile
                self._waiting.pop(message)
            if out:
                notices.tell([message for message in out if len(message.encode()) <= LARGEST])
            for message in notices.read():
                here, _, rest = message.partition("\n")
                if here != self._here:
                    self._take(rest.encode().replace(b"\n", b"\0", 1))
            self._rest(_EACH_SECONDS)

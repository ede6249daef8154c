"""A program, such as `audio ...`, as a process of its own, with its lines as they come."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import IO, Any

DEADLINE = 90.0  # seconds; of a machine that does much else


class Program:
    """Runs Python with these arguments. out, err: the lines so far.

    terminal: stdout is one. group: it has a process group of its own, so that its children can be killed with it.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        env: Mapping[str, str],
        *,
        stdin: int = subprocess.DEVNULL,
        terminal: bool = False,
        group: bool = False,
    ) -> None:
        reading, writing = pty.openpty() if terminal else os.pipe()
        self.process = subprocess.Popen(
            [sys.executable, *arguments],
            env={**env, "PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            stdin=stdin,
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=group,
        )
        os.close(writing)
        self.out: list[str] = []
        self.err: list[str] = []
        self._changed = threading.Condition()
        assert self.process.stderr is not None
        self._pipes = (os.fdopen(reading, encoding="utf-8"), self.process.stderr)
        self._readers = [
            threading.Thread(target=self._read, args=pair, daemon=True)
            for pair in zip(self._pipes, (self.out, self.err), strict=True)
        ]
        for reader in self._readers:
            reader.start()

    @property
    def results(self) -> list[dict[str, Any]]:
        """The JSON lines so far."""
        return [json.loads(line) for line in list(self.out)]

    def until(self, condition: Callable[[], bool], deadline: float = DEADLINE) -> None:
        """Wait until a condition on the lines holds; fails when it never does, or the program ends before."""
        with self._changed:
            held = self._changed.wait_for(lambda: condition() or self._ended(), deadline)
        assert held and condition(), f"It never came.\nstdout: {self.out[-5:]}\nstderr: {self.err[-10:]}"

    def said(self, words: str) -> bool:
        """Whether a line on stderr has these words."""
        return any(words in line for line in list(self.err))

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def end(self, deadline: float = DEADLINE) -> int:
        """The exit code, once all lines are read."""
        try:
            code = self.process.wait(deadline)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"It does not end.\nstdout: {self.out[-5:]}\nstderr: {self.err[-10:]}") from None
        self._close()
        return code

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._close()

    def _close(self) -> None:
        for reader, pipe in zip(self._readers, self._pipes, strict=True):
            reader.join(DEADLINE)
            pipe.close()

    def _ended(self) -> bool:
        return self.process.poll() is not None and not any(reader.is_alive() for reader in self._readers)

    def _read(self, pipe: IO[str], lines: list[str]) -> None:
        with suppress(OSError):  # how a terminal says that its program has ended
            for line in pipe:
                with self._changed:
                    lines.append(line.rstrip("\r\n"))
                    self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()


def audio(*arguments: object, env: Mapping[str, str], **settings: Any) -> Program:
    """Runs `audio ARGUMENTS`; settings are those of Program."""
    return Program(["-m", "audio.cli", *map(str, arguments)], env, **settings)


def clean_environment(**more: str) -> dict[str, str]:
    """The environment without a gateway's address and credentials in it."""
    return {**{k: v for k, v in os.environ.items() if not k.startswith("AUDIO_")}, **more}

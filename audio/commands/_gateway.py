"""A gateway of one's own for as long as it is needed: the `audio serve` that anybody runs, in a process of its own."""

from __future__ import annotations

import json
import os
import re
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

import audio
from audio.errors import AudioError

START_SECONDS = 60.0
_END_SECONDS = 15.0
_LISTENING = re.compile(r"Listening on (\S+)")


@dataclass(frozen=True)
class Running:
    """A gateway that runs: its URL, and the credentials of a stream."""

    url: str
    client_id: str
    access_token: str


@contextmanager
def gateway() -> Iterator[Running]:
    """Run a gateway with its defaults on a free port of this machine and a data directory that is removed after.

    It is ended with the block, also when this process is told to end. Raises AudioError where it does not start.
    """
    with tempfile.TemporaryDirectory(prefix="audio-gateway-") as directory, _ended_politely():
        # Away from any audio.toml, and with nothing of AUDIO_..: the defaults.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AUDIO_")}
        root = str(Path(audio.__file__).resolve().parents[1])
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
        options = ["--data-dir", str(Path(directory) / "data")]
        credentials = _create_stream(options, environment, directory)
        with (Path(directory) / "log").open("w+") as log:
            child = subprocess.Popen(
                [sys.executable, "-m", "audio.cli", "serve", "--host", "127.0.0.1", "--port", "0", *options],
                cwd=directory,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
            try:
                yield Running(_url(child, log), **credentials)
            finally:
                _end(child)


def _create_stream(options: list[str], environment: dict[str, str], directory: str) -> dict[str, str]:
    command = [sys.executable, "-m", "audio.cli", "streams", "create", "demo", "--json", *options]
    done = subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, timeout=START_SECONDS
    )
    if done.returncode:
        raise AudioError(f"No stream could be made on the gateway: {_last_line(done.stderr)}")
    made: dict[str, str] = json.loads(done.stdout)
    return {key: made[key] for key in ("client_id", "access_token")}


def _url(child: subprocess.Popen[bytes], log: IO[str]) -> str:
    """Wait for the line that says where it listens."""
    assert child.stdout is not None
    deadline = time.monotonic() + START_SECONDS
    said = b""
    with selectors.DefaultSelector() as ready:
        ready.register(child.stdout, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0:
            if not ready.select(left):
                break
            data = os.read(child.stdout.fileno(), 4096)
            said += data
            if found := _LISTENING.search(said.decode("utf-8", "replace")):
                return found[1]
            if not data:
                break
    log.seek(0)
    raise AudioError(f"The gateway did not start: {_last_line(log.read())}")


def _end(child: subprocess.Popen[bytes], patience: float = _END_SECONDS) -> None:
    """End the gateway and all processes that it made."""
    child.terminate()
    try:
        child.wait(patience)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    if child.stdout is not None:
        child.stdout.close()


@contextmanager
def _ended_politely() -> Iterator[None]:
    """Make SIGTERM and SIGHUP run what is to be run at the end, as SIGINT does."""

    def leave(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing."

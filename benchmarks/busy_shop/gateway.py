"""The gateway of the busy shop: processes of its own that can be killed, and started again at the same address."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from urllib.parse import urlsplit


class Gateway:
    """`audio serve` with these options, at a port that it keeps. killed: whether it ever was."""

    def __init__(self, options: Sequence[str]) -> None:
        self._options = options
        self._serves = threading.Event()
        self.address = ("127.0.0.1", 0)
        self.killed = False
        self._start()

    def _start(self) -> None:
        command = [sys.executable, "-m", "benchmarks.busy_shop.eyes", *self._options, "--port", str(self.address[1])]
        environ = {**os.environ, "AUDIO_RESULT_SECONDS": "60"}
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=environ, start_new_session=True
        )
        assert self._process.stdout is not None
        url = urlsplit(next(line for line in self._process.stdout if line.startswith("Listening")).split()[2])
        self.address = (str(url.hostname), int(url.port or 0))
        self._serves.set()

    def kill(self) -> None:
        """All its processes, as when the power fails; it is there again when this returns."""
        self._serves.clear()
        self.killed = True
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()
        self._start()

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.communicate(timeout=60)

    def post(self, line: http.client.HTTPConnection, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """Status and answer of a job of scene_analysis; sent again where it was killed meanwhile."""
        try:
            return _sent(line, body, headers)
        except (OSError, http.client.HTTPException):
            if not self.killed:
                raise
        line.close()
        self._serves.wait(60)
        return _sent(line, body, headers)


def _sent(line: http.client.HTTPConnection, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    line.request("POST", "/services/scene_analysis/1/jobs", body, headers)
    reply = line.getresponse()
    return reply.status, reply.read()

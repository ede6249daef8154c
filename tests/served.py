"""`audio serve` as a process of its own, to be killed and started again at the same address."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from tests.program import Program, audio, clean_environment


class Served:
    """A gateway with a stream of its own in a data directory that outlives it."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        made = subprocess.run(
            [sys.executable, "-m", "audio.cli", "streams", "create", "test", "--data-dir", data_dir, "--json"],
            env=clean_environment(),
            capture_output=True,
            check=True,
        )
        credentials = json.loads(made.stdout)
        self.env = {
            "AUDIO_GATEWAY": self.url,
            "AUDIO_CLIENT_ID": credentials["client_id"],
            "AUDIO_ACCESS_TOKEN": credentials["access_token"],
        }
        self._program: Program | None = None

    def start(self) -> None:
        options = ["--port", self._port, "--workers", 1, "--data-dir", self._data_dir]
        program = self._program = audio("serve", *options, env=clean_environment(), group=True)
        program.until(lambda: any("Listening on" in line for line in program.out))

    def kill(self) -> None:
        """Without a warning, as when the power fails."""
        if self._program is not None:
            os.killpg(self._program.process.pid, signal.SIGKILL)
            self._program.end()
            self._program = None

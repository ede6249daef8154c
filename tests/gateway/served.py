"""`audio serve` as it is run: its own processes, a real port, a data directory that may outlive them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from audio.engine.config import Settings
from audio.engine.prepare import prepare
from audio.stores import streams
from audio.stores.database import Database
from tests.gateway.client import Client

ROOT = Path(__file__).parents[2]


class Served:
    """A running `audio serve` with the probe among its services; its output is in `log`."""

    def __init__(self, data_dir: Path, *arguments: str, workers: int = 2, port: int = 0, **settings: object) -> None:
        self.data_dir = data_dir
        self._database = str(settings.get("database", ""))
        self._output = data_dir.parent / f"{data_dir.name}.log"
        command = [sys.executable, "-m", "tests.probe", "serve", "--data-dir", str(data_dir)]
        command += ["--port", str(port), "--workers", str(workers), *arguments]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AUDIO_")}
        environ = {f"AUDIO_{name.upper()}": str(value) for name, value in settings.items()}
        with self._output.open("a") as output:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**kept, **environ, "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=output,
                text=True,
                start_new_session=True,
            )
        self._shown: tuple[str, str] | None = None
        assert self.process.stdout is not None
        self.said = self.process.stdout.readline()
        found = re.match(r"Listening on (https?://\S+:(\d+)) ", self.said)
        assert found, self.said + self.log
        self.url, self.port = found[1], int(found[2])

    @property
    def log(self) -> str:
        return self._output.read_text()

    def client(self) -> Client:
        """A client of a new stream."""
        settings = Settings(data_dir=str(self.data_dir), database=self._database)
        prepare(settings)
        database = Database(settings.database_url)
        with database.write() as connection:
            credentials = streams.create(connection, "another")
        database.close()
        http = requests.Session()
        http.auth = (credentials.client_id, credentials.access_token)
        return Client(self.url, http)

    def shown(self) -> tuple[str, str]:
        """The credentials of the stream that its first start made."""
        if self._shown is None:
            assert self.process.stdout is not None
            while "--access-token" not in self.said:
                line = self.process.stdout.readline()
                assert line, self.said
                self.said += line
            found = re.search(r"--client-id (\S+) --access-token (\S+)", self.said)
            assert found, self.said
            self._shown = (found[1], found[2])
        return self._shown

    def workers(self) -> list[int]:
        """The process ids of the workers."""
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def again(self, client: Client) -> Client:
        """The same client, at where this one listens."""
        return Client(self.url, client.http)

    def kill(self) -> None:
        """As a machine does that loses its power: all processes, at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self._wait()

    def stop(self, number: signal.Signals = signal.SIGTERM, *, group: bool = False, seconds: float = 30) -> int:
        """End it by a signal; the exit code."""
        if group:
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)
        return self._wait(seconds)

    def _wait(self, seconds: float = 30) -> int:
        assert self.process.stdout is not None
        with self.process.stdout:
            self.said += self.process.stdout.read()
        return self.process.wait(seconds)


@contextmanager
def serving(data_dir: Path, *arguments: str, workers: int = 2, port: int = 0, **settings: object) -> Iterator[Served]:
    served = Served(data_dir, *arguments, workers=workers, port=port, **settings)
    try:
        yield served
    finally:
        if served.process.poll() is None:
            served.kill()

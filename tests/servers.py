"""Throwaway servers for tests: PostgreSQL and Redis, with nothing that lasts."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
import psycopg
import pytest
import redis
from moto.server import ThreadedMotoServer

from audio.stores.database import migrate
from tests.waiting import until

_SPEED = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")


class Postgres:
    """A server of its own."""

    def __init__(self, folder: Path, binaries: Path, user: str) -> None:
        self._data, self._binaries, self._user = folder / "data", binaries, user
        # As root it does not run: then it is that of the distribution's own user.
        self._as = {"user": user, "group": user, "extra_groups": []} if os.geteuid() == 0 else {}
        self._run("initdb", "--no-sync", "--auth=trust", "--username=audio", "--encoding=UTF8", "--locale=C")
        self._socket, self._made = folder, ""
        self.process: subprocess.Popen[bytes] | None = None

    def _run(self, name: str, *arguments: str) -> None:
        command = [self._binaries / name, *arguments, "-D", self._data]
        subprocess.run(command, check=True, capture_output=True, cwd="/", **self._as)  # type: ignore[call-overload]

    def start(self) -> None:
        options = [part for one in _SPEED for part in ("-c", one)]
        # On a socket of its own folder alone, whose name is the host: no port is taken.
        command = [self._binaries / "postgres", "-D", self._data, "-k", self._socket, "-h", "", *options]
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **self._as
        )  # type: ignore[call-overload]
        until(self.answers)

    def answers(self) -> bool:
        try:
            psycopg.connect(self.of("postgres")).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, number: signal.Signals = signal.SIGINT) -> None:
        """As an administrator does who is in a hurry: connections are cut."""
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait(30)

    def of(self, name: str) -> str:
        return f"postgresql://audio@/{name}?host={self._socket}"

    def bare(self, template: str = "template1") -> str:
        """The URL of a new database."""
        name = f"t{uuid.uuid4().hex}"
        with psycopg.connect(self.of("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")  # type: ignore[call-overload]
        return self.of(name)

    def fresh(self) -> str:
        """The URL of a new database, which has its tables."""
        if not self._made:
            self._made = self.bare()
            migrate(self._made.replace("://", "+psycopg://", 1), Path("/"))
        return self.bare(self._made.partition("?")[0].rpartition("/")[2])


def _binaries() -> Path | None:
    """Debian keeps them out of the PATH."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    return next((folder for folder in reversed(folders) if (folder / "initdb").exists()), None)


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A running one; the test is skipped where there is none to be had."""
    binaries, user = _binaries(), "postgres" if os.geteuid() == 0 else getpass.getuser()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    # Not pytest's own folder, which is for its user alone; and short, as the names of sockets are.
    with tempfile.TemporaryDirectory(prefix="audio-pg-", dir="/tmp") as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, user)
        server = Postgres(Path(folder), binaries, user)
        server.start()
        try:
            yield server
        finally:
            server.stop(signal.SIGQUIT)  # nothing of it is needed any more


class Redis:
    """A server of its own, on a socket in a folder alone. url: of its one database."""

    def __init__(self, folder: Path, binary: str) -> None:
        self._folder, self._binary = folder, binary
        self.url = f"unix://{folder}/socket"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *options: str) -> None:
        command = [self._binary, "--port", "0", "--unixsocket", str(self._folder / "socket"), "--save", ""]
        command += ["--dir", str(self._folder), *options]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(self.answers)

    def answers(self) -> bool:
        with redis.Redis.from_url(self.url) as client:
            try:
                return bool(client.ping())
            except redis.ConnectionError:
                return False

    def flush(self) -> None:
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def stop(self) -> None:
        """As when its machine loses its power."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(30)


@contextmanager
def redis_server(*options: str) -> Iterator[Redis]:
    """A running one, of Redis or Valkey; the test is skipped where there is none to be had."""
    binary = shutil.which("redis-server") or shutil.which("valkey-server")
    if binary is None:
        pytest.skip("Redis is not installed (Debian: redis-server)")
    with tempfile.TemporaryDirectory(prefix="audio-redis-", dir="/tmp") as folder:
        server = Redis(Path(folder), binary)
        server.start(*options)
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def bucket() -> Iterator[str]:
    """The URL of a bucket of a server that speaks as S3 does, in a thread of this process."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    address, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("ACCESS_KEY_ID", "test"), ("SECRET_ACCESS_KEY", "test"), ("DEFAULT_REGION", "us-east-1")):
            patch.setenv(f"AWS_{name}", value)
        endpoint = f"http://{address}:{port}"
        boto3.client("s3", endpoint_url=endpoint).create_bucket(Bucket="audio")
        yield f"s3://audio?endpoint_url={endpoint}"
    server.stop()

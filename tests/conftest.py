from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as audio serve does, before numpy is loaded

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import requests

from audio.application import create_app
from audio.engine.config import Settings
from audio.engine.prepare import prepare
from audio.gateway.loop import Loop, ProcessTable
from audio.gateway.server import listen
from audio.stores import streams
from audio.stores.database import Database
from tests import servers

# A busy machine is no failure.
hypothesis.settings.register_profile(
    "audio",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.data_too_large],
)
hypothesis.settings.load_profile("audio")

FIXTURES = Path(__file__).parent.parent / "fixtures"


@dataclass(frozen=True)
class RunningGateway:
    """A gateway that listens on 127.0.0.1, in a thread of this process."""

    url: str
    client_id: str
    access_token: str
    app: Any
    settings: Settings

    def http(self) -> requests.Session:
        session = requests.Session()
        session.auth = (self.client_id, self.access_token)
        return session

    def new_stream(self, name: str = "another") -> requests.Session:
        with self.app.extensions["audio"].database.write() as connection:
            credentials = streams.create(connection, name)
        session = requests.Session()
        session.auth = (credentials.client_id, credentials.access_token)
        return session


@contextmanager
def running_gateway(data_dir: Path, port: int = 0, **settings: Any) -> Iterator[RunningGateway]:
    chosen = Settings(data_dir=str(data_dir), **settings)
    prepare(chosen)
    app = create_app(chosen)
    gateway = app.extensions["audio"]
    gateway.open()
    with gateway.database.write() as connection:
        credentials = streams.create(connection, "test")
    try:
        with listening(app, chosen, port) as url:
            yield RunningGateway(url, credentials.client_id, credentials.access_token, app, chosen)
    finally:
        gateway.close()


@contextmanager
def listening(app: Any, settings: Settings, port: int = 0) -> Iterator[str]:
    """The server of `audio serve`, in a thread of this process; its URL."""
    listener = listen("127.0.0.1", port)
    listener.listen()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    started = threading.Event()
    stops: list[Any] = []
    server = Loop(app, settings, listener, ProcessTable(1), 0, 1000)

    def until(stop: asyncio.Event) -> None:
        stops.extend((asyncio.get_running_loop(), stop))

    thread = threading.Thread(target=server.run, args=(started.set, until))
    thread.start()
    assert started.wait(30)
    try:
        yield url
    finally:
        loop, stop = stops
        loop.call_soon_threadsafe(stop.set)
        thread.join()


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    with running_gateway(tmp_path_factory.mktemp("gateway")) as running:
        yield running


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A new one, in the data directory `data`."""
    settings = Settings(data_dir=str(tmp_path / "data"))
    prepare(settings)
    opened = Database(settings.database_url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[servers.Postgres]:
    """A server of databases that is shared: each test has one of its own there."""
    with servers.postgres() as running:
        yield running


@pytest.fixture(scope="session")
def redis() -> Iterator[servers.Redis]:
    """A store of sessions that is shared: each test has all of it, emptied before."""
    with servers.redis_server() as running:
        yield running


@pytest.fixture(scope="session")
def bucket() -> Iterator[str]:
    """The URL of a bucket, in a server of this process."""
    with servers.bucket() as url:
        yield url

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as audio serve does, before numpy is loaded

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import requests
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from audio.application import create_app
from audio.engine.config import Settings
from audio.engine.prepare import prepare
from audio.stores import streams

# A busy machine is no failure.
hypothesis.settings.register_profile(
    "audio",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.data_too_large],
)
hypothesis.settings.load_profile("audio")

FIXTURES = Path(__file__).parent.parent / "fixtures"


class QuietHandler(WSGIRequestHandler):
    """HTTP/1.1 with kept-alive connections, as gunicorn speaks it, and no log."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        pass


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
    server = ThreadedWSGIServer("127.0.0.1", port, app, handler=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield RunningGateway(
            f"http://127.0.0.1:{server.port}", credentials.client_id, credentials.access_token, app, chosen
        )
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        gateway.close()


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    with running_gateway(tmp_path_factory.mktemp("gateway")) as running:
        yield running

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import probe
from tests.conftest import RunningGateway
from tests.gateway.client import Client
from tests.gateway.served import Served, serving


@pytest.fixture(autouse=True, scope="package")
def _probe() -> Iterator[None]:
    with probe.registered():
        yield


@pytest.fixture(autouse=True)
def _nobody_waits() -> Iterator[None]:
    probe.GO.clear()
    yield
    probe.GO.set()


@pytest.fixture
def client(gateway: RunningGateway) -> Client:
    """A client of its own for each test, so that none sees the jobs of another."""
    return Client(gateway.url, gateway.new_stream())


@pytest.fixture(scope="package")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """`audio serve` with two workers, for what the server in a thread does not do as it does."""
    with serving(tmp_path_factory.mktemp("served") / "data", max_body_mb=1, receive_seconds=1) as running:
        yield running

from __future__ import annotations

from collections.abc import Iterator

import pytest

from audio.services import registry
from audio.services.base import Service, Sound
from tests import probe
from tests.conftest import RunningGateway
from tests.contract.client import Client


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Over every registered service, and the tests' own: `service` is each, `hearing` each that takes sound."""
    services = [*registry.services().values(), probe.SERVICE]
    hearing = [s for s in services if any(isinstance(d, Sound) for d in s.declarations.values())]
    for name, found in (("service", services), ("hearing", hearing)):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, found, ids=[f"{s.name}-{s.version}" for s in found])


@pytest.fixture(autouse=True, scope="package")
def _probe() -> Iterator[None]:
    with probe.registered():
        yield


@pytest.fixture(scope="package")
def client(gateway: RunningGateway) -> Client:
    return Client(gateway.url, gateway.http())


@pytest.fixture
def url(client: Client, service: Service) -> str:
    return client.jobs(service)

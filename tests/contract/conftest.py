from __future__ import annotations

from collections.abc import Iterator

import pytest

from audio.services import registry
from audio.services.base import Service
from tests import brightness, probe
from tests.conftest import RunningGateway
from tests.contract import over
from tests.contract.client import Client
from tests.docs import page


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Over every registered service, and the tests' own."""
    over.parametrize(metafunc, [*registry.services().values(), probe.SERVICE, brightness.SERVICE, page.service()])


@pytest.fixture(autouse=True, scope="package")
def _registered() -> Iterator[None]:
    with probe.registered(), brightness.registered(), page.registered():
        yield


@pytest.fixture(scope="package")
def client(gateway: RunningGateway) -> Client:
    return Client(gateway.url, gateway.http())


@pytest.fixture
def url(client: Client, service: Service) -> str:
    return client.jobs(service)

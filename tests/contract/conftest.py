from __future__ import annotations

from collections.abc import Iterator

import pytest

from audio.services import registry
from audio.services.base import Service
from audio.services.inputs import Sound
from tests import brightness, probe
from tests.conftest import RunningGateway
from tests.contract.client import Client
from tests.docs import page


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Over every registered service, and the tests' own.

    `service` is each, `filed` each that takes a file, `timed` each whose sessions have a clock, `hearing` each that
    takes sound.
    """
    services = [*registry.services().values(), probe.SERVICE, brightness.SERVICE, page.service()]
    fixtures = {
        "service": services,
        "filed": [s for s in services if s.files],
        "timed": [s for s in services if s.timed],
        "hearing": [s for s in services if any(isinstance(d, Sound) for d in s.files.values())],
    }
    for name, found in fixtures.items():
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, found, ids=[f"{s.name}-{s.version}" for s in found])


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

from __future__ import annotations

from collections.abc import Iterator

import pytest

from audio.client import Root, Service, connect
from tests.client.isolation import home
from tests.client.scripted import ScriptedServer
from tests.conftest import RunningGateway

__all__ = ["home"]


@pytest.fixture
def root(gateway: RunningGateway) -> Iterator[Root]:
    with connect(gateway.url, client_id=gateway.client_id, access_token=gateway.access_token) as root:
        yield root


@pytest.fixture
def dummy(root: Root) -> Service:
    return root.services.get_service("dummy", version=1)


@pytest.fixture
def scripted() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server

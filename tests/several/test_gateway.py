"""Jobs, blobs, events and streams of the SDK, once more."""

from __future__ import annotations

import pytest

from tests.conftest import RunningGateway
from tests.gateway.client import Client
from tests.gateway.test_blobs import *  # noqa: F403
from tests.gateway.test_events import *  # noqa: F403
from tests.gateway.test_jobs import *  # noqa: F403
from tests.gateway.test_sdk_streams import *  # noqa: F403


@pytest.fixture
def client(gateway: RunningGateway) -> Client:
    return Client(gateway.url, gateway.new_stream())

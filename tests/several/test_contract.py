"""The contract of services over HTTP, once more: of those whose sessions differ most."""

from __future__ import annotations

import pytest

from audio.services import registry
from audio.services.base import Service
from tests import brightness, probe
from tests.conftest import RunningGateway
from tests.contract import over
from tests.contract.client import Client
from tests.contract.test_jobs import (  # noqa: F401
    test_a_blob_is_as_good_as_an_attachment,
    test_a_blob_of_another_client_does_not_exist,
    test_asynchronous,
    test_synchronous,
    test_the_same_again_is_the_same,
)
from tests.contract.test_sessions import (  # noqa: F401
    test_an_offset_that_is_past_is_refused_and_changes_nothing,
    test_chunked_equals_whole_over_http,
    test_every_service_takes_a_session,
    test_offsets_without_a_hole_change_nothing,
    test_the_last_chunk_again_gets_the_same_answer_and_changes_nothing,
    test_two_sessions_do_not_mix,
    test_what_a_session_is_of_is_constant,
)

_CHOSEN = (("dummy", 1), ("sound_detection", 1), ("sound_localization", 1))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    chosen = [service for key in _CHOSEN if (service := registry.get(*key)) is not None]
    over.parametrize(metafunc, [*chosen, probe.SERVICE, brightness.SERVICE])


@pytest.fixture
def client(gateway: RunningGateway) -> Client:
    return Client(gateway.url, gateway.new_stream())


@pytest.fixture
def url(client: Client, service: Service) -> str:
    return client.jobs(service)

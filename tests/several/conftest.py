"""The gateway with the stores that several machines share, for the tests of what must not depend on them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests import brightness, probe
from tests.conftest import RunningGateway, running_gateway
from tests.gateway.conftest import _nobody_waits  # noqa: F401
from tests.servers import Postgres, Redis


@pytest.fixture(autouse=True, scope="package")
def _registered() -> Iterator[None]:
    with probe.registered(), brightness.registered():
        yield


@pytest.fixture(scope="package")
def stores(postgres: Postgres, redis: Redis, bucket: str) -> dict[str, Any]:
    """The settings of gateways that share all that lasts."""
    redis.flush()
    return {"database": postgres.fresh(), "sessions": redis.url, "blobs": bucket}


@pytest.fixture(scope="package")
def gateway(stores: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    with running_gateway(tmp_path_factory.mktemp("several"), **stores) as running:
        yield running

"""Jobs, blobs, events and streams of the SDK, once more."""

from __future__ import annotations

from tests.gateway.conftest import client  # noqa: F401
from tests.gateway.test_blobs import *  # noqa: F403
from tests.gateway.test_events import *  # noqa: F403
from tests.gateway.test_jobs import *  # noqa: F403
from tests.gateway.test_sdk_streams import *  # noqa: F403

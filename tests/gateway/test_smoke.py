import dataclasses
from pathlib import Path

import pytest

from audio.dsp import voice_neural
from audio.services import registry
from tests.conftest import RunningGateway, running_gateway
from tests.gateway.client import Client


def test_dummy_answers(gateway: RunningGateway) -> None:
    http = gateway.http()
    for _ in range(3):
        reply = http.post(f"{gateway.url}/services/dummy/1/jobs", json={"echo": "Hello", "async": False}, timeout=10)
        assert reply.status_code == 201
        assert reply.json()["echo"] == "Hello"


def test_what_services_load_is_loaded_before_the_first_request(tmp_path: Path) -> None:
    voice_neural.load.cache_clear()
    with running_gateway(tmp_path):
        assert voice_neural.load.cache_info().currsize == 1


def test_a_service_that_cannot_be_made_ready_harms_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise OSError("no model")

    services = registry.services()
    broken = dataclasses.replace(services["voice_detection", 2], prepare=fail)
    monkeypatch.setattr(registry, "services", lambda: {**services, ("voice_detection", 2): broken})
    with running_gateway(tmp_path) as gateway:
        answer = Client(gateway.url, gateway.http()).echo()
    assert answer.status_code == 201
    assert "voice_detection 2 cannot be made ready" in caplog.text

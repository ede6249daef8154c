from pathlib import Path

from audio.dsp import voice_neural
from tests.conftest import RunningGateway, running_gateway


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

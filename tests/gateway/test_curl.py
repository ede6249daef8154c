"""The calls of the old documentation, as curl makes them."""

from __future__ import annotations

import json
import shutil
import subprocess
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import FIXTURES, RunningGateway

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")

Curl = Callable[..., Any]
JSON = ("-H", "Content-Type: application/json")


@pytest.fixture
def curl(gateway: RunningGateway) -> Curl:
    def call(*arguments: str) -> Any:
        user = f"{gateway.client_id}:{gateway.access_token}"
        command = ["curl", "-s", "--max-time", "20", "-u", user, *(a.replace("HOST", gateway.url) for a in arguments)]
        printed = subprocess.run(command, check=True, capture_output=True, text=True, cwd=FIXTURES).stdout
        return json.loads(printed)

    return call


def test_credentials_are_checked_with_a_status_alone(curl: Curl) -> None:
    assert curl("-o", "/dev/null", "-w", "%{http_code}", "HOST/services") == 200


def test_the_directory_leads_to_the_jobs(curl: Curl, gateway: RunningGateway) -> None:
    services = curl("HOST/services")
    assert services["services"]["dummy"] == {"url": "/services/dummy"}
    assert curl("HOST/services/dummy") == {"versions": {"1": {"url": "/services/dummy/1"}}}
    description = curl("HOST/services/dummy/1")
    assert description["url"] == f"{gateway.url}/services/dummy/1"
    assert description["version"] == 1
    assert description["jobs"] == f"{gateway.url}/services/dummy/1/jobs"


def test_a_job_now_and_again(curl: Curl) -> None:
    job = curl(*JSON, "-d", '{ "echo": "Hello world!", "async": false}', "HOST/services/dummy/1/jobs")
    assert (job["status"], job["echo"]) == (201, "Hello world!")
    assert curl(job["url"]) == job


def test_a_job_later(curl: Curl) -> None:
    job = curl(*JSON, "-d", '{ "echo": "Hello world!"}', "HOST/services/dummy/1/jobs")
    assert job["status"] == 202
    for _ in range(1000):
        later = curl(job["url"])
        if later["status"] != 202:
            break
    assert (later["status"], later["echo"]) == (201, "Hello world!")


def test_an_attachment(curl: Curl) -> None:
    job = curl(
        *("-F", "attachment://bar=@word.wav;type=audio/wav"),
        *("-F", 'meta={"async" : false, "sound": "attachment://bar"};type=application/json'),
        "HOST/services/voice_detection/1/jobs",
    )
    assert (job["status"], job["voice_activity"]) == (201, "VOICE")


def test_a_blob_used_twice(curl: Curl) -> None:
    blob = curl(
        *("-F", "attachment://bar=@word.wav;type=audio/wav"),
        *("-F", 'meta={"async": false, "content": "attachment://bar"};type=application/json'),
        "HOST/blobs",
    )
    assert blob["status"] == 201
    for service in ("sound_detection", "voice_detection"):
        meta = {"async": False, "sound": blob["url"]}
        job = curl("-F", f"meta={json.dumps(meta)};type=application/json", f"HOST/services/{service}/1/jobs")
        assert job["status"] == 201


def test_a_session(curl: Curl) -> None:
    """The same word four times over: the voice comes on once."""
    state = {"session_id": str(uuid.uuid4())}
    meta = json.dumps({"async": False, "sound": "attachment://bar", "state": state})
    labels = [
        curl(
            *("-F", "attachment://bar=@word.wav;type=audio/wav", "-F", f"meta={meta};type=application/json"),
            "HOST/services/voice_detection/1/jobs",
        )["voice_activity"]
        for _ in range(4)
    ]
    assert labels[0] == "ON"
    assert "ON" not in labels[1:] or "OFF" in labels

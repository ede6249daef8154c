"""What OpenAPI says of the gateway is what it does: thousands of requests that fit the document, and that do not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from audio.services import registry
from audio.services.base import Service
from tests import brightness, probe
from tests.conftest import RunningGateway
from tests.contract import samples
from tests.contract.client import TIMEOUT, Client
from tests.docs import page

ROOT = Path(__file__).parents[2]
LIGHT = "qrcode_decoder"  # of the services that take a picture alone, the one that computes least
# All that lies at the edges of the schemas, and beyond them; and some requests at random that fit, and that do not.
CONFIG = """
[generation]
deterministic = true
[phases]
stateful.enabled = false
[phases.fuzzing.generation]
mode = "all"
max-examples = 5
[auth.openapi]
basic = {{ username = "{client_id}", password = "{access_token}" }}
bearer = {{ bearer = "{client_id}:{access_token}" }}
jwt = {{ bearer = "{token}" }}
"""


def unlike() -> list[Service]:
    """Of the services that take the same inputs, one: one function describes them all."""
    found: dict[object, Service] = {}
    for service in sorted(registry.services().values(), key=lambda service: service.name != LIGHT):
        if service not in (probe.SERVICE, brightness.SERVICE) and service.name != page.service().name:
            found.setdefault(tuple((name, type(d)) for name, d in service.declarations.items()), service)
    return list(found.values())


def test_the_gateway_does_what_openapi_says(gateway: RunningGateway, client: Client, tmp_path: Path) -> None:
    pytest.importorskip("schemathesis", reason="schemathesis needs Python 3.11")
    blobs = {
        f"/services/{service.name}/{service.version}/jobs": client.blob(next(iter(samples.encoded(service).values())))
        for service in registry.services().values()
        if service.files
    }
    names = "|".join(f"{service.name}/{service.version}" for service in unlike())
    chosen = rf"^(POST /services/({names})/jobs|[A-Z]+ /services/dummy/.*|[A-Z]+ /(?!services/[a-z_0-9]+/).*)$"
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{gateway.url}/openapi.json"]
    command += ["--include-name-regex", chosen, "--continue-on-failure", "--no-color", "--warnings", "off"]
    credentials = {"client_id": gateway.client_id, "access_token": gateway.access_token}
    asked = {"username": "anybody", **credentials}
    token = client.http.post(f"{gateway.url}/api-token-authstream", json=asked, timeout=TIMEOUT).json()["token"]
    (tmp_path / "schemathesis.toml").write_text(CONFIG.format(token=token, **credentials))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AUDIO_")}
    ran = subprocess.run(
        command,
        env={**kept, "SCHEMATHESIS_HOOKS": "tests.contract.supplied", "SUPPLIED_BLOBS": json.dumps(blobs)}
        | {"SUPPLIED_CREDENTIALS": json.dumps(asked), "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert ran.returncode == 0, ran.stdout[-20_000:] + ran.stderr[-2000:]
    assert "No issues found" in ran.stdout, ran.stdout[-5000:]

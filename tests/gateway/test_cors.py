"""Pages of listed origins may call services and blobs, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from audio.engine import config
from audio.errors import BadInput
from tests.conftest import RunningGateway, running_gateway

TIMEOUT = 30
PAGE = "https://app.example.org"
ASKING = {"Origin": PAGE, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    with running_gateway(
        tmp_path_factory.mktemp("cors") / "data", cors_origins=f"http://localhost:3000, {PAGE}", proxies=1
    ) as running:
        yield running


@pytest.mark.parametrize("path", ["/services", "/services/dummy/1/jobs", "/blobs", "/blobs/none"])
def test_a_browser_asks_without_credentials(opened: RunningGateway, path: str) -> None:
    reply = requests.options(opened.url + path, headers=ASKING, timeout=TIMEOUT)
    assert (reply.status_code, reply.content) == (204, b"")
    assert reply.headers["Access-Control-Allow-Origin"] == PAGE
    assert "Authorization" in reply.headers["Access-Control-Allow-Headers"]
    assert "POST" in reply.headers["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Credentials" not in reply.headers


@pytest.mark.parametrize("path", ["/", "/streams", "/login", "/api/1/events", "/api-token-authstream", "/servicesx"])
def test_nothing_else_is_opened(opened: RunningGateway, path: str) -> None:
    for method in ("OPTIONS", "GET"):
        reply = opened.http().request(method, opened.url + path, headers=ASKING, timeout=TIMEOUT)
        assert "Access-Control-Allow-Origin" not in reply.headers, method


def test_another_origin_gets_nothing(opened: RunningGateway) -> None:
    for origin in ("https://example.org", "http://app.example.org", "null", f"{PAGE}.evil.org", ""):
        reply = requests.options(f"{opened.url}/services", headers={**ASKING, "Origin": origin}, timeout=TIMEOUT)
        assert reply.status_code != 204
        assert "Access-Control-Allow-Origin" not in reply.headers


@pytest.mark.parametrize("meta", [{"echo": "x", "async": False}, {"echo": "x", "async": True}, {"echo": 1}])
def test_its_page_reads_every_answer_of_a_job(opened: RunningGateway, meta: dict[str, object]) -> None:
    jobs = f"{opened.url}/services/dummy/1/jobs"
    reply = opened.http().post(jobs, json=meta, headers={"Origin": PAGE}, timeout=TIMEOUT)
    assert reply.status_code in (201, 202, 400)
    assert reply.headers["Access-Control-Allow-Origin"] == PAGE
    assert "Location" in reply.headers["Access-Control-Expose-Headers"]
    refused = requests.post(jobs, json=meta, headers={"Origin": PAGE}, timeout=TIMEOUT)
    assert (refused.status_code, refused.headers["Access-Control-Allow-Origin"]) == (401, PAGE)


def test_behind_a_prefix(opened: RunningGateway) -> None:
    headers = {**ASKING, "X-Forwarded-Prefix": "/audio"}
    for path in ("/audio/services", "/services"):
        assert requests.options(opened.url + path, headers=headers, timeout=TIMEOUT).status_code == 204


def test_without_the_setting_there_is_none(gateway: RunningGateway) -> None:
    reply = requests.options(f"{gateway.url}/services", headers=ASKING, timeout=TIMEOUT)
    assert "Access-Control-Allow-Origin" not in reply.headers
    assert reply.status_code != 204


@pytest.mark.parametrize("text", ["*", "app.example.org", "https://app.example.org/", "https://a.org https://b.org"])
def test_what_is_no_origin_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="cors_origins must be like"):
        config.load({"cors_origins": text}, environ={})

"""Under a path of another host, through a real nginx: every link leads back."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests

from tests.conftest import RunningGateway, running_gateway
from tests.gateway.client import TIMEOUT
from tests.gateway.nginx import free_port, needs_nginx, proxy

pytestmark = needs_nginx


def passing_on(port: int, target: str) -> str:
    """What passes /audio/ on without it and says so."""
    return f"""server {{ listen 127.0.0.1:{port};
      location /audio/ {{ proxy_pass {target}/; proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto $scheme;
        proxy_set_header X-Forwarded-Host $http_host; proxy_set_header X-Forwarded-Prefix /audio; }} }}"""


def walk(base: str, gateway: RunningGateway) -> None:
    http = gateway.http()
    url = f"{base}/services"
    for pick in (
        lambda found: found["services"]["dummy"]["url"],
        lambda found: found["versions"]["1"]["url"],
        lambda found: found["jobs"],
    ):
        url = urljoin(url, pick(http.get(url, timeout=TIMEOUT).json()))
        assert url.startswith(f"{base}/"), url
    job = http.post(url, json={"async": False, "echo": "x"}, timeout=TIMEOUT).json()["url"]
    assert job.startswith(f"{base}/services/dummy/1/jobs/")
    assert http.get(job, timeout=TIMEOUT).json()["echo"] == "x"
    assert http.get(f"{base}/openapi.json", timeout=TIMEOUT).json()["servers"] == [{"url": base}]


@pytest.mark.parametrize("way", ["public_url", "X-Forwarded-Prefix"])
def test_every_link_leads_back(tmp_path: Path, way: str) -> None:
    port = free_port()
    base = f"http://127.0.0.1:{port}/audio"
    settings = {"public_url": base} if way == "public_url" else {"proxies": 1}
    with (
        running_gateway(tmp_path / "data", **settings) as gateway,
        proxy(tmp_path / "nginx", passing_on(port, gateway.url), f"{base}/health"),
    ):
        walk(base, gateway)


@pytest.mark.parametrize("headers", [{"Host": "<b>"}, {"X-Forwarded-Port": "abc"}, {"X-Forwarded-Proto": "javascript"}])
def test_an_origin_that_is_none_is_refused(tmp_path: Path, headers: dict[str, str]) -> None:
    with running_gateway(tmp_path, proxies=1) as gateway:
        reply = requests.get(f"{gateway.url}/", headers=headers, timeout=TIMEOUT)
        assert (reply.status_code, reply.json()["code"]) == (400, "bad_request")


def test_headers_of_clients_are_not_believed(gateway: RunningGateway) -> None:
    said = {"SCRIPT_NAME": "/x", "X-Forwarded-Proto": "https", "X-Forwarded-Prefix": "/x", "X-Forwarded-Host": "evil"}
    reply = requests.get(f"{gateway.url}/", headers=said, timeout=TIMEOUT)
    assert reply.json()["services"] == f"{gateway.url}/services"

"""Under a path of another host, through a real nginx: every link leads back."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests

from tests.conftest import RunningGateway, running_gateway
from tests.gateway.client import TIMEOUT
from tests.waiting import until

NGINX = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


@contextmanager
def proxied(folder: Path, port: int, target: str) -> Iterator[None]:
    """nginx, which passes /audio/ on without it and says so."""
    (folder / "logs").mkdir(parents=True)
    config = folder / "nginx.conf"
    config.write_text(
        f"""daemon off; pid {folder}/pid; error_log {folder}/logs/error.log; worker_processes 1;
        events {{ worker_connections 64; }}
        http {{ access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;
          fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
          server {{ listen 127.0.0.1:{port};
            location /audio/ {{ proxy_pass {target}/; proxy_set_header Host $http_host;
              proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto $scheme;
              proxy_set_header X-Forwarded-Host $http_host; proxy_set_header X-Forwarded-Prefix /audio; }} }} }}"""
    )
    assert NGINX is not None
    process = subprocess.Popen([NGINX, "-c", str(config), "-p", str(folder)], stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(TIMEOUT)


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=TIMEOUT).status_code == 200
    except requests.ConnectionError:
        return False


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
        proxied(tmp_path / "nginx", port, gateway.url),
    ):
        until(lambda: answers(f"{base}/health"), seconds=20)
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

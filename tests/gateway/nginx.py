"""A real nginx in front of gateways; tests of it are skipped where it is not installed."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.conftest import FIXTURES
from tests.gateway.client import TIMEOUT
from tests.waiting import until

NGINX = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
needs_nginx = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")

SHIPPED = FIXTURES.parent / "deploy" / "nginx.conf"
SHIPPED_FOR_SEVERAL = FIXTURES.parent / "deploy" / "several" / "nginx.conf"
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


def _configured(folder: Path, server: str) -> list[str]:
    """The command of one with these lines of its block `http`."""
    (folder / "logs").mkdir(parents=True)
    temporary = "".join(f"{name}_temp_path {folder}/{name};" for name in _TEMPORARY)
    config = folder / "nginx.conf"
    # As root its workers would be of another user, for whom this folder is not.
    user = "user root;" if os.geteuid() == 0 else ""
    config.write_text(
        f"{user} daemon off; pid {folder}/pid; error_log {folder}/logs/error.log; events {{}} "
        f"http {{ access_log off; {temporary} {server} }}"
    )
    assert NGINX is not None
    return [NGINX, "-c", str(config), "-p", str(folder)]


def check(folder: Path, server: str) -> None:
    """Fails where these lines of the block `http` are not taken, with what is wrong about them."""
    checked = subprocess.run([*_configured(folder, server), "-t"], capture_output=True, text=True, timeout=30)
    assert checked.returncode == 0, checked.stderr


@contextmanager
def proxy(folder: Path, server: str, health: str) -> Iterator[None]:
    """Running with these lines of its block `http`, once that URL answers."""
    process = subprocess.Popen(_configured(folder, server), stderr=subprocess.DEVNULL)
    try:
        until(lambda: _answers(health))
        yield
    finally:
        process.terminate()
        process.wait(30)


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=TIMEOUT).status_code == 200
    except requests.ConnectionError:
        return False


@contextmanager
def behind_nginx(folder: Path, *gateways: str) -> Iterator[str]:
    """The URL of one that is configured as shipped; plain HTTP on a free port instead of TLS on 443."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    server = re.sub(r"ssl_certificate\S*\s+[^;]+;", "", SHIPPED.read_text())
    server = server.replace("listen 443 ssl;", f"listen 127.0.0.1:{port};")
    lines = [f"server {urlsplit(one).netloc};" for one in gateways]
    server = server.replace("server 127.0.0.1:8080;", " ".join(lines))
    with proxy(folder, server, f"{url}/health"):
        yield url

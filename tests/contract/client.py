"""One client of the gateway, as the contract tests use it."""

from __future__ import annotations

from typing import Any

import requests

from audio.services.base import Service
from tests.contract import samples

TIMEOUT = 60


class Client:
    def __init__(self, root: str, http: requests.Session) -> None:
        self.root = root
        self.http = http

    def jobs(self, service: Service) -> str:
        return f"{self.root}/services/{service.name}/{service.version}/jobs"

    def get(self, url: str) -> requests.Response:
        return self.http.get(url, timeout=TIMEOUT)

    def post(self, service: Service, value: Any = None, /, **given: object) -> requests.Response:
        body = samples.request(service, value, **given)
        return self.http.post(self.jobs(service), **body, timeout=TIMEOUT)

    def answer(self, service: Service, value: Any = None, /, **given: object) -> dict[str, Any]:
        """What the service itself answers, without what the gateway adds."""
        reply = self.post(service, value, **given)
        assert reply.status_code == 201, reply.text
        return own(reply.json())

    def refused(self, service: Service, value: Any = None, /, **given: object) -> dict[str, Any]:
        """The error of a request that is bad input."""
        reply = self.post(service, value, **given)
        assert reply.status_code == 400, reply.text
        return error(reply)

    def blob(self, data: bytes, kind: str = "audio/wav") -> str:
        files = {
            "meta": (None, '{"content": "attachment://c"}', "application/json"),
            "attachment://c": ("c.wav", data, kind),
        }
        reply = self.http.post(f"{self.root}/blobs", files=files, timeout=TIMEOUT)
        assert reply.status_code == 201, reply.text
        url: str = reply.json()["url"]
        return url


def own(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in ("url", "uuid", "status")}


def error(reply: requests.Response) -> dict[str, Any]:
    """The one shape of every error."""
    body: dict[str, Any] = reply.json()
    assert body["status"] == reply.status_code
    assert set(body) <= {"status", "error", "code", "field"}
    assert body["error"].endswith((".", "?")), body
    assert len(body["error"]) < 600, body
    return body

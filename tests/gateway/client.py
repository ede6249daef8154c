"""What the tests of the gateway say to it."""

from __future__ import annotations

import json
import socket
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import requests

from audio import wav
from audio.pcm import Pcm
from tests.waiting import until

TIMEOUT = 30
WAV = wav.encode(Pcm(np.full((250, 1), 20000, np.int16), 8000))
ATTACHED = {"attachment://sound": ("sound.wav", WAV, "audio/wav")}


class Client:
    def __init__(self, root: str, http: requests.Session) -> None:
        self.root = root
        self.http = http
        self.jobs = f"{root}/services/probe/1/jobs"
        self.dummy = f"{root}/services/dummy/1/jobs"

    def get(self, url: str, **more: Any) -> requests.Response:
        return self.http.get(url, timeout=TIMEOUT, **more)

    def delete(self, url: str) -> requests.Response:
        return self.http.delete(url, timeout=TIMEOUT)

    def probe(self, sound: bytes = WAV, **values: object) -> requests.Response:
        """A job of the probe; asynchronous where it does not say otherwise."""
        return self._heard(self.jobs, sound, values)

    def sound(self, sound: bytes, **values: object) -> requests.Response:
        """A synchronous job of sound_detection."""
        return self._heard(f"{self.root}/services/sound_detection/1/jobs", sound, {"async": False, **values})

    def _heard(self, jobs: str, sound: bytes, values: dict[str, object]) -> requests.Response:
        files = {
            "meta": (None, json.dumps({"sound": "attachment://sound", **values}), "application/json"),
            "attachment://sound": ("sound.wav", sound, "audio/wav"),
        }
        return self.http.post(jobs, files=files, timeout=TIMEOUT)

    def echo(self, **values: object) -> requests.Response:
        return self.http.post(self.dummy, json={"async": False, **values}, timeout=TIMEOUT)

    def blob(self, data: bytes = WAV, kind: str = "audio/wav") -> requests.Response:
        files = {
            "meta": (None, '{"content": "attachment://c"}', "application/json"),
            "attachment://c": ("c", data, kind),
        }
        return self.http.post(f"{self.root}/blobs", files=files, timeout=TIMEOUT)

    def ended(self, url: str) -> dict[str, Any]:
        """The job, when it has ended."""
        return until(lambda: self.get(url).json(), lambda job: job["status"] != 202)

    def listed(self, query: str = "") -> list[str]:
        """The ids of a page."""
        return [job["uuid"] for job in self.get(self.jobs + query).json()["jobs"]]

    def raw(self, *pieces: bytes, shut: bool = False) -> bytes:
        """Send bytes as they are, and read until the other side ends. `shut`: say that no more will come."""
        parts = urlsplit(self.root)
        with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=TIMEOUT) as sock:
            for piece in pieces:
                sock.sendall(piece)
            if shut:
                sock.shutdown(socket.SHUT_WR)
            answer = b""
            while more := sock.recv(65536):
                answer += more
        return answer

    def head(self, method: str, path: str, *headers: str) -> bytes:
        """The head of a request that ends its connection, with our credentials."""
        prepared = self.http.prepare_request(requests.Request("GET", self.root))
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: {urlsplit(self.root).netloc}",
            f"Authorization: {prepared.headers['Authorization']}",
            "Connection: close",
            *headers,
        ]
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"


def error(reply: requests.Response, status: int, code: str) -> dict[str, Any]:
    """The error that came, which is the one that was expected."""
    assert reply.status_code == status, reply.text
    body: dict[str, Any] = reply.json()
    assert (body["status"], body["code"]) == (status, code), body
    assert set(body) <= {"status", "error", "code", "field"}
    return body

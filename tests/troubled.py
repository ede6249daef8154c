"""A gateway as a bad network or a busy machine makes it look."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from audio.gateway.fast_path import FastPath

Wsgi = Callable[..., Iterable[bytes]]


@contextmanager
def trouble_before(app: Any) -> Iterator[Trouble]:
    """Trouble stands before this application, and every job comes through it: none is done in the event loop."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FastPath, "service_of", lambda _self, _scope: None)
        patch.setattr(app, "wsgi_app", Trouble(app.wsgi_app))
        try:
            yield app.wsgi_app
        finally:
            app.wsgi_app.released.set()


class Trouble:
    """Stands before a gateway. What is set here holds for each request for a job that comes from then on."""

    def __init__(self, app: Wsgi) -> None:
        self._app = app
        self.reset()

    def reset(self) -> None:
        self.delay = 0.0  # seconds before a job is begun
        self.hanging = False
        self.released = threading.Event()  # lets go what hangs
        self.refusals: list[tuple[str, dict[str, str]]] = []  # status and headers, one a job
        self.jobs = 0  # that have come

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"].endswith("/jobs"):
            self.jobs += 1
            if self.hanging:
                self.released.wait()
            threading.Event().wait(self.delay)
            if self.refusals:
                environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
                status, headers = self.refusals.pop(0)
                start_response(status, [("Content-Type", "application/json"), *headers.items()])
                return [json.dumps({"status": int(status[:3]), "error": "Trouble that was asked for."}).encode()]
        return self._app(environ, start_response)

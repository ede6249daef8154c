"""The one hot request, straight: a synchronous job whose compute is short is done in the event loop, without Flask.

Short computes, one after another in one thread, take less processor time than side by side in several, which wake each
other for the interpreter's lock at each small call of numpy. Whatever is unusual about a request (wrong credentials or
inputs, a blob, an asynchronous job, a long sound) is left to the Flask application, which answers everything.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from audio.engine import meter
from audio.engine.engine import Engine
from audio.engine.requests import Part
from audio.errors import AudioError
from audio.gateway import auth, disconnect, forwarded, inputs, jobs
from audio.gateway.errors import HttpError, answer_of
from audio.gateway.turns import Turns
from audio.gateway.wsgi import Answer
from audio.services import registry
from audio.services.base import Service
from audio.stores import job_ids
from audio.stores import jobs as store

_PATH = re.compile(rb"/services/([a-z_]{1,64})/([0-9]{1,5})/jobs")
_MOST_ROOTS = 1000
_LARGEST = 2**20  # bytes of a body: parsing more takes too long for the loop


class _Unusual(Exception):
    pass


class FastPath:
    """The quick jobs of one process."""

    def __init__(self, engine: Engine, turns: Turns) -> None:
        self._engine = engine
        self._turns = turns
        self._roots: dict[tuple[str, str], str] = {}

    def service_of(self, scope: Mapping[str, Any]) -> Service | None:
        """The service whose quick job a request may be; None where it is for Flask."""
        if scope["method"] != "POST" or scope["query_string"]:
            return None
        match = _PATH.fullmatch(scope["raw_path"])
        service = registry.get(match[1].decode(), int(match[2])) if match else None
        return service if service is not None and service.inline_seconds > 0 else None

    async def answer(
        self, service: Service, scope: Mapping[str, Any], headers: Mapping[str, str], body: bytes
    ) -> Answer | None:
        """The answer; None where Flask shall give it."""
        client_id = auth.known(self._engine, headers.get("authorization", ""))
        if client_id is None or len(body) > _LARGEST:
            return None
        try:
            await self._turns.take(client_id, scope.get("complete"))
            try:
                return self._job(service, scope, headers, body, client_id)
            finally:
                self._turns.give(client_id)
        except _Unusual:
            return None
        except Exception as exc:  # noqa: BLE001 - whatever a service does, its client gets an answer
            return answer_of(exc)

    def _job(
        self, service: Service, scope: Mapping[str, Any], headers: Mapping[str, str], body: bytes, client_id: str
    ) -> Answer:
        if scope["connection"].gone():
            raise disconnect.client_gone()
        received = time.time()
        try:
            root = self._root(scope["scheme"], headers)
            values = inputs.parse(headers.get("content-type", ""), body, _no_blob)
            ref = inputs.session_of(values, received)
            if inputs.wants_async(values):
                raise _Unusual
            typed = service.read(values, received)
        except (AudioError, HttpError, forwarded.BadOrigin) as exc:
            raise _Unusual from exc
        if not _short(service, typed):
            raise _Unusual
        job_id = job_ids.new()
        with self._engine.metrics.job(service):
            made = partial(jobs.ended, job_id, service, client_id)
            result = self._engine.runner.run(service, typed, client_id, ref, made)
        url = f"{root}/services/{service.name}/{service.version}/jobs/{job_id}"
        answer = Answer()
        answer.status, answer.quick = store.CREATED, True
        answer.body = jobs.body(url, result, job_id, store.CREATED)
        answer.headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(answer.body)).encode()),
            (b"location", url.encode("latin-1")),
            (b"cache-control", b"no-store"),
        ]
        if limit := self._engine.runner.meter.header(client_id, service):
            answer.headers.append((b"ratelimit", limit.encode()))
        return answer

    def _root(self, scheme: str, headers: Mapping[str, str]) -> str:
        """`forwarded.root`, which is the same for the same Host where no proxy says more."""
        settings, asked = self._engine.settings, (scheme, headers.get("host", ""))
        found = self._roots.get(asked)
        if found is None:
            found = forwarded.root(lambda name: headers.get(name, ""), scheme, settings)
            if not settings.proxies and len(self._roots) < _MOST_ROOTS:
                self._roots[asked] = found
        return found


def _short(service: Service, typed: Any) -> bool:
    return service.timed is None or meter.seconds_of(service, typed) <= service.inline_seconds


def _no_blob(text: str) -> Part | None:
    if text.startswith(("http://", "https://")):
        raise _Unusual
    return None

"""Asynchronous jobs: threads in each worker process that take queued rows, and the housekeeping beside them.

A worker process proves that it lives (`proof.py`). What a dead one was running is queued again by any other, at once at
its start and every few seconds.
"""

from __future__ import annotations

import itertools
import json
import logging
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from audio.engine import idle, retention
from audio.engine.config import Settings
from audio.engine.failures import FULL, GONE, body_of
from audio.engine.metrics import Metrics
from audio.engine.observing import IDLE_SECONDS
from audio.engine.proof import prove
from audio.engine.requests import Request
from audio.engine.runner import Runner
from audio.errors import Busy
from audio.services import registry
from audio.stores import blobs, events, jobs, outbox, sdk_streams, sessions, sums
from audio.stores.blobs import Files
from audio.stores.database import Database, Direct, is_gone, no_space
from audio.stores.jobs import Job
from audio.stores.outbox import Entry
from audio.stores.session_store import SessionStore

log = logging.getLogger(__name__)

_POLL_SECONDS = 0.5
_CARE_SECONDS = 5.0
_ATTEMPTS = 3
_STRAY_SECONDS = 3600
_STOP_SECONDS = 2.0


def say(what: str, error: Exception) -> None:
    if no_space(error):
        FULL.say()
    elif is_gone(error) or isinstance(error, Busy):
        GONE.say()
    else:
        log.error(what, exc_info=error)


class Cancelled(Exception):
    """The job was deleted while it ran: nothing of it is kept, not even in its session."""


@dataclass(frozen=True)
class Limits:
    """How long things are kept, in seconds."""

    result: float
    session: float
    blob: float
    events: float
    sums: float
    visits: float


class Worker:
    """The background of one worker process."""

    def __init__(
        self,
        database: Database,
        store: SessionStore,
        runner: Runner,
        files: Files,
        metrics: Metrics,
        settings: Settings,
        limits: Limits,
    ) -> None:
        self._database = database
        self._store = store
        self._runner = runner
        self._files = files
        self._metrics = metrics
        self._data_dir = Path(settings.data_dir)
        self._limits = limits
        self.owner = str(uuid.uuid4())
        self._wake = threading.Event()
        self._end_care = threading.Event()
        self._stopping = False
        self._kept_at = time.monotonic() - retention.SECONDS
        self._threads: list[threading.Thread] = []
        self._running: set[str] = set()
        self._served: dict[str, int] = {}  # streams: when each was last served
        self._turns = itertools.count(1)
        self._proof = prove(settings, self.owner)

    def start(self, threads: int) -> None:
        self.take_over()
        work = [threading.Thread(target=self._work, name=f"async-{i}", daemon=True) for i in range(threads)]
        self._threads = [*work, threading.Thread(target=self._housekeep, name="housekeeping", daemon=True)]
        for thread in self._threads:
            thread.start()

    def stop(self, seconds: float = _STOP_SECONDS) -> None:
        """End after the jobs that run now, if they end in time; else they are queued again."""
        self._stopping = True
        self._end_care.set()
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            while thread.is_alive() and time.monotonic() < deadline:
                self.wake()
                thread.join(0.1)
        try:
            with self._database.write() as connection:
                jobs.release(connection, self.owner)
        except sa.exc.SQLAlchemyError as exc:
            say("what this worker has not ended is left to others", exc)
        self._proof.end()

    def wake(self) -> None:
        """Tell the threads that there may be something to do."""
        self._wake.set()

    def _rest(self, seconds: float) -> None:
        if self._wake.wait(0 if self._stopping else seconds):
            self._wake.clear()

    def _work(self) -> None:
        while not self._stopping:
            try:
                if not self._take_one():
                    self._rest(_POLL_SECONDS)
            except Exception as exc:  # noqa: BLE001 - it goes on, and says what was wrong
                say("asynchronous jobs had to stop; trying again", exc)
                self._rest(_CARE_SECONDS)

    def _take_one(self) -> bool:
        """Run one job; False where none waits."""
        waiting = jobs.next_up(self._database.read_prepared(), self._served)
        job = next((job for seq in waiting if (job := self._claim(seq)) is not None), None)
        if job is None:
            return bool(waiting)
        try:
            self._run(job)
        finally:
            self._running.discard(job.id)
        return True

    def _claim(self, seq: int) -> Job | None:
        with self._database.write() as connection:
            job = jobs.claim(connection, self.owner, seq)
            if job is not None:
                self._running.add(job.id)
                self._served[job.client_id] = next(self._turns)
        return job

    def _run(self, job: Job) -> None:
        if job.attempts > _ATTEMPTS:
            error = f"This job ended its worker {_ATTEMPTS} times, and is given up. The gateway's log may say why."
            self._end(job, {"status": 500, "error": error, "code": "internal"})
            return
        try:
            self._compute(job)
        except Cancelled:
            log.info("job %s was cancelled while it ran", job.id)
        except (Busy, sa.exc.OperationalError, sa.exc.TimeoutError) as exc:
            log.warning("job %s has to wait: %s", job.id, exc)  # housekeeping queues it again
        except Exception as exc:  # noqa: BLE001 - whatever a service does, the job ends with an answer
            self._end(job, body_of(exc))

    def _compute(self, job: Job) -> None:
        service = registry.get(job.service, job.version)
        if service is None or job.request is None:
            raise LookupError(f"{job.service} {job.version} is not offered any more")
        request = Request.unpack(job.request)

        def made(result: str) -> Entry:
            return outbox.computed(job.id, self.owner, result)

        def guard(connection: Direct) -> None:
            if not jobs.runs(connection, job.id, self.owner):
                raise Cancelled

        with self._metrics.job(service):
            inputs = service.read(request.values, request.received)
            self._runner.run(service, inputs, job.client_id, request.ref, made, guard)

    def _end(self, job: Job, body: dict[str, Any]) -> None:
        with self._database.write() as connection:
            jobs.end(connection, job.id, self.owner, body["status"], json.dumps(body), time.time())

    def _housekeep(self) -> None:
        self._attempt(self.remove_strays)
        while not self._end_care.wait(_CARE_SECONDS):
            self._attempt(self.take_over)
            self._attempt(self._close_idle)
            self._attempt(self.tidy)
            self._attempt(lambda: retention.make_room(self._database, self._data_dir))
            self._attempt(self._database.empty_log)
            self._attempt(self._database.give_back)

    def _attempt(self, duty: Callable[[], object]) -> None:
        try:
            duty()
        except Exception as exc:  # noqa: BLE001 - it goes on, and says what was wrong
            say("housekeeping failed; trying again", exc)

    def take_over(self) -> None:
        """Queue again what dead workers were running, and what this one could not end."""
        if not self._proof.renew():
            return
        with self._database.read() as connection:
            owners = jobs.owners(connection)
        living = self._proof.living(owners)
        for owner in owners:
            if owner == self.owner:
                with self._database.write() as connection:
                    jobs.release(connection, owner, running=list(self._running))
            elif owner not in living:
                with self._database.write() as connection:
                    count = jobs.put_back(connection, owner)
                log.warning("took over %d job(s) of a worker that is gone", count)
        self._proof.forget_dead()

    def _close_idle(self) -> None:
        """Tell the end of what is open in sessions and of streams that send nothing any more."""
        idle.close_sessions(self._store, self._limits.session)
        idle.take_offline(self._database)

    def tidy(self) -> None:
        """Forget what has expired."""
        sessions.forget_idle(self._store, self._limits.session)
        with self._database.write() as connection:
            events.forget_old(connection, self._limits.events)
            sums.forget_old(connection, int((time.time() - self._limits.sums) // sums.QUARTER))
            jobs.forget_ended(connection, self._limits.result)
            sdk_streams.forget_idle(connection, IDLE_SECONDS)
            old = blobs.forget_old(connection, self._limits.blob)
            rare = time.monotonic() - self._kept_at > retention.SECONDS
            if rare:
                self._kept_at = time.monotonic()
                retention.forget(connection, self._limits.visits)
        for blob_id in old:
            self._files.remove(blob_id)
        if rare:
            retention.pack_sums(self._database)

    def remove_strays(self) -> None:
        """Remove the files of uploads that were cut short."""
        strays = self._files.strays(time.time() - _STRAY_SECONDS)
        if strays:
            with self._database.read() as connection:
                known = blobs.known(connection, strays)
            for name in set(strays) - known:
                self._files.remove(name)

"""The processes of `audio serve`: one that supervises, and workers, each with an event loop of its own.

The supervisor loads the application once and forks; it serves nothing. Workers accept on the one socket that it holds:
while a dead worker is replaced, connections wait in its queue. A worker notices the end of its supervisor by a pipe.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import resource
import select
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Callable

from flask import Flask

from audio.engine.config import Settings
from audio.engine.engine import Engine
from audio.errors import AudioError
from audio.gateway.loop import BACKLOG, STOP_SECONDS, Loop, ProcessTable
from audio.services import registry

log = logging.getLogger(__name__)

_GARBAGE = 10_000  # objects (chosen) after which those that hold each other are looked for
_TERM = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
_SILENT_SECONDS = 60.0  # after which a worker that does not say that it lives is ended
_KILL_SECONDS = STOP_SECONDS + 7.0  # the engine's threads have some of them
_POLL_SECONDS = 0.2
_AGAIN_SECONDS = 1.0  # between two starts of a worker that cannot begin
_SPARE_FILES = 256  # file descriptors that are no client's
_MOST_CONNECTIONS = 20_000


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises AudioError where nothing can listen there, with what to do about it."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, proto)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
        except OSError:
            listener.close()
            raise
    except OSError as exc:
        raise AudioError(
            f"Nothing can listen on {host} port {port}: {exc.strerror or exc}. Choose another: --host, --port."
        ) from exc
    return listener


class Server:
    """`audio serve`. when_ready is called with the URL once every worker serves."""

    def __init__(
        self,
        settings: Settings,
        create_app: Callable[[Settings], Flask],
        listener: socket.socket,
        when_ready: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._create_app = create_app
        self._listener = listener
        self._when_ready = when_ready
        self._workers = settings.workers or os.cpu_count() or 1
        self._table = ProcessTable(self._workers)
        self._pids: dict[int, int] = {}  # of a worker: its place
        self._began: dict[int, float] = {}  # by place
        self._stopping = False
        self._ready = False

    def run(self) -> None:
        """Serve until a signal says otherwise. Raises AudioError where no worker can begin."""
        metrics = tempfile.mkdtemp(prefix="audio-metrics-")
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = metrics
        # Until the workers run, a signal ends this process as it would any other.
        self._app = self._create_app(self._settings)
        self._most = _most_connections()
        self._listener.listen(BACKLOG)
        self._lives, self._life = os.pipe()
        for number in _TERM:
            signal.signal(number, self._stop)
        try:
            for place in range(self._workers):
                self._fork(place)
            self._supervise()
        finally:
            self._end()
            shutil.rmtree(metrics, ignore_errors=True)

    def _stop(self, _number: int, _frame: object) -> None:
        self._stopping = True

    def _supervise(self) -> None:
        while not self._stopping:
            self._reap()
            for place in set(range(self._workers)) - set(self._pids.values()):
                if not self._stopping and time.monotonic() - self._began[place] >= _AGAIN_SECONDS:
                    self._fork(place)
            self._end_silent()
            if not self._ready and all(self._table.last_alive(p) is not None for p in range(self._workers)):
                self._ready = True
                self._when_ready(self._settings.public_url or _url(self._settings, self._listener))
            time.sleep(_POLL_SECONDS / 10 if not self._ready else _POLL_SECONDS)

    def _reap(self) -> None:
        from prometheus_client.multiprocess import mark_process_dead

        while self._pids:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            place = self._pids.pop(pid, None)
            if place is None:
                continue
            self._table.mark_absent(place)
            mark_process_dead(pid)  # type: ignore[no-untyped-call]
            if self._stopping:
                continue
            if not self._ready:
                raise AudioError("The gateway cannot begin; the log says why.")
            log.warning("worker %d ended (%s); another takes its place", pid, _said(status))

    def _end_silent(self) -> None:
        for pid, place in self._pids.items():
            since = self._table.last_alive(place)
            if since is not None and time.monotonic() - since > _SILENT_SECONDS:
                log.error("worker %d has not answered for %.0f s and is ended", pid, _SILENT_SECONDS)
                os.kill(pid, signal.SIGKILL)

    def _end(self) -> None:
        """End the workers: politely, then not."""
        self._listener.close()
        for pid in self._pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + _KILL_SECONDS
        while self._pids and time.monotonic() < deadline:
            self._stopping = True
            self._reap()
            time.sleep(0.02)
        for pid in self._pids:
            log.error("worker %d did not end and is killed", pid)
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

    def _fork(self, place: int) -> None:
        self._began[place] = time.monotonic()
        pid = os.fork()
        if pid:
            self._pids[pid] = place
            return
        code = 1
        try:
            # Until it serves, a signal ends a worker at once. Ctrl-C reaches every process of the terminal: the
            # supervisor alone minds it, and tells the workers.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            for number in (signal.SIGQUIT, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)
            if self._stopping:
                os._exit(0)
            os.close(self._life)
            self._work(place)
            code = 0
        except BaseException:
            log.exception("worker %d cannot go on", os.getpid())
        finally:
            logging.shutdown()
            # Python would wait for the threads of requests, and a job may take its time.
            os._exit(code)

    def _work(self, place: int) -> None:
        registry.prepare()
        engine: Engine = self._app.extensions["audio"]
        engine.open()
        # What is there now stays: nobody looks through it for what may go. What requests make goes by itself.
        gc.collect()
        gc.freeze()
        gc.set_threshold(_GARBAGE)
        loop = Loop(self._app, self._settings, self._listener, self._table, place, self._most)
        try:
            loop.run(lambda: None, self._until)
        finally:
            engine.close()

    def _until(self, stop: asyncio.Event) -> None:
        """Stop by SIGTERM, or when the supervisor is gone."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, stop.set)
        loop.add_signal_handler(signal.SIGQUIT, stop.set)
        loop.add_reader(self._lives, stop.set)
        if select.select([self._lives], [], [], 0)[0]:
            stop.set()


def _url(settings: Settings, listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    host = f"[{host}]" if ":" in host else host
    return f"{'https' if settings.certfile else 'http'}://{host}:{port}"


def _said(status: int) -> str:
    if os.WIFSIGNALED(status):
        return signal.Signals(os.WTERMSIG(status)).name
    return f"exit code {os.WEXITSTATUS(status)}"


def _most_connections() -> int:
    """How many connections a worker may hold: as many as it may open files, less some of its own."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_CONNECTIONS + _SPARE_FILES
    most = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
    if soft != resource.RLIM_INFINITY and soft < most:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
            soft = most
    allowed = most if soft == resource.RLIM_INFINITY else min(soft, most)
    return max(16, allowed - _SPARE_FILES)

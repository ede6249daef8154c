"""gunicorn around the application: the processes of `audio serve`."""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import shutil
import signal
import socket
import struct
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import ThreadWorker

from audio.engine.config import Settings
from audio.engine.engine import Engine
from audio.errors import AudioError
from audio.services import registry

_M_ARENA_MAX, _M_MMAP_THRESHOLD = -8, -3  # of glibc's mallopt


def check_address(host: str, port: int) -> None:
    """Raise AudioError where nothing can listen there, with what to do about it."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, proto) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as exc:
        raise AudioError(
            f"Nothing can listen on {host} port {port}: {exc.strerror or exc}. Choose another: --host, --port."
        ) from exc


class _Worker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's, whose own handler of SIGQUIT takes a lock that the code it interrupts may hold."""

    def init_signals(self) -> None:
        super().init_signals()
        # Ctrl-C reaches every process of the terminal: the master alone minds it, and tells the workers.
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def handle_quit(self, sig: int, frame: object) -> None:
        self.alive = False
        sys.exit(0)


class Server(BaseApplication):  # type: ignore[misc]
    """The processes: a master that loads the application once, and workers that open their own Engine after the fork.

    when_ready is called in the master with the URL, once it listens and the application is loaded.
    """

    def __init__(
        self, settings: Settings, create_app: Callable[[Settings], Flask], when_ready: Callable[[str], None]
    ) -> None:
        self._settings = settings
        self._when_ready = when_ready
        self._metrics_dir = tempfile.mkdtemp(prefix="audio-metrics-")
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = self._metrics_dir
        self._app = create_app(settings)
        self._open = False
        super().__init__()

    def load_config(self) -> None:
        s = self._settings
        values: dict[str, Any] = {
            "bind": f"[{s.host}]:{s.port}" if ":" in s.host else f"{s.host}:{s.port}",
            "worker_class": _Worker,
            "workers": s.workers or os.cpu_count() or 1,
            "threads": s.threads,
            "preload_app": True,
            "keepalive": 75,
            "timeout": 60,
            "graceful_timeout": 8,
            # What gunicorn says when all is well is of no interest to who runs the gateway.
            "loglevel": "warning" if s.log_level == "info" else s.log_level,
            "proc_name": "audio",
            "worker_tmp_dir": "/dev/shm" if Path("/dev/shm").is_dir() else None,
            "forwarded_allow_ips": "*" if s.proxies else "127.0.0.1,::1",
            "control_socket_disable": True,
            "when_ready": self._ready,
            "post_fork": _worker_forked,
            "post_worker_init": self._worker_starts,
            "worker_exit": self._worker_ends,
            "child_exit": _child_ended,
            "on_exit": lambda _arbiter: shutil.rmtree(self._metrics_dir, ignore_errors=True),
        }
        if s.certfile:
            values |= {"certfile": s.certfile, "keyfile": s.keyfile}
        for name, value in values.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app

    def _ready(self, arbiter: Any) -> None:
        listener = arbiter.LISTENERS[0].sock
        # Accepted connections inherit it: a client that goes silent within a request does not keep a thread for ever.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", self._settings.receive_seconds, 0))
        host, port = listener.getsockname()[:2]
        host = f"[{host}]" if ":" in host else host
        scheme = "https" if self._settings.certfile else "http"
        self._when_ready(self._settings.public_url or f"{scheme}://{host}:{port}")

    def _worker_starts(self, _worker: Any) -> None:
        engine: Engine = self._app.extensions["audio"]
        engine.open()
        self._open = True

    def _worker_ends(self, _arbiter: Any, _worker: Any) -> None:
        if not self._open:
            return
        engine: Engine = self._app.extensions["audio"]
        engine.close()
        logging.shutdown()
        # Python would wait for the threads of requests, and a client may take its time with one.
        os._exit(0)


def _worker_forked(_arbiter: Any, _worker: Any) -> None:
    """Until it has handlers of its own, a worker ends at once: those of the master would swallow the signal.

    Models are loaded then, as what loads them makes an error of the exception that a handler raises.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGQUIT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    _share_heaps()
    registry.prepare()


def _share_heaps() -> None:
    """Let all threads share two heaps, and what is large go back to the system.

    glibc would give each thread a heap of its own, and keep ever larger blocks in it, where they serve no other thread.
    """
    with contextlib.suppress(AttributeError):  # other C libraries have no such knobs, and no such habits
        tune = ctypes.CDLL(None).mallopt
        tune(_M_ARENA_MAX, 2)
        tune(_M_MMAP_THRESHOLD, 2**20)


def _child_ended(_arbiter: Any, worker: Any) -> None:
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]

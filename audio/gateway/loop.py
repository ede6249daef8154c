"""One event loop that serves: it accepts, sweeps, and stops.

Several processes accept on one socket. Each takes a connection only while it has no more than the one with the fewest,
so that they fall evenly; one that is too busy to take its share leaves it to the others after a moment.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import mmap
import socket
import ssl
import struct
import time
from collections.abc import Callable
from email.utils import formatdate

import uvloop
from flask import Flask
from uvicorn.config import Config
from uvicorn.server import ServerState

from audio.engine.config import Settings
from audio.gateway import connection, sdk_streams, server_sent_events
from audio.gateway.asgi import Front
from audio.gateway.connection import HEAD_SECONDS, Connection

log = logging.getLogger(__name__)

BACKLOG = 2048
STOP_SECONDS = 8.0  # that what is under way has to end
_KEEP_SECONDS = 75  # that a connection may rest between requests
_TOLD_SECONDS = 0.3  # in which requests that are on their way are read, and told
_READ_SECONDS = 0.05  # in which requests that arrived just then are read
_SENT_SECONDS = 2.0  # in which answers that were given leave
_LAST_SECONDS = 0.5  # in which those whose connection was cut off notice it
_YIELD_SECONDS, _YIELDS = 0.005, 10
_SWEEP_SECONDS = 1.0
_ACCEPTS = 16  # at once: then what was accepted is served


class ProcessTable:
    """How many connections each process has, and when it was last alive, in memory that all of them share."""

    _ENTRY = struct.Struct("qd")

    def __init__(self, processes: int) -> None:
        self._memory = mmap.mmap(-1, self._ENTRY.size * processes)
        self._processes = processes
        for index in range(processes):
            self.mark_absent(index)

    def report(self, index: int, count: int) -> None:
        self._ENTRY.pack_into(self._memory, index * self._ENTRY.size, count, time.monotonic())

    def mark_absent(self, index: int) -> None:
        """That process does not serve now."""
        self.report(index, -1)

    def last_alive(self, index: int) -> float | None:
        """When that process last said that it lives; None where it does not serve."""
        count, at = self._ENTRY.unpack_from(self._memory, index * self._ENTRY.size)
        return None if count < 0 else at

    def fewest_connections(self) -> int:
        counts = (self._ENTRY.unpack_from(self._memory, i * self._ENTRY.size)[0] for i in range(self._processes))
        return min((c for c in counts if c >= 0), default=0)


class Loop:
    """The serving of one process, or of one thread in a test."""

    def __init__(
        self, app: Flask, settings: Settings, listener: socket.socket, table: ProcessTable, index: int, most: int
    ) -> None:
        self._app = app
        self._settings = settings
        self._listener = listener
        self._table = table
        self._index = index
        self._most = most
        self._state = ServerState()
        self._open = 0
        self._yields = 0
        self._accepting = False

    def run(self, started: Callable[[], None], until: Callable[[asyncio.Event], None]) -> None:
        """Serve until the event is set, which `until` is given, in the loop, to arrange for."""
        uvloop.run(self._main(started, until))

    async def _main(self, started: Callable[[], None], until: Callable[[asyncio.Event], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._front = Front(self._app)
        server_sent_events.register(self._front)
        sdk_streams.register(self._front)
        bus = self._front.engine.bus
        self._loop.add_reader(bus.fileno(), bus.read)
        self._tls = _context(self._settings)
        self._config = Config(self._front, interface="asgi3", lifespan="off", log_config=None, access_log=False)
        self._config.timeout_keep_alive = _KEEP_SECONDS
        self._config.loaded_app, self._config.loaded, self._config.ws_protocol_class = self._front, True, None
        stop = asyncio.Event()
        until(stop)
        self._listener.setblocking(False)
        self._accept_on()
        sweeper = asyncio.create_task(self._sweep())
        started()
        await stop.wait()
        sweeper.cancel()
        await self._stop()

    def _accept_on(self) -> None:
        if not self._front.stopping.is_set() and not self._accepting:
            self._accepting = True
            self._loop.add_reader(self._listener.fileno(), self._accept)

    def _accept_off(self) -> None:
        if self._accepting:
            self._accepting = False
            self._loop.remove_reader(self._listener.fileno())

    def _accept(self) -> None:
        """Take what waits, while it is this process's share."""
        for _ in range(_ACCEPTS):
            if self._open > self._table.fewest_connections() and self._yields < _YIELDS:
                self._yields += 1
                self._accept_off()
                self._loop.call_later(_YIELD_SECONDS, self._accept_on)
                return
            try:
                sock, _address = self._listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                self._yields = 0
                return
            except OSError as exc:  # no file descriptor is left
                log.warning("a connection cannot be accepted: %s", exc)
                self._accept_off()
                self._loop.call_later(_SWEEP_SECONDS, self._accept_on)
                return
            self._yields = 0
            self._begin(sock)

    def _begin(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        if self._open >= self._most:
            with contextlib.suppress(OSError):
                busy = "There are too many connections: come back in a few seconds."
                sock.send(connection.answer(503, "busy", busy, {"retry-after": "5"}))
            sock.close()
            return
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._count(1)
        task = self._loop.create_task(self._connect(sock))
        self._state.tasks.add(task)
        task.add_done_callback(self._state.tasks.discard)

    async def _connect(self, sock: socket.socket) -> None:
        made = False

        def protocol() -> Connection:
            return Connection(
                self._config,
                self._state,
                self._settings.receive_seconds,
                self._front.count,
                lambda: self._count(-1),
                self._front.stopping.is_set,
            )

        try:
            await self._loop.connect_accepted_socket(
                protocol, sock, ssl=self._tls, ssl_handshake_timeout=HEAD_SECONDS if self._tls else None
            )
            made = True
        except (OSError, ssl.SSLError, ConnectionError) as exc:
            log.debug("a connection ended before its first request: %s", exc)
        finally:
            if not made:
                self._count(-1)
                sock.close()

    def _count(self, change: int) -> None:
        self._open += change
        self._table.report(self._index, self._open)

    async def _sweep(self) -> None:
        while True:
            now = time.monotonic()
            self._table.report(self._index, self._open)
            self._state.default_headers = [(b"date", formatdate(usegmt=True).encode())]
            for one in list(self._state.connections):
                if isinstance(one, Connection):
                    one.sweep(now)
            self._front.sweep()
            await asyncio.sleep(_SWEEP_SECONDS)

    async def _stop(self) -> None:
        """Answer what is under way, if it ends in time; refuse what waits; end what rests."""
        self._accept_off()
        self._front.stop()
        # Who has connected already is told: a listener that is closed resets those that wait in its queue.
        with contextlib.suppress(OSError):
            while True:
                self._begin(self._listener.accept()[0])
        self._listener.close()
        self._table.mark_absent(self._index)
        for wait in (_TOLD_SECONDS, _READ_SECONDS):
            await asyncio.sleep(wait)
            for one in list(self._state.connections):
                one.shutdown()
        await self._rest(STOP_SECONDS)
        for one in list(self._state.connections):
            if isinstance(one, Connection):
                one.cut_off()
        self._loop.remove_reader(self._front.engine.bus.fileno())
        self._front.close()
        await self._rest(_LAST_SECONDS)
        await self._sent()
        # What is left is cut off, which is no failure of it.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)

    async def _sent(self) -> None:
        """Wait until what was answered has left."""
        deadline = self._loop.time() + _SENT_SECONDS
        while self._loop.time() < deadline and any(
            one.transport.get_write_buffer_size() for one in self._state.connections
        ):
            await asyncio.sleep(0.02)

    async def _rest(self, seconds: float) -> None:
        """Wait for what is under way."""
        deadline = self._loop.time() + seconds
        while self._state.tasks and self._loop.time() < deadline:
            await asyncio.wait(list(self._state.tasks), timeout=deadline - self._loop.time())


def _context(settings: Settings) -> ssl.SSLContext | None:
    if not settings.certfile:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(settings.certfile, settings.keyfile)
    return context

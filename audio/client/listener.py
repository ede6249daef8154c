"""Sound, chunk by chunk, to a service: in one session, one request at a time, whatever the network does.

Goal: nothing is lost in silence. Each chunk says where in the session it lies, so that the gateway knows a hole when
there is one, and knows a chunk again that is sent a second time after a time-out.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

from audio.client.chunks import Chunk, Chunker
from audio.client.connection import Root
from audio.client.delivery import Delivery
from audio.client.resources import Session
from audio.client.source import Notice, OnNotice, Source, to_log
from audio.client.wanted import WantedFile, ask
from audio.errors import UnsupportedFormat

CATCH_UP = 1.0  # seconds of sound that go into one request, when more waits

OnResult = Callable[[dict[str, Any], Chunk], None]
OnChunk = Callable[[Chunk], None]


class Listener:
    """Sends a source to a service and calls `on_result` with each answer and the chunk that it answers.

    Use it in a `with` statement: it starts the source, and a thread in which the callbacks are called. Leaving the
    statement stops the source and sends what was captured until then. What ends it early, an error that no patience
    helps against or one that a callback raises, is raised by `wait` and by `close`.

    gateway: where the service is; it need not be up yet. parameters: what goes with each chunk, such as sensitivity.
    rate, channels: of what is sent; where they are not given, what the service wants, at no higher rate than the source
    has. chunk: frames. timeout: seconds for one request. wanted: what the service wants, where it
    was asked already. on_chunk: is called with each chunk before it is sent.
    on_notice: with what a person should know.
    """

    def __init__(
        self,
        gateway: Root,
        service: str,
        source: Source,
        *,
        version: int | None = None,
        parameters: Mapping[str, Any] | None = None,
        rate: int | None = None,
        channels: int | None = None,
        chunk: int = 8192,
        timeout: float = 5.0,
        wanted: WantedFile | None = None,
        on_result: OnResult | None = None,
        on_chunk: OnChunk | None = None,
        on_notice: OnNotice = to_log,
    ) -> None:
        gateway.conf.retries, gateway.conf.timeout = 0, timeout  # patience is the delivery's, which has room for it
        wanted = wanted or ask(gateway, service, version, parameters or {})
        self.source = source
        self.rate, self.channels = rate or 0, channels or wanted.channels  # the rate is settled by `open`
        self._wanted_rate = wanted.rate
        self.chunks, self.delivered = 0, 0  # chunks and frames that were answered
        self._left_out = 0  # frames at which the gateway failed again and again
        self._chunk = chunk
        self._on_result, self._on_chunk, self._on_notice = on_result, on_chunk, on_notice
        self._cancelled = threading.Event()
        self._delivery = Delivery(
            gateway, service, version, parameters or {}, self._cancelled, self._seconds_left, on_notice
        )
        self._delivery.use(wanted)
        self._chunker: Chunker | None = None
        self._error: BaseException | None = None
        self._finished = False
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="audio-listener", daemon=True)

    def open(self) -> None:
        """Start the source and settle the rate. Raises AudioError where it cannot be opened."""
        self.source.start()
        if self.source.channels < self.channels and self.source.pick is None:
            self.source.stop()
            raise UnsupportedFormat(
                f"{self.source.name} has {self.source.channels} channel(s); the service wants {self.channels}."
            )
        if self.source.pick is not None and self.source.channels != self.channels:
            self.source.stop()
            raise UnsupportedFormat(
                f"Chosen are {self.source.channels} channel(s) of {self.source.name}; "
                f"the service wants {self.channels}."
            )
        self.rate = self.rate or min(self._wanted_rate, self.source.rate)
        most = round(CATCH_UP * self.rate)
        self._chunker = Chunker(self.source, self.rate, self.channels, self._chunk, most)

    def start(self) -> None:
        """Begin to send; `open` it, where that was not done."""
        if self._chunker is None:
            self.open()
        self._thread.start()

    def wait(self, timeout: float | None = None) -> bool:
        """Until all of the source is answered, or `timeout` seconds. Whether it is; raises what ended it early."""
        done = self._done.wait(timeout)
        if done and self._error is not None:
            raise self._error
        return done

    def stop(self) -> None:
        """Take in no more sound; what was captured is still sent: `wait` for that."""
        self.source.stop()

    def close(self, drain: float = 5.0) -> None:
        """Stop, and wait until what was captured is answered, or no answer came for `drain` seconds."""
        self.stop()
        answered = -1
        while answered < self.chunks and not self._done.is_set():
            answered = self.chunks
            self._done.wait(drain)
        self._cancelled.set()
        self._done.wait(1.0)
        if self._error is not None:
            raise self._error

    @property
    def session(self) -> Session:
        """The session that the chunks belong to."""
        return self._delivery.session

    @property
    def undelivered(self) -> int:
        """Frames, of those that were captured and not dropped, that got no answer."""
        counts = self.source.counts
        kept = (counts.captured - counts.dropped) * self.rate / self.source.rate
        return self._left_out if self._finished else max(0, round(kept) - self.delivered)

    def __enter__(self) -> Listener:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def _run(self) -> None:
        try:
            while (chunk := self._next()) is not None:
                if chunk.lost:
                    self._tell_hole(chunk)
                if self._on_chunk is not None:
                    self._on_chunk(chunk)
                result = self._delivery.send(chunk)
                if result is None:
                    if self._cancelled.is_set():
                        return
                    self._left_out += chunk.sound.frames
                    continue
                self.chunks += 1
                self.delivered += chunk.sound.frames
                if self._on_result is not None:
                    self._on_result(result, chunk)
            self._finished = True
        except BaseException as exc:  # noqa: BLE001  (it is raised again for whoever waits, in another thread)
            self._error = exc
            self.source.stop()
        finally:
            self._done.set()

    def _tell_hole(self, chunk: Chunk) -> None:
        seconds = chunk.lost / self.rate
        self._on_notice(Notice("hole", f"{seconds:.2f} s ({chunk.lost} frames) are missing before what comes now"))

    def _seconds_left(self) -> float:
        """Seconds of sound that there is still room for."""
        backlog = self.source.backlog
        return (backlog.room - backlog.waiting) / self.source.rate

    def _next(self) -> Chunk | None:
        assert self._chunker is not None
        return None if self._cancelled.is_set() else self._chunker.next()

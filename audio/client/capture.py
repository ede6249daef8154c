"""A device that is watched: kept open, opened again when it dies, its frames held against the clock.

Goal: what the device loses is counted, a device that dies is noticed, and the time that this took lies as a hole
between the frames before and after it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from audio.client.clock import FrameClock
from audio.client.devices import MicrophoneError
from audio.client.monitor import DeviceMonitor
from audio.client.source import OnNotice, Source

CHECK = 0.25  # seconds between two looks at the device
LATE = 1.5  # seconds that the last frames may be late without being missed at the end
STALL = 3.0  # seconds without a callback after which a device is taken for dead
FIRST_STALL = 10.0  # the same before its very first frame: some sound systems take their time
CLOSING = 3.0  # seconds that a device gets to close
HANGING = 30.0  # seconds after which one that does not close is opened again all the same
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 5.0  # seconds between two attempts to open a device again

_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # goes on while a board is suspended


class Port(Protocol):
    """A device that is open. It is of no more use once it is closed, or could not be started."""

    rate: int
    channels: int
    name: str

    def start(self, arrived: Callable[[bytes, int], None]) -> None:
        """Have `arrived` called with each block and the status flags. Raises MicrophoneError."""

    def active(self) -> bool: ...

    def close(self, timeout: float) -> bool:
        """Close it; whether that came to an end in time."""

    def closed(self) -> bool:
        """Whether it has come to an end since."""


class Capture(Source):
    """What a microphone does beside being opened, which is for a subclass to say.

    overflows: how often the device has said that it lost sound.
    """

    name = "microphone"
    live = True

    def __init__(
        self, *, queue_seconds: float, duration: float | None, on_notice: OnNotice, pick: Sequence[int] | None = None
    ) -> None:
        super().__init__(queue_seconds=queue_seconds, duration=duration, on_notice=on_notice, pick=pick)
        self.overflows = 0
        self._port: Port | None = None
        self._closing: Port | None = None  # the last one that was given up
        self._clock: FrameClock | None = None
        self._fresh = True  # nothing has come since the device was opened
        self._opened_at = 0.0
        self._mark = (0.0, 0)  # when the last block came, and the position after it
        self._down_since: float | None = None
        self._retry_at, self._pause = 0.0, FIRST_PAUSE
        self._reason, self._hangs = "", False  # what was told of it while it is down

    def time_of(self, position: int) -> float | None:
        return None if self._clock is None else self._clock.time_of(position) + time.time() - _now()

    def stop(self) -> None:
        if self._backlog is not None:
            self._count_tail()
        super().stop()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(CLOSING + 1.0)

    def _open(self) -> None:
        port = self._port = self._connect(again=False)
        self.rate, self.channels, self.name = port.rate, port.channels, port.name

    def _begin(self) -> None:
        assert self._port is not None
        self._monitor = DeviceMonitor(self.rate, self._tell)
        self._opened_at = _now()
        self._start(self._port)

    def _start(self, port: Port) -> None:
        self._port, self._fresh = port, True
        self._mark = (_now(), self.backlog.position)
        try:
            port.start(lambda data, flags: self._arrived(port, data, flags))
        except MicrophoneError:
            self._port = None
            raise

    def _arrived(self, port: Port, data: bytes, flags: int) -> None:
        """PortAudio's thread: nothing is done here but to keep what came."""
        now = _now()
        if port is not self._port:  # one that was given up, and wakes up again
            return
        data = self.picked(data)
        if self._fresh:
            self._resume(now, len(data))
        self.backlog.put(data)
        self._mark = (now, self.backlog.position)
        if flags:
            self.overflows += 1

    def _resume(self, now: float, size: int) -> None:
        """The first block since the device was opened: what lies before it and did not come is a hole."""
        self.backlog.skip(max(0, self._missing(now) - size // (2 * self.channels)))
        self._clock = FrameClock(self.rate, self.backlog.position, now)
        self._fresh = False

    def _missing(self, now: float) -> int:
        """Frames that should have come by now, since the first one, and have not."""
        if self._clock is None:
            return 0
        return round((now - self._clock.time_of(self.backlog.position)) * self.rate)

    def _count_tail(self) -> None:
        """At the end: a device that gives nothing any more has lost what should have come since."""
        now = _now()
        missing = round((now - self._opened_at) * self.rate) if self._clock is None else self._missing(now)
        if missing > (LATE * self.rate if self._down_since is None else 0):
            self.backlog.skip(missing)

    def _overdue(self) -> bool:
        """Whether all that is wanted should have come long ago."""
        limit, now = self.backlog.limit, _now()
        if limit is None:
            return False
        end = self._opened_at + limit / self.rate if self._clock is None else self._clock.time_of(limit)
        return now > end + STALL

    def _run(self) -> None:
        while not self._stopping.wait(CHECK) and not self.backlog.closed:
            if self._overdue():
                self._count_tail()
            elif self._port is None:
                self._reopen()
            elif trouble := self._trouble(self._port):
                self._lose(self._port, trouble)
            else:
                self._look()
            self.tell_drops()
        self.backlog.close()
        if self._port is not None:
            self._close(self._port)

    def _trouble(self, port: Port) -> str | None:
        silent = _now() - self._mark[0]
        if not port.active():
            return "the sound system has closed it"
        patience = FIRST_STALL if self._clock is None else STALL
        return f"nothing has come from it for {silent:.1f} s" if silent > patience else None

    def _lose(self, port: Port, trouble: str) -> None:
        if self._down_since is None:
            self._down_since = self._mark[0]
            self._tell(f"is gone: {trouble}. Trying to open it again")
        self._port, self._closing = None, port
        self._retry_at = _now()
        self._close(port)

    def _close(self, port: Port) -> None:
        if not port.close(CLOSING) and not self._hangs:
            self._hangs = True
            self._tell(f"does not close: PortAudio hangs in it for {CLOSING:g} s")

    def _reopen(self) -> None:
        if _now() < self._retry_at or self._still_closing():
            return
        try:
            self._start(self._connect(again=True))
        except MicrophoneError as exc:
            if exc.message != self._reason:
                self._reason = exc.message
                self._tell(f"cannot be opened yet: {exc.message}")
        self._retry_at = _now() + self._pause
        self._pause = min(2 * self._pause, LONGEST_PAUSE)

    def _still_closing(self) -> bool:
        """PortAudio should not open a device while it hangs in closing one, unless there is nothing left to lose."""
        return self._closing is not None and not self._closing.closed() and _now() - self._retry_at < HANGING

    def _look(self) -> None:
        """While the device runs: say that it is back, and what is odd about it."""
        clock, (now, position) = self._clock, self._mark
        if self._fresh or clock is None:
            return
        if self._down_since is not None:
            self._tell(f"is back after {now - self._down_since:.1f} s, which are missing")
            self._down_since, self._pause, self._reason, self._hangs = None, FIRST_PAUSE, "", False
        self._monitor.report_overflows(self.overflows, clock, now)
        self.backlog.skip(self._monitor.lost_frames(position, clock, now))
        self._monitor.check_signal(self.samples(self.backlog.newest), now)

    def _tell(self, text: str) -> None:
        self.notice("microphone", f"{self.name} {text}")

    def _connect(self, *, again: bool) -> Port:
        """Open the device. `again`: the same one, with the same rate and channels. Raises MicrophoneError."""
        raise NotImplementedError


def _now() -> float:
    return time.clock_gettime(_CLOCK)

"""Microphones, through PortAudio: the only place that knows PyAudio.

Goal: capture that never lies. What the device loses is counted, a device that dies is noticed and opened again, and the
time that this took lies as a hole between the frames before and after it.
Conventions: 16 bit, at the device's own rate unless it can do the one that is asked for.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

from audio.client.clock import FrameClock
from audio.client.devices import Device, MicrophoneError, block_of, find
from audio.client.quiet import quiet
from audio.client.source import OnNotice, Source, to_log
from audio.client.watch import Watch

INSTALL = "sudo apt-get install -y portaudio19-dev gcc python3-dev && pip install PyAudio"
CHECK = 0.25  # seconds between two looks at the device
STALL = 3.0  # seconds without a callback after which a device is taken for dead
CLOSING = 3.0  # seconds that a device gets to close
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 5.0  # seconds between two attempts to open a device again
__all__ = ["Device", "Microphone", "MicrophoneError", "devices", "find"]

_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # goes on while a board is suspended


def devices() -> list[Device]:
    """The input devices, as PortAudio counts them. Raises MicrophoneError where there is no PyAudio."""
    pyaudio = _pyaudio()
    with quiet():
        audio = pyaudio.PyAudio()
        try:
            return _list(audio)
        finally:
            audio.terminate()


class Microphone(Source):
    """A microphone, to be used in a `with` statement; its blocks come by iteration, or go to a `Stream`.

    device: index, name or part of a name; None: the default one. rate: in Hz, wanted; where the device cannot do it, or
    with None, the device's own (see `rate` once it is started). channels: wanted; where the device cannot give so few,
    all that it has. chunk: frames; blocks go evenly into it, where that can be. queue_seconds: how much sound may wait.
    duration: seconds after which it ends.
    """

    live = True

    def __init__(
        self,
        device: int | str | None = None,
        *,
        rate: int | None = None,
        channels: int = 1,
        chunk: int = 8192,
        queue_seconds: float = 10.0,
        duration: float | None = None,
        on_notice: OnNotice = to_log,
    ) -> None:
        super().__init__(queue_seconds=queue_seconds, duration=duration, on_notice=on_notice)
        self.name = "microphone"
        self.overflows = 0
        self._wanted, self._wanted_rate, self._wanted_channels, self._chunk = device, rate, channels, chunk
        self._port: _Port | None = None
        self._clock: FrameClock | None = None
        self._fresh = True
        self._last = 0.0
        self._down_since: float | None = None
        self._retry_at, self._pause = 0.0, FIRST_PAUSE
        self._reason = ""

    def time_of(self, position: int) -> float | None:
        return None if self._clock is None else self._clock.time_of(position) + time.time() - _now()

    def stop(self) -> None:
        super().stop()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(CLOSING + 1.0)

    def _open(self) -> None:
        self._port = _Port(self._wanted, self._wanted_rate, self._wanted_channels, self._chunk)
        self.rate, self.channels, self.name = self._port.rate, self._port.channels, self._port.device.name

    def _begin(self) -> None:
        assert self._port is not None
        self._watch = Watch(self.rate, self._tell)
        self._last = _now()
        self._port.start(self._arrived)

    def _arrived(self, data: bytes, flags: int) -> None:
        """PortAudio's thread: nothing is done here but to keep what came."""
        now = _now()
        if self._fresh:
            self._resume(now, len(data))
        self.backlog.put(data)
        self._last = now
        if flags:
            self.overflows += 1

    def _resume(self, now: float, size: int) -> None:
        """The first block since the device was opened: what lies before it and did not come is a hole."""
        begin = now - size / (2 * self.channels * self.rate)
        if self._clock is not None:
            missed = round((begin - self._clock.time_of(self.backlog.position)) * self.rate)
            self.backlog.skip(max(0, missed))
        self._clock = FrameClock(self.rate, self.backlog.position, now)
        self._fresh = False

    def _run(self) -> None:
        while not self._stopping.wait(CHECK) and not self.backlog.closed:
            if self._port is None:
                self._reopen()
            elif trouble := self._trouble(self._port):
                self._lose(self._port, trouble)
            else:
                self._look()
            self.tell_drops()
        self.backlog.close()
        if self._port is not None:
            self._close(self._port)

    def _trouble(self, port: _Port) -> str | None:
        silent = _now() - self._last
        if not port.active():
            return "the sound system has closed it"
        return f"nothing has come from it for {silent:.1f} s" if silent > STALL else None

    def _lose(self, port: _Port, trouble: str) -> None:
        if self._down_since is None:
            self._down_since = self._last
            self._tell(f"is gone: {trouble}. Trying to open it again")
        self._port = None
        self._retry_at = _now()
        self._close(port)

    def _close(self, port: _Port) -> None:
        if not port.close(CLOSING):
            self._tell(f"does not close: PortAudio hangs in it for {CLOSING:g} s")

    def _reopen(self) -> None:
        if _now() < self._retry_at:
            return
        try:
            port = _Port(self._wanted, self.rate, self.channels, self._chunk, exactly=True)
            self._fresh = True
            self._last = _now()
            port.start(self._arrived)
        except MicrophoneError as exc:
            if exc.message != self._reason:
                self._reason = exc.message
                self._tell(f"cannot be opened yet: {exc.message}")
        else:
            self._port = port
        self._retry_at = _now() + self._pause
        self._pause = min(2 * self._pause, LONGEST_PAUSE)

    def _look(self) -> None:
        """While the device runs: say that it is back, and what is odd about it."""
        clock, now = self._clock, self._last
        if self._fresh or clock is None:
            return
        if self._down_since is not None:
            self._tell(f"is back after {now - self._down_since:.1f} s, which are missing")
            self._down_since, self._pause, self._reason = None, FIRST_PAUSE, ""
        self._watch.overflows(self.overflows, clock, now)
        self.backlog.skip(self._watch.position(self.backlog.position, clock, now))
        self._watch.sound(self.samples(self.backlog.newest), now)

    def _tell(self, text: str) -> None:
        self.notice("microphone", f"{self.name} {text}")


class _Port:
    """A PortAudio stream that is open."""

    def __init__(
        self, wanted: int | str | None, rate: int | None, channels: int, chunk: int, *, exactly: bool = False
    ) -> None:
        self._pyaudio = _pyaudio()
        self._stream: Any = None
        with quiet():
            self._audio = self._pyaudio.PyAudio()
            try:
                self.device = find(_list(self._audio), wanted)
                self.rate, self.channels = self._format(rate, channels, exactly)
                self._block = block_of(chunk, self.rate)
            except BaseException:
                self._audio.terminate()
                raise

    def start(self, arrived: Callable[[bytes, int], None]) -> None:
        """Have `arrived` called with each block and PortAudio's status flags."""
        go_on = (None, self._pyaudio.paContinue)

        def callback(data: bytes, frames: int, times: Any, flags: int) -> tuple[None, int]:
            arrived(data, flags)
            return go_on

        try:
            with quiet():
                self._stream = self._audio.open(
                    format=self._pyaudio.paInt16,
                    channels=self.channels,
                    rate=self.rate,
                    input=True,
                    input_device_index=self.device.index,
                    frames_per_buffer=self._block,
                    stream_callback=callback,
                )
        except OSError as exc:
            self._audio.terminate()
            raise MicrophoneError(f"The device {self.device.name} cannot be opened: {_reason(exc)}.") from exc

    def active(self) -> bool:
        try:
            return bool(self._stream.is_active())
        except OSError:  # PortAudio's way of saying that the stream is no more
            return False

    def close(self, timeout: float) -> bool:
        """Close it; whether that came to an end in time. A device that hangs can hang PortAudio with it."""
        thread = threading.Thread(target=self._close, name="audio-close", daemon=True)
        thread.start()
        thread.join(timeout)
        return not thread.is_alive()

    def _close(self) -> None:
        with quiet():
            try:
                self._stream.close()
            finally:
                self._audio.terminate()

    def _format(self, rate: int | None, channels: int, exactly: bool) -> tuple[int, int]:
        own = self.device
        rates = [rate or own.rate] if exactly or rate is None else [rate, own.rate]
        counts = [channels] if exactly or channels >= own.channels else [channels, own.channels]
        if channels > own.channels:
            raise MicrophoneError(f"{channels} channels are wanted; the device {own.name} has {own.channels}.")
        for pair in [(r, c) for r in rates for c in counts]:
            if self._can(*pair):
                return pair
        raise MicrophoneError(f"The device {own.name} can do neither {rates[0]} Hz nor its own rate, {own.rate} Hz.")

    def _can(self, rate: int, channels: int) -> bool:
        try:
            return bool(
                self._audio.is_format_supported(
                    rate,
                    input_device=self.device.index,
                    input_channels=channels,
                    input_format=self._pyaudio.paInt16,
                )
            )
        except ValueError:  # PyAudio's way of saying no
            return False


def _list(audio: Any) -> list[Device]:
    try:
        default = int(audio.get_default_input_device_info()["index"])
    except OSError:  # there is none
        default = -1
    infos = [audio.get_device_info_by_index(i) for i in range(audio.get_device_count())]
    return [
        Device(i, str(d["name"]), int(d["maxInputChannels"]), round(d["defaultSampleRate"]), i == default)
        for i, d in enumerate(infos)
        if d["maxInputChannels"] > 0
    ]


def _reason(exc: OSError) -> str:
    text = str(exc.args[-1] if exc.args else exc)
    return "it is busy, or gone" if "Device unavailable" in text else text


def _now() -> float:
    return time.clock_gettime(_CLOCK)


def _pyaudio() -> ModuleType:
    os.environ.setdefault("JACK_NO_START_SERVER", "1")
    try:
        import pyaudio
    except ImportError as exc:
        raise MicrophoneError(
            f"There is no PyAudio, so no microphone; all else works. To install it: {INSTALL}"
        ) from exc
    module: ModuleType = pyaudio
    return module

"""Microphones, through PortAudio: the only place that knows PyAudio.

Conventions: 16 bit, at the device's own rate unless it can do the one that is asked for.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from audio.client.capture import Capture, Port
from audio.client.devices import Device, MicrophoneError, block_of, find
from audio.client.native_stderr import muted
from audio.client.source import OnNotice, several, to_log

MOST_OF_A_BOARD = 16  # channels; a device of a sound system claims 32 or more, whatever is behind it
INSTALL = "sudo apt-get install -y portaudio19-dev gcc python3-dev && pip install PyAudio"

__all__ = ["Device", "Microphone", "MicrophoneError", "devices", "find"]


def devices() -> list[Device]:
    """The input devices, as PortAudio counts them. Raises MicrophoneError where there is no PyAudio."""
    pyaudio = _pyaudio()
    with muted():
        audio = pyaudio.PyAudio()
        try:
            return _list(audio)
        finally:
            audio.terminate()


class Microphone(Capture):
    """A microphone, to be used in a `with` statement; its blocks come by iteration, or go to a `Listener`.

    Parameters
    ----------
    device : index, name or part of a name; None: the default one.
    rate : in Hz, wanted; where the device cannot do it, or with None, the device's own (see `rate` once it is started).
    channels : wanted; where the device cannot give so few, all that it has.
    channel : which of the device's channels are taken, counted from 0: one, or several in order, such as (1, 3). Then
        the device is opened with all that it has, and `channels` is how many are taken. None: all that come.
    chunk : frames; blocks go evenly into it, where that can be.
    queue_seconds : how much sound may wait.
    duration : seconds after which it ends.

    Raises
    ------
    MicrophoneError : when it is started and there is no such device, or it cannot be opened as asked.
    BadInput : a channel that is named twice, or that the device does not have.
    """

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
        channel: int | Sequence[int] | None = None,
    ) -> None:
        pick = several(channel)
        super().__init__(queue_seconds=queue_seconds, duration=duration, on_notice=on_notice, pick=pick)
        self._wanted, self._wanted_rate, self._wanted_channels, self._chunk = device, rate, channels, chunk

    def _connect(self, *, again: bool) -> Port:
        if again:
            return _Port(self._wanted, self.rate, self._channels_that_come, self._chunk, exactly=True)
        channels = self._wanted_channels if self.pick is None else max(self._wanted_channels, 1 + max(self.pick))
        port = _Port(self._wanted, self._wanted_rate, channels, self._chunk, whole=self.pick is not None)
        if isinstance(self._wanted, int) or (self._wanted or "").isdecimal():
            self._wanted = port.name  # an index can mean another device once something was plugged in
        return port


class _Port:
    """A PortAudio stream that is open.

    exactly: with this rate and these channels, or not at all. whole: with all channels of the device, if it is a board:
    a sound system that is asked for some of them may mix the others in.
    """

    def __init__(
        self,
        wanted: int | str | None,
        rate: int | None,
        channels: int,
        chunk: int,
        *,
        exactly: bool = False,
        whole: bool = False,
    ) -> None:
        self._pyaudio = _pyaudio()
        self._stream: Any = None
        self._closer: threading.Thread | None = None
        with muted():
            self._audio = self._pyaudio.PyAudio()
            try:
                self._device = find(_list(self._audio), wanted)
                self.name = self._device.name
                self.rate, self.channels = self._format(rate, channels, exactly, whole)
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
            with muted():
                self._stream = self._audio.open(
                    format=self._pyaudio.paInt16,
                    channels=self.channels,
                    rate=self.rate,
                    input=True,
                    input_device_index=self._device.index,
                    frames_per_buffer=self._block,
                    stream_callback=callback,
                )
        except OSError as exc:
            self._audio.terminate()
            raise MicrophoneError(f"The device {self._device.name} cannot be opened: {_reason(exc)}.") from exc

    def active(self) -> bool:
        try:
            return bool(self._stream.is_active())
        except OSError:  # PortAudio's way of saying that the stream is no more
            return False

    def close(self, timeout: float) -> bool:
        """Close it; whether that came to an end in time. A device that hangs can hang PortAudio with it."""
        self._closer = threading.Thread(target=self._close, name="audio-close", daemon=True)
        self._closer.start()
        self._closer.join(timeout)
        return self.closed()

    def closed(self) -> bool:
        return self._closer is not None and not self._closer.is_alive()

    def _close(self) -> None:
        with muted():
            try:
                self._stream.close()
            finally:
                self._audio.terminate()

    def _format(self, rate: int | None, channels: int, exactly: bool, whole: bool) -> tuple[int, int]:
        own = self._device
        rates = [rate or own.rate] if exactly or rate is None else [rate, own.rate]
        counts = [channels] if exactly or channels >= own.channels else [channels, own.channels]
        if channels > own.channels:
            raise MicrophoneError(f"{channels} channels are wanted; the device {own.name} has {own.channels}.")
        if whole and own.channels <= MOST_OF_A_BOARD:
            counts.insert(0, own.channels)
        for pair in [(r, c) for r in rates for c in counts]:
            if self._can(*pair):
                return pair
        raise MicrophoneError(f"The device {own.name} can do neither {rates[0]} Hz nor its own rate, {own.rate} Hz.")

    def _can(self, rate: int, channels: int) -> bool:
        try:
            return bool(
                self._audio.is_format_supported(
                    rate,
                    input_device=self._device.index,
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

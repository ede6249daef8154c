"""Sound files and raw PCM from a pipe, as sources."""

from __future__ import annotations

import mmap
import os
import time
from collections.abc import Sequence
from pathlib import Path

from audio import wav
from audio.client.source import OnNotice, Source, several, to_log
from audio.errors import AudioError, UnsupportedFormat
from audio.pcm import Pcm

BLOCK = 1024  # frames


class FileSource(Source):
    """A WAV file. fast: as fast as it is taken; else at the pace at which it was recorded, as a microphone would.

    channel: which of its channels are taken, counted from 0: one, or several in order; None: all.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        fast: bool = False,
        queue_seconds: float = 10.0,
        duration: float | None = None,
        on_notice: OnNotice = to_log,
        channel: int | Sequence[int] | None = None,
    ) -> None:
        super().__init__(queue_seconds=queue_seconds, duration=duration, on_notice=on_notice, pick=several(channel))
        self.path = Path(path)
        self.name = str(path)
        self.live = not fast
        self._sound: Pcm | None = None

    def _open(self) -> None:
        self._sound = _map(self.path)
        self.rate, self.channels = self._sound.rate, self._sound.channels

    def _run(self) -> None:
        assert self._sound is not None
        begin = time.monotonic()
        for start in range(0, self._sound.frames, BLOCK):
            piece = self._sound.samples[start : start + BLOCK]
            due = begin + (start + len(piece)) / self.rate if self.live else begin
            if self._stopping.wait(max(0.0, due - time.monotonic())):
                break
            self.backlog.put(self.picked(piece.astype("<i2", copy=False).tobytes()), wait=not self.live)
            self.tell_drops()
        self.backlog.close()


class RawSource(Source):
    """Raw PCM from a file descriptor, such as stdin: 16 bit, little-endian, channels side by side.

    It is read as fast as it is taken: whoever writes into the pipe has to wait, and nothing is lost here. channels: how
    many come. channel: which of them are taken, counted from 0: one, or several in order; None: all.
    """

    def __init__(
        self,
        descriptor: int,
        *,
        rate: int,
        channels: int,
        name: str = "stdin",
        queue_seconds: float = 10.0,
        duration: float | None = None,
        on_notice: OnNotice = to_log,
        channel: int | Sequence[int] | None = None,
    ) -> None:
        super().__init__(queue_seconds=queue_seconds, duration=duration, on_notice=on_notice, pick=several(channel))
        self.name = name
        self.rate, self.channels = rate, channels
        self._descriptor = descriptor
        self._rest = b""

    def _open(self) -> None:
        self._rest = os.read(self._descriptor, 4096)
        if self._rest[:4] == b"RIFF":
            raise UnsupportedFormat(
                f"A WAV file comes from {self.name}; wanted is raw PCM of 16 bits, without a header, as from "
                "'arecord -t raw' or 'ffmpeg -f s16le'. A WAV file can be given by its name."
            )

    def _run(self) -> None:
        frame = 2 * self._channels_that_come
        data = self._rest
        while data and not self._stopping.is_set():
            whole = len(data) - len(data) % frame
            self.backlog.put(self.picked(data[:whole]), wait=True)
            more = os.read(self._descriptor, BLOCK * frame)
            data = data[whole:] + more if more else b""
        self.backlog.close()


def _map(path: Path) -> Pcm:
    """The sound in a file, which is read as it is needed: an hour of sound takes no memory."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size == 0:
                return wav.decode(b"")
            return wav.decode(memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)))
    except OSError as exc:
        raise AudioError(f"{path} cannot be read: {exc.strerror or exc}.") from exc

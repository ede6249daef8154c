"""A WAV file that grows with the sound, and can be read at any time."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

import numpy as np

from audio import wav
from audio.client.chunks import Chunk
from audio.errors import AudioError
from audio.pcm import Pcm

LARGEST = 0x7FFF0000  # bytes of samples: what any reader takes


class Recorder:
    """Writes chunks into a file; holes become silence, so that time in the file is the time of the source.

    It stops at 2 GiB, which is 18 hours of 16 kHz mono: `full` says so.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.full = False
        self._written = 0  # bytes of samples
        try:
            self._file = self.path.open("wb")
        except OSError as exc:
            raise AudioError(f"{self.path} cannot be written: {exc.strerror or exc}.") from exc

    def write(self, chunk: Chunk) -> None:
        """Add a chunk, and before it the silence that stands for what was lost."""
        frame = 2 * chunk.sound.channels
        room = (LARGEST - self._written) // frame
        lost = min(chunk.lost, room)
        taken = min(chunk.sound.frames, room - lost)
        self.full = self.full or lost + taken < chunk.lost + chunk.sound.frames
        if not self._written:
            self._header(chunk)
        self._file.seek(0, os.SEEK_END)
        for _ in range(lost // chunk.sound.rate):
            self._file.write(bytes(frame * chunk.sound.rate))
        self._file.write(bytes(frame * (lost % chunk.sound.rate)))
        self._file.write(chunk.sound.samples[:taken].astype("<i2", copy=False).tobytes())
        self._written += frame * (lost + taken)
        self._header(chunk)
        self._file.flush()

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def _header(self, chunk: Chunk) -> None:
        nothing = np.zeros((0, chunk.sound.channels), np.int16)
        header = bytearray(wav.encode(Pcm(nothing, chunk.sound.rate)))
        header[4:8] = (36 + self._written).to_bytes(4, "little")
        header[40:44] = self._written.to_bytes(4, "little")
        self._file.seek(0)
        self._file.write(header)

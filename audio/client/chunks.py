"""Blocks of a source -> chunks of the size, rate and channels that a service wants."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from audio.client.backlog import Block
from audio.client.resample import StreamResampler
from audio.client.source import Source
from audio.pcm import Pcm, Samples


@dataclass(frozen=True)
class Chunk:
    """Sound without a hole in it.

    number: from 0. offset: frames, at the rate of `sound`, between the beginning of the source and this chunk. lost:
    frames of the same kind that are missing right before it. time: when its first frame was heard, in Unix time; None
    for a sound that has no such time.
    """

    number: int
    offset: int
    sound: Pcm
    lost: int
    time: float | None

    @property
    def end(self) -> int:
        return self.offset + self.sound.frames

    def time_at(self, frame: float) -> float:
        """When a frame of it was heard, in Unix time; or, for a sound without, seconds since the source began."""
        if self.time is None:
            return (self.offset + frame) / self.sound.rate
        return self.time + frame / self.sound.rate


class Chunker:
    """Takes blocks out of a source that is started, and gives chunks.

    rate, channels: of the chunks; of the source's channels, the first ones are taken. frames: of a chunk. Where more
    sound waits, up to `most` frames go into one: so a slow gateway, or one that was away, is caught up with. A chunk
    ends before a hole, and the resampler begins afresh after it.
    """

    def __init__(self, source: Source, rate: int, channels: int, frames: int, most: int) -> None:
        self.rate, self.channels, self.frames, self.most = rate, channels, frames, max(frames, most)
        self._source = source
        self._resampler = StreamResampler(source.rate, rate, channels)
        self._ready: list[Samples] = []
        self._held = 0  # frames in _ready
        self._start = 0  # offset of the first of them
        self._position = 0  # of the source, where the next block is expected
        self._after_hole: Block | None = None
        self._end = 0  # of the last chunk
        self._number = 0

    def next(self) -> Chunk | None:
        """The next chunk, once it is there; None at the end of the source."""
        while True:
            size = self._size()
            while self._held < size and self._after_hole is None and self._fill(size - self._held):
                pass
            if self._held:
                return self._cut(min(size, self._held))
            if self._after_hole is None:
                return None
            self._begin_after_hole(self._after_hole)

    def _size(self) -> int:
        """Frames of the next chunk: as many whole ones as wait, within bounds."""
        waiting = self._held + self._source.backlog.waiting * self.rate // self._source.rate
        return self.frames * max(1, min(waiting, self.most) // self.frames)

    def _fill(self, frames: int) -> bool:
        """Take in one block; False at the end of the source, once all is there."""
        block = self._source.backlog.take(-(-frames * self._source.rate // self.rate))
        if block is None:
            self._hold(self._resampler.resample(self._nothing(), last=True))
            return False
        if block.position != self._position:
            self._hold(self._resampler.resample(self._nothing(), last=True))
            self._after_hole = block
        else:
            self._take(block)
        return True

    def _take(self, block: Block) -> None:
        self._position = block.end
        self._hold(self._resampler.resample(self._source.samples(block.data)[:, : self.channels]))

    def _begin_after_hole(self, block: Block) -> None:
        self._after_hole = None
        self._start = max(self._end, round(block.position * self.rate / self._source.rate))
        self._take(block)

    def _hold(self, samples: Samples) -> None:
        if len(samples):
            self._ready.append(samples)
            self._held += len(samples)

    def _cut(self, frames: int) -> Chunk:
        joined = np.concatenate(self._ready) if len(self._ready) > 1 else self._ready[0]
        sound, rest = joined[:frames], joined[frames:]
        self._ready, self._held = [], 0
        self._hold(rest)
        time = self._source.time_of(round(self._start * self._source.rate / self.rate))
        chunk = Chunk(self._number, self._start, Pcm(sound, self.rate), self._start - self._end, time)
        self._number, self._start, self._end = self._number + 1, chunk.end, chunk.end
        return chunk

    def _nothing(self) -> Samples:
        return np.zeros((0, self.channels), np.int16)

"""Sound that was captured and has not been taken yet: bounded, numbered, and honest about its holes.

A producer, such as the callback of a sound card, puts blocks in and never waits; one consumer takes them out. Every
frame has a position: the number of frames of the source before it, those that were lost included. So a hole is a jump
of the position, wherever it came from, and time is never stretched.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True)
class Block:
    """Frames as the source gave them: 16 bit, channels side by side. position: of the first of them."""

    position: int
    frames: int
    data: bytes

    @property
    def end(self) -> int:
        return self.position + self.frames


@dataclass
class Counts:
    """Frames, since the source began. captured: that came. missed: that the device lost. dropped: for want of room."""

    captured: int = 0
    missed: int = 0
    dropped: int = 0

    @property
    def lost(self) -> int:
        return self.missed + self.dropped


class Backlog:
    """Blocks between a source and who takes them; see above.

    frame_bytes: bytes a frame. room: frames that may wait. When there is no more room, the oldest contiguous quarter
    of it goes at once: one hole, where dropping block by block would tear a hole into every chunk. limit: the length of
    the source in frames, where it has one.
    """

    def __init__(self, frame_bytes: int, room: int, *, limit: int | None = None) -> None:
        self.frame_bytes, self.room, self.limit = frame_bytes, room, limit
        self.counts = Counts()
        self.closed = False
        self.newest = b""
        self._blocks: deque[Block] = deque()
        self._waiting = 0
        self._position = 0
        self._wanted = 1
        self._changed = threading.Condition()

    @property
    def waiting(self) -> int:
        """Frames that wait to be taken."""
        return self._waiting

    @property
    def position(self) -> int:
        """Where the next frame that comes will lie."""
        return self._position

    def put(self, data: bytes, *, wait: bool = False) -> None:
        """Add what was captured. `wait`: until there is room, for a source that can; else old sound makes room."""
        with self._changed:
            frames = len(data) // self.frame_bytes
            if wait:
                self._changed.wait_for(lambda: self.closed or self._waiting + frames <= max(self.room, frames))
            if self.closed:
                return
            if self.limit is not None and self._position + frames >= self.limit:
                frames = max(0, self.limit - self._position)
                data = data[: frames * self.frame_bytes]
                self.closed = True
            if frames:
                self._add(Block(self._position, frames, data))
            if self.closed or self._waiting >= self._wanted:
                self._changed.notify_all()

    def skip(self, frames: int) -> None:
        """Say that the source lost frames here."""
        with self._changed:
            if self.closed:
                return
            if self.limit is not None and self._position + frames >= self.limit:
                frames = self.limit - self._position
                self.closed = frames > 0 or self.closed
            self.counts.missed += frames
            self._position += frames
            if self.closed:
                self._changed.notify_all()

    def take(self, wanted: int = 1, timeout: float | None = None) -> Block | None:
        """The oldest block, once `wanted` frames wait or none will come; None at the end, or after `timeout` seconds.

        `ended` tells these two apart.
        """
        with self._changed:
            self._wanted = min(wanted, max(1, self.room // 2))
            self._changed.wait_for(lambda: self.closed or self._waiting >= self._wanted, timeout)
            if not self._blocks or not (self.closed or self._waiting >= self._wanted):
                return None
            block = self._blocks.popleft()
            self._waiting -= block.frames
            self._changed.notify_all()
            return block

    @property
    def ended(self) -> bool:
        """Whether all was taken and no more will come."""
        with self._changed:
            return self.closed and not self._blocks

    def close(self) -> None:
        """Take no more in. What waits can still be taken."""
        with self._changed:
            self.closed = True
            self._changed.notify_all()

    def _add(self, block: Block) -> None:
        self.counts.captured += block.frames
        self._position = block.end
        self.newest = block.data
        self._blocks.append(block)
        self._waiting += block.frames
        if self._waiting > self.room:
            self._make_room()

    def _make_room(self) -> None:
        goal = self.room - self.room // 4
        while self._waiting > goal and len(self._blocks) > 1:
            block = self._blocks.popleft()
            self._waiting -= block.frames
            self.counts.dropped += block.frames
            if self._waiting <= self.room and self._blocks[0].position != block.end:
                break

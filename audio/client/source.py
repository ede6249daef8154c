"""Where sound comes from: what a microphone, a file and a pipe have in common.

A source fills a backlog from a thread of its own, between `start` and `stop`, and tells what happens to it in notices.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import TypeVar

import numpy as np

from audio.client.backlog import Backlog, Block, Counts
from audio.pcm import Samples, require_channels

SELDOM = 60.0  # seconds between two notices that sound had to go

log = logging.getLogger("audio.client")

S = TypeVar("S", bound="Source")


@dataclass(frozen=True)
class Notice:
    """Something that a person should know.

    about: "microphone", "queue", "gateway", "session" or "hole". time: in Unix time.
    """

    about: str
    text: str
    time: float = field(default_factory=time.time)


OnNotice = Callable[[Notice], None]


def to_log(notice: Notice) -> None:
    """What is done with notices where nothing else is asked for."""
    log.warning("%s: %s", notice.about, notice.text)


class Source:
    """Sound of `channels` channels at `rate` Hz, once it is started.

    name: for people. live: it goes on whether anyone takes its sound or not. pick: which of the channels that come are
    taken, counted from 0 and in this order; None: all of them.
    """

    name = "sound"
    live = False

    def __init__(
        self, *, queue_seconds: float, duration: float | None, on_notice: OnNotice, pick: Sequence[int] | None = None
    ) -> None:
        self.rate, self.channels = 0, 0
        self.pick = None if pick is None else tuple(pick)
        if self.pick is not None:
            require_channels(self.pick, 1 + max(self.pick, default=0))
        self._channels_that_come = 0
        self.on_notice = on_notice
        self._queue_seconds, self._duration = queue_seconds, duration
        self._backlog: Backlog | None = None
        self._stopping = threading.Event()
        self._told, self._tell_next = 0, 0.0
        self._thread: threading.Thread | None = None

    @property
    def backlog(self) -> Backlog:
        if self._backlog is None:
            raise RuntimeError(f"{self.name} is not started: use it in a 'with' statement.")
        return self._backlog

    @property
    def counts(self) -> Counts:
        return self.backlog.counts

    def start(self) -> None:
        """Open it and begin. Raises AudioError where it cannot be opened."""
        self._open()
        self._channels_that_come = self.channels
        if self.pick is not None:
            require_channels(self.pick, self.channels)
            self.channels = len(self.pick)
        limit = None if self._duration is None else round(self._duration * self.rate)
        self._backlog = Backlog(2 * self.channels, max(1, round(self._queue_seconds * self.rate)), limit=limit)
        self._begin()
        self._thread = threading.Thread(target=self._run, name=f"audio-{self.name}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Take in no more. What was captured can still be taken out. May be called twice."""
        self._stopping.set()
        if self._backlog is not None:
            self._backlog.close()

    def time_of(self, position: int) -> float | None:
        """When the sound at a position was heard, in Unix time; None for sound that has no such time."""
        return None

    def level(self) -> float:
        """Level of the newest sound, in dBFS; silence is -inf."""
        return dbfs(self.samples(self.backlog.newest))

    def samples(self, data: bytes) -> Samples:
        """A block's data as int16 (frames, channels)."""
        return np.frombuffer(data, dtype="<i2").astype(np.int16, copy=False).reshape(-1, self.channels)

    def picked(self, data: bytes) -> bytes:
        """Of a block as it comes, the channels that are taken."""
        if self.pick is None:
            return data
        return np.frombuffer(data, dtype="<i2").reshape(-1, self._channels_that_come)[:, list(self.pick)].tobytes()

    def tell_drops(self) -> None:
        """A notice for sound that had to go because nobody took it: the first time at once, then seldom."""
        dropped, now = self.backlog.counts.dropped, time.monotonic()
        if dropped > self._told and now >= self._tell_next:
            self._told, self._tell_next = dropped, now + SELDOM
            self.notice(
                "queue",
                f"the {self._queue_seconds:g} s that may wait are full, so the oldest sound goes: "
                f"{dropped / self.rate:.1f} s ({dropped} frames) so far",
            )

    def notice(self, about: str, text: str) -> None:
        self.on_notice(Notice(about, text))

    def __iter__(self) -> Iterator[Block]:
        """Blocks as they come, until the end."""
        while not self.backlog.ended:
            block = self.backlog.take()
            if block is not None:
                yield block

    def __enter__(self: S) -> S:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    def _open(self) -> None:
        """Set rate and channels."""
        raise NotImplementedError

    def _begin(self) -> None:
        """What is to be done once the backlog is there."""

    def _run(self) -> None:
        """Fill the backlog, in a thread, until `_stopping` is set or there is no more."""
        raise NotImplementedError


def several(channel: int | Sequence[int] | None) -> Sequence[int] | None:
    """Channels as a sequence, where one alone was named."""
    return (channel,) if isinstance(channel, int) else channel


def dbfs(samples: Samples) -> float:
    """Level of int16 samples: RMS in dB of full scale; -inf for silence and for nothing."""
    if not samples.size:
        return float("-inf")
    power = float(np.mean(np.square(samples, dtype=np.float32)))
    return 10.0 * float(np.log10(power / 32768.0**2)) if power else float("-inf")

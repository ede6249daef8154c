from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from audio.client.chunks import Chunk, Chunker
from audio.client.source import Source
from audio.pcm import Samples


class Fed(Source):
    """A source that a test fills itself."""

    def __init__(self, rate: int = 16_000, channels: int = 1, queue_seconds: float = 100.0) -> None:
        super().__init__(queue_seconds=queue_seconds, duration=None, on_notice=lambda notice: None)
        self.rate, self.channels = rate, channels
        self.start()

    def _open(self) -> None:
        pass

    def _run(self) -> None:
        pass

    def time_of(self, position: int) -> float:
        return 1000.0 + position / self.rate

    def feed(self, samples: Samples) -> None:
        self.backlog.put(samples.astype("<i2").tobytes())


def ramp(frames: int, first: int = 0, channels: int = 1) -> Samples:
    line = np.arange(first, first + frames) % 30_000
    return np.stack([line + channel for channel in range(channels)], axis=1).astype(np.int16)


def all_of(chunker: Chunker) -> list[Chunk]:
    chunks = []
    while (chunk := chunker.next()) is not None:
        chunks.append(chunk)
    return chunks


def test_chunks_have_the_size_that_is_wanted_and_the_last_one_the_rest() -> None:
    source = Fed()
    for i in range(25):
        source.feed(ramp(100, 100 * i))
    source.stop()
    chunks = all_of(Chunker(source, 16_000, 1, 1000, 1000))
    assert [chunk.sound.frames for chunk in chunks] == [1000, 1000, 500]
    assert [chunk.offset for chunk in chunks] == [0, 1000, 2000]
    assert [chunk.number for chunk in chunks] == [0, 1, 2]
    assert np.array_equal(np.concatenate([chunk.sound.samples for chunk in chunks]), ramp(2500))
    assert chunks[1].time == 1000.0 + 1000 / 16_000
    assert chunks[1].time_at(16_000) == pytest.approx(1001.0 + 1000 / 16_000)


def test_what_waits_is_sent_together_up_to_a_bound() -> None:
    source = Fed()
    source.feed(ramp(10_500))
    source.stop()
    chunks = all_of(Chunker(source, 16_000, 1, 1000, 4000))
    assert [chunk.sound.frames for chunk in chunks] == [4000, 4000, 2000, 500]


def test_a_chunk_ends_before_a_hole() -> None:
    source = Fed()
    source.feed(ramp(1500))
    source.backlog.skip(700)
    source.feed(ramp(300, 5000))
    source.stop()
    chunks = all_of(Chunker(source, 16_000, 1, 1000, 1000))
    assert [(chunk.offset, chunk.sound.frames, chunk.lost) for chunk in chunks] == [
        (0, 1000, 0),
        (1000, 500, 0),
        (2200, 300, 700),
    ]
    assert chunks[2].time == 1000.0 + 2200 / 16_000


def test_a_hole_at_the_very_beginning_and_two_in_a_row() -> None:
    source = Fed()
    source.backlog.skip(50)
    source.feed(ramp(10))
    source.backlog.skip(5)
    source.feed(ramp(10))
    source.backlog.skip(5)
    source.stop()
    chunks = all_of(Chunker(source, 16_000, 1, 1000, 1000))
    assert [(chunk.offset, chunk.sound.frames, chunk.lost) for chunk in chunks] == [(50, 10, 50), (65, 10, 5)]


def test_the_resampler_begins_afresh_after_a_hole() -> None:
    """Loud sound before a hole leaves no trace after it."""
    source = Fed(rate=48_000)
    source.feed(np.full((4800, 1), 20_000, np.int16))
    source.backlog.skip(4800)
    source.feed(np.zeros((4800, 1), np.int16))
    source.stop()
    before, after = all_of(Chunker(source, 16_000, 1, 10_000, 10_000))
    assert (before.sound.frames, after.offset, after.sound.frames, after.lost) == (1600, 3200, 1600, 1600)
    assert not after.sound.samples.any()


def test_the_first_channels_are_taken() -> None:
    source = Fed(channels=4)
    source.feed(ramp(100, channels=4))
    source.stop()
    (chunk,) = all_of(Chunker(source, 16_000, 2, 100, 100))
    assert np.array_equal(chunk.sound.samples, ramp(100, channels=2))


def test_a_source_that_ends_without_a_sound_gives_no_chunk() -> None:
    source = Fed()
    source.stop()
    assert all_of(Chunker(source, 16_000, 1, 100, 100)) == []


@example([(False, 5), (True, 1)], 44_100, 1, 1)
@example([(False, 5), (True, 3)], 44_100, 1, 1)
@given(
    st.lists(st.tuples(st.booleans(), st.integers(1, 3000)), max_size=15),
    st.sampled_from([8000, 16_000, 44_100, 48_000]),
    st.integers(1, 4000),
    st.integers(1, 4),
)
def test_chunks_cover_all_that_was_captured_and_lie_where_they_belong(
    pieces: list[tuple[bool, int]], rate: int, frames: int, together: int
) -> None:
    """True: frames come; False: they are missing. At the end of each run a frame may be rounded."""
    source = Fed(rate=rate)
    for comes, count in pieces:
        if comes:
            source.feed(ramp(count))
        else:
            source.backlog.skip(count)
    source.stop()
    chunks = all_of(Chunker(source, 16_000, 1, frames, frames * together))
    assert sum(chunk.sound.frames for chunk in chunks) == pytest.approx(
        source.counts.captured * 16_000 / rate, abs=1 + len(pieces)
    )
    end = 0
    for chunk in chunks:
        assert chunk.lost == chunk.offset - end >= 0
        assert chunk.sound.frames > 0
        end = chunk.end
    last_run = 0
    for comes, count in pieces:
        last_run = last_run + count if comes else 0
    if last_run * 16_000 >= rate:  # a shorter one can be no frame at all
        assert end == pytest.approx(source.backlog.position * 16_000 / rate, abs=2)

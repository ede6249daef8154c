from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from audio import wav
from audio.client.files import FileSource, RawSource
from audio.errors import AudioError, BadInput, UnsupportedFormat
from audio.pcm import Pcm


def sound(seconds: float, channels: int = 1) -> Pcm:
    frames = round(seconds * 16_000)
    return Pcm(np.random.default_rng(1).integers(-9000, 9000, (frames, channels)).astype(np.int16), 16_000)


def saved(tmp_path: Path, pcm: Pcm) -> Path:
    path = tmp_path / "sound.wav"
    path.write_bytes(wav.encode(pcm))
    return path


def heard(source: FileSource | RawSource) -> bytes:
    with source:
        return b"".join(block.data for block in source)


@pytest.mark.parametrize("channels", [1, 2])
def test_a_file_comes_out_as_it_is(tmp_path: Path, channels: int) -> None:
    pcm = sound(2.0, channels)
    source = FileSource(saved(tmp_path, pcm), fast=True, queue_seconds=0.2)
    assert heard(source) == pcm.samples.tobytes()
    assert (source.rate, source.channels, source.counts.lost) == (16_000, channels, 0)
    assert source.time_of(0) is None


@pytest.mark.parametrize("channel", [(1, 3), (3, 1), (5,), 0])
def test_chosen_channels_of_a_file_and_of_a_pipe(tmp_path: Path, channel: int | tuple[int, ...]) -> None:
    pcm = sound(0.3, 6)
    picked = pcm.samples[:, [channel] if isinstance(channel, int) else list(channel)]
    source = FileSource(saved(tmp_path, pcm), fast=True, channel=channel)
    assert heard(source) == picked.tobytes()
    assert source.channels == picked.shape[1]
    reading, writing = os.pipe()
    thread = write_slowly(writing, pcm.samples.tobytes(), 1000)
    piped = RawSource(reading, rate=16_000, channels=6, channel=channel, queue_seconds=0.1)
    assert heard(piped) == picked.tobytes()
    assert piped.counts.captured == pcm.frames
    thread.join()
    os.close(reading)


def test_a_channel_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no channel 2: there are 2, counted from 0"):
        FileSource(saved(tmp_path, sound(0.1, 2)), channel=(0, 2)).start()


def test_a_file_at_its_own_pace_takes_its_time(tmp_path: Path) -> None:
    begin = time.monotonic()
    assert len(heard(FileSource(saved(tmp_path, sound(0.5))))) == 16_000
    assert time.monotonic() - begin > 0.45


def test_a_file_ends_where_it_is_told_to(tmp_path: Path) -> None:
    assert len(heard(FileSource(saved(tmp_path, sound(2.0)), fast=True, duration=0.7))) == 2 * 11_200


@pytest.mark.parametrize("claimed", [0, 2048, 0x7FFFF000, 0xFFFFFFFF])
def test_a_file_is_heard_whole_whatever_length_its_header_names(tmp_path: Path, claimed: int) -> None:
    """As a recorder leaves it that was stopped, or that wrote to a pipe."""
    pcm = sound(0.4, 6)
    path = saved(tmp_path, pcm)
    data = bytearray(path.read_bytes())
    data[40:44] = claimed.to_bytes(4, "little")
    path.write_bytes(data)
    source = FileSource(path, fast=True)
    assert heard(source) == pcm.samples.tobytes()
    assert source.counts.captured == pcm.frames


def test_an_empty_sound_is_the_end_at_once(tmp_path: Path) -> None:
    assert heard(FileSource(saved(tmp_path, sound(0.0)))) == b""


def test_files_that_cannot_be_heard_are_told(tmp_path: Path) -> None:
    empty = tmp_path / "empty.wav"
    empty.touch()
    with pytest.raises(UnsupportedFormat, match="an empty file"):
        FileSource(empty).start()
    with pytest.raises(AudioError, match="cannot be read"):
        FileSource(tmp_path / "none.wav").start()
    with pytest.raises(AudioError, match="cannot be read"):
        FileSource(tmp_path).start()


def write_slowly(descriptor: int, data: bytes, size: int) -> threading.Thread:
    def write() -> None:
        with os.fdopen(descriptor, "wb", buffering=0) as pipe:
            for start in range(0, len(data), size):
                pipe.write(data[start : start + size])

    thread = threading.Thread(target=write)
    thread.start()
    return thread


@pytest.mark.parametrize("size", [7, 1000, 65_536])
def test_a_pipe_is_heard_to_its_end_however_it_is_cut(size: int) -> None:
    data = sound(0.5 if size == 7 else 5.0, 2).samples.tobytes()
    reading, writing = os.pipe()
    thread = write_slowly(writing, data + b"x", size)
    source = RawSource(reading, rate=16_000, channels=2, queue_seconds=0.1)
    assert heard(source) == data
    assert source.counts.dropped == 0
    thread.join()
    os.close(reading)


def test_a_wav_file_in_a_pipe_is_not_taken_for_samples() -> None:
    reading, writing = os.pipe()
    os.write(writing, wav.encode(sound(0.1)))
    with pytest.raises(UnsupportedFormat, match="arecord -t raw"):
        RawSource(reading, rate=16_000, channels=1).start()
    os.close(reading)
    os.close(writing)


def test_a_source_that_is_not_started_says_so(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="not started"):
        list(FileSource(saved(tmp_path, sound(0.1))))


def test_leaving_ends_it(tmp_path: Path) -> None:
    with FileSource(saved(tmp_path, sound(60.0))) as source:
        assert source.backlog.take(timeout=10) is not None
    assert source.backlog.closed
    assert source.counts.captured < 16_000 * 60

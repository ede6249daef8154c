from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from audio import wav
from audio.client import recorder
from audio.client.chunks import Chunk
from audio.client.recorder import Recorder
from audio.errors import AudioError
from audio.pcm import Pcm


def chunk(value: int, frames: int = 100, lost: int = 0, channels: int = 2) -> Chunk:
    return Chunk(0, 0, Pcm(np.full((frames, channels), value, np.int16), 8000), lost, None)


def test_the_file_is_whole_after_each_chunk(tmp_path: Path) -> None:
    path = tmp_path / "kept.wav"
    with Recorder(path) as kept:
        for count in range(1, 4):
            kept.write(chunk(count))
            sound = wav.decode(path.read_bytes())
            assert (sound.rate, sound.channels, sound.frames) == (8000, 2, 100 * count)
    assert sound.samples[::100, 0].tolist() == [1, 2, 3]


def test_what_was_lost_is_silence(tmp_path: Path) -> None:
    path = tmp_path / "kept.wav"
    with Recorder(path) as kept:
        kept.write(chunk(1, lost=50))
        kept.write(chunk(2, lost=20_000))
    sound = wav.decode(path.read_bytes()).samples[:, 0]
    assert sound.tolist() == [0] * 50 + [1] * 100 + [0] * 20_000 + [2] * 100


def test_it_stops_at_its_largest_size_and_is_still_a_wav_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "LARGEST", 1000)
    path = tmp_path / "kept.wav"
    with Recorder(path) as kept:
        kept.write(chunk(1))
        kept.write(chunk(2))
        assert not kept.full
        kept.write(chunk(3))
        kept.write(chunk(4, lost=10**9))
        assert kept.full
    sound = wav.decode(path.read_bytes())
    assert sound.frames == 250
    assert sound.samples[-1, 0] == 3


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="cannot be written"):
        Recorder(tmp_path / "none" / "kept.wav")

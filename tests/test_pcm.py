import numpy as np
import pytest

from audio.errors import BadInput
from audio.pcm import Pcm


def test_what_it_knows() -> None:
    pcm = Pcm(np.zeros((24, 2), np.int16), 48)
    assert (pcm.frames, pcm.channels, pcm.seconds) == (24, 2, 0.5)


def test_no_frame_is_a_sound() -> None:
    pcm = Pcm(np.zeros((0, 1), np.int16), 8000)
    assert (pcm.frames, pcm.seconds, pcm.chunks(10)) == (0, 0.0, [])


@pytest.mark.parametrize(
    ("samples", "rate"),
    [
        (np.zeros(3, np.int16), 8000),
        (np.zeros((3, 0), np.int16), 8000),
        (np.zeros((3, 1, 1), np.int16), 8000),
        (np.zeros((3, 1), np.float32), 8000),
        (np.zeros((3, 1), np.uint16), 8000),
        (np.zeros((3, 1), np.int16), 0),
        (np.zeros((3, 1), np.int16), -8000),
    ],
)
def test_what_is_no_sound(samples: np.ndarray, rate: int) -> None:
    with pytest.raises(ValueError, match="Pcm wants"):
        Pcm(samples, rate)


@pytest.mark.parametrize("frames", [1, 3, 4, 9, 10, 11])
def test_chunks_are_the_whole(frames: int) -> None:
    pcm = Pcm(np.arange(20, dtype=np.int16).reshape(10, 2), 8000)
    chunks = pcm.chunks(frames)
    assert np.array_equal(np.concatenate([c.samples for c in chunks]), pcm.samples)
    assert all(c.frames == frames for c in chunks[:-1])
    assert 1 <= chunks[-1].frames <= frames
    assert {c.rate for c in chunks} == {8000}


def test_a_chunk_has_a_frame() -> None:
    with pytest.raises(ValueError, match="at least one frame"):
        Pcm(np.zeros((3, 1), np.int16), 8000).chunks(0)


def test_picked_channels_come_in_the_order_in_which_they_are_named() -> None:
    pcm = Pcm(np.arange(12, dtype=np.int16).reshape(3, 4), 8000)
    assert pcm.pick((3, 1)).samples.tolist() == [[3, 1], [7, 5], [11, 9]]
    for wrong in ((), (1, 1), (4,), (-1, 0)):
        with pytest.raises(BadInput):
            pcm.pick(wrong)

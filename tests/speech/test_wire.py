from __future__ import annotations

import socket
from contextlib import closing
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from audio.speech import wire
from audio.speech.engine import Speech, Utterance


@given(st.lists(st.tuples(st.integers(0, 4), st.binary(max_size=40)), max_size=8), st.integers(1, 30))
def test_frames_come_back_however_the_stream_is_cut(sent: list[tuple[int, bytes]], size: int) -> None:
    stream = b"".join(wire.frame(kind, payload) for kind, payload in sent)
    frames = wire.Frames()
    came = [f for i in range(0, len(stream), size) for f in frames.feed(stream[i : i + size])]
    assert came == sent


def test_pieces_and_speech_survive() -> None:
    pieces = [Utterance("¿Qué?", "es-ES", "male", 1.5, 0.75), Utterance("a", "en-US", "female", 1.0, 1.0)]
    ((kind, payload),) = wire.Frames().feed(wire.speak_frame(pieces, first=3))
    assert (kind, wire.read_pieces(payload)) == (wire.SPEAK, (3, pieces))


def test_speech_comes_with_its_samples_and_leaves_nothing_open() -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    ours, its = socket.socketpair()
    with ours, its, closing(wire.Frames()) as frames:
        for index in (7, 8, 9):
            wire.send_speech(its, index, Speech(bytes([index, 0]), 16000))
        came: list[tuple[int, bytes]] = []
        while len(came) < 3:
            came += frames.receive(ours) or []
        assert [kind for kind, _ in came] == [wire.SPEECH] * 3
        for index, (_, payload) in zip((7, 8), came, strict=False):
            assert wire.read_speech(payload, frames.descriptor()) == (index, Speech(bytes([index, 0]), 16000))
        its.close()
        assert frames.receive(ours) is None
    assert len(list(Path("/proc/self/fd").iterdir())) <= before  # what other tests left may close meanwhile

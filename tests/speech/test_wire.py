from __future__ import annotations

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
    ((kind, payload),) = wire.Frames().feed(wire.speech_frame(7, Speech(b"\1\2", 16000)))
    assert (kind, wire.read_speech(payload)) == (wire.SPEECH, (7, Speech(b"\1\2", 16000)))

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.dsp import silence
from audio.dsp.silence import Samples, Silence
from tests.sounds import noise, pcm16

RATE = 16_000
SHORTEST = 320


def cut(samples: Samples, sizes: list[int]) -> list[tuple[int, bytes] | int]:
    """The pieces of a stream that comes in chunks: holes joined, sound as (frames, bytes) joined."""
    out: list[list[Samples] | int] = []
    state = Silence()
    chunks = np.split(samples, np.minimum(np.cumsum(sizes), len(samples)))
    for chunk in chunks:
        found, state = silence.pieces(state, chunk, RATE)
        for piece in found:
            if isinstance(piece, int):
                out[-1:] = [out[-1] + piece] if out and isinstance(out[-1], int) else [*out[-1:], piece]
            elif out and isinstance(out[-1], list):
                out[-1].append(piece)
            else:
                out.append([piece])
    whole = [piece if isinstance(piece, int) else np.concatenate(piece) for piece in out]
    held = state.held
    if len(held) and whole and not isinstance(whole[-1], int):
        whole[-1] = np.concatenate((whole[-1], held))
    elif len(held):
        whole.append(held)
    return [piece if isinstance(piece, int) else (len(piece), piece.tobytes()) for piece in whole]


def lengths(samples: Samples) -> list[int]:
    """Holes are negative."""
    return [-piece if isinstance(piece, int) else piece[0] for piece in cut(samples, [])]


def test_zeros_before_amid_and_after_are_holes() -> None:
    sound, zeros = pcm16(noise(1000, -30)) | 2, np.zeros(SHORTEST, np.int16)
    assert lengths(np.concatenate((zeros, sound, zeros, zeros, sound, zeros))) == [-320, 1000, -640, 1000, -320]


def test_a_shorter_run_belongs_to_the_sound() -> None:
    sound, zeros = pcm16(noise(1000, -30)) | 2, np.zeros(SHORTEST - 1, np.int16)
    assert lengths(np.concatenate((zeros, sound, zeros, sound, zeros))) == [2 * 1000 + 3 * 319]


@pytest.mark.parametrize("tilt", [0, 1])
def test_what_a_converter_hears_of_a_quiet_room_is_no_hole(tilt: int) -> None:
    x = noise(60 * RATE, -90)
    x = x if tilt == 0 else np.convolve(x, np.ones(8) / 8**0.5, "same")
    assert lengths(pcm16(x)) == [60 * RATE]


def test_dither_is_digital_silence() -> None:
    rng = np.random.default_rng(1)
    triangular = np.rint(rng.uniform(-0.5, 0.5, RATE) + rng.uniform(-0.5, 0.5, RATE)).astype(np.int16)
    assert lengths(triangular) == [-RATE]
    assert lengths(np.full(RATE, -1, np.int16)) == [-RATE]


def test_a_frame_is_silent_where_every_channel_is() -> None:
    left = np.concatenate((pcm16(noise(500, -30)) | 2, np.zeros(1000, np.int16)))
    dead = np.zeros(1500, np.int16)
    found, state = silence.pieces(Silence(), np.stack((left, dead), axis=1), RATE)
    assert [piece if isinstance(piece, int) else piece.shape for piece in found] == [(500, 2), 1000]
    assert state.hole
    found, _ = silence.pieces(Silence(), np.stack((left | 2, dead), axis=1), RATE)
    assert [piece if isinstance(piece, int) else piece.shape for piece in found] == [(1500, 2)]


def test_the_loudest_sample_is_not_silent() -> None:
    assert lengths(np.full(RATE, -32768, np.int16)) == [RATE]


def test_nothing_has_no_pieces_and_leaves_the_stream_where_it_was() -> None:
    for state in (Silence(), Silence(hole=True), Silence(np.zeros(3, np.int16))):
        found, after = silence.pieces(state, np.zeros(0, np.int16), RATE)
        assert found == []
        assert (after.hole, len(after.held)) == (state.hole, len(state.held))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["sound", "zeros", "dither"]), st.integers(1, 700)), max_size=12),
    st.lists(st.sampled_from([0, 1, 7, 160, 319, 320, 321, 1000]), max_size=30),
)
def test_chunks_do_not_matter_and_nothing_is_lost(parts: list[tuple[str, int]], sizes: list[int]) -> None:
    rng = np.random.default_rng(2)
    reach = {"sound": 9, "zeros": 0, "dither": 1}
    made = [rng.integers(-reach[kind], reach[kind] + 1, count) for kind, count in parts]
    samples = np.concatenate([np.zeros(0, int), *made]).astype(np.int16)
    whole = cut(samples, [])
    assert cut(samples, sizes) == whole
    assert sum(piece if isinstance(piece, int) else piece[0] for piece in whole) == len(samples)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 700), st.integers(1, 300)), max_size=6),
    st.lists(st.integers(0, 400), max_size=8),
    st.integers(0, 500),
)
def test_how_long_zeros_have_lasted_does_not_depend_on_chunks(
    holes: list[tuple[int, int]], cuts: list[int], before: int
) -> None:
    samples = np.ones(1000, np.int16)
    for start, length in holes:
        samples[start : start + length] = 0
    wanted, count = [], before
    for sample in samples.tolist():
        count = count + 1 if sample == 0 else 0
        wanted.append(count)
    hangover, at = silence.hangover(RATE), 0
    for chunk in np.split(samples, np.minimum(np.cumsum(cuts), 1000)):
        found = silence.lengths(before, chunk, RATE)
        here = wanted[at : at + len(chunk)]
        if found is None:
            assert all(length <= hangover for length in here)
        else:
            assert found.tolist() == here
        if here:
            before, at = here[-1], at + len(here)


def test_single_zeros_are_sound() -> None:
    assert silence.lengths(0, np.array([1, 0, 3, -1], np.int16), RATE) is None

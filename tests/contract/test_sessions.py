from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from audio.pcm import Pcm
from audio.services.base import Output, Service, State
from audio.stores import codec
from tests.contract import samples, timeline
from tests.contract.client import Client, error
from tests.contract.files import maker

CHUNKS = (160, 1000, 2730, 8192)
# The shortest chunks take the longest: 50 a second at 8 kHz, 300 at 48 kHz.
SECONDS = 4.0


def run(service: Service, pcm: Pcm, frames: int, *, packed: bool = False) -> tuple[list[tuple[int, Output]], State]:
    """The answers to the chunks of a session, with where they begin; and the state after them."""
    state: State | None = {}
    answers = []
    for i, chunk in enumerate(pcm.chunks(frames)):
        output, state = service.compute(samples.typed(service, chunk), state)
        assert state is not None, "a session's state is never None"
        if packed:
            state = codec.decode(codec.encode(state))
        answers.append((i * frames, output))
    assert state is not None
    return answers, state


def session() -> dict[str, Any]:
    return {"session_id": str(uuid.uuid4())}


@pytest.mark.parametrize("frames", CHUNKS)
def test_chunked_equals_whole(hearing: Service, frames: int) -> None:
    """However it is cut, and with the state stored between the chunks."""
    pcm = samples.lively(hearing, SECONDS)
    whole, _ = run(hearing, pcm, pcm.frames)
    chunked, _ = run(hearing, pcm, frames, packed=True)
    timeline.assert_same(timeline.assemble(whole), timeline.assemble(chunked), pcm.rate)
    timeline.assert_same_end(whole[-1][1], chunked[-1][1], pcm.rate)


def test_something_is_heard(hearing: Service) -> None:
    """So that the comparisons here compare something."""
    answers, _ = run(hearing, samples.lively(hearing, SECONDS), 8192)
    silent, _ = run(hearing, samples.constant(hearing, samples.rate(hearing)), 8192)
    happenings = timeline.assemble(answers)[1]
    if happenings:
        assert sum(len(items) for items in happenings.values()) >= 1
    else:
        assert timeline.running(answers[-1][1]) != timeline.running(silent[-1][1])
    assert not any(timeline.assemble(silent)[1].values())


def test_a_stored_state_changes_nothing(hearing: Service) -> None:
    pcm = samples.lively(hearing, 2.0)
    assert run(hearing, pcm, 2730)[0] == run(hearing, pcm, 2730, packed=True)[0]


def test_cut_at_random(hearing: Service) -> None:
    """Chunks of any length, empty ones and single frames among them."""
    pcm = samples.lively(hearing, SECONDS)
    random = np.random.default_rng(5)
    cuts = np.sort(random.integers(0, pcm.frames, 60))
    cuts = np.concatenate([[0], cuts, cuts[:3] + 1, cuts[20:23], [pcm.frames]])
    cuts.sort()
    state: State | None = {}
    answers = []
    for begin, end in pairwise(cuts):
        chunk = Pcm(pcm.samples[begin:end], pcm.rate)
        output, state = hearing.compute(samples.typed(hearing, chunk), state)
        answers.append((int(begin), output))
    whole, _ = run(hearing, pcm, pcm.frames)
    timeline.assert_same(timeline.assemble(whole), timeline.assemble(answers), pcm.rate)


@pytest.mark.parametrize("frames", [1000, 8192])
def test_chunked_equals_whole_over_http(client: Client, hearing: Service, frames: int) -> None:
    pcm = samples.lively(hearing, 3.0)
    state = session()
    chunked = [(i * frames, client.answer(hearing, chunk, state=state)) for i, chunk in enumerate(pcm.chunks(frames))]
    whole = [(0, client.answer(hearing, pcm, state=session()))]
    timeline.assert_same(timeline.assemble(whole), timeline.assemble(chunked), pcm.rate)


def quiet(service: Service, value: Any) -> Any:
    return maker(samples.file_of(service)).quiet(value)


def at(service: Service, chunks: Sequence[Any]) -> Iterator[tuple[int, Any]]:
    """The chunks of a session with the places at which they start."""
    place = 0
    for chunk in chunks:
        yield place, chunk
        place += samples.length(service, chunk)


def test_two_sessions_do_not_mix(client: Client, timed: Service) -> None:
    """One gets what is lively, the other what is quiet, turn by turn."""
    chunks = samples.chunks(timed)
    alone = [client.answer(timed, c, state=s) for s in [session()] for c in chunks]
    silence = [client.answer(timed, quiet(timed, c), state=s) for s in [session()] for c in chunks]
    one, other = session(), session()
    for chunk, expected, nothing in zip(chunks, alone, silence, strict=True):
        assert client.answer(timed, quiet(timed, chunk), state=other) == nothing
        assert client.answer(timed, chunk, state=one) == expected
    assert alone != silence


def test_a_state_is_small(timed: Service) -> None:
    """At any time, for what is lively and what is quiet."""
    chunks = samples.chunks(timed)
    for values in (chunks, [quiet(timed, c) for c in chunks]):
        state: State | None = {}
        for chunk in [*values] * 2:
            _, state = timed.compute(samples.typed(timed, chunk), state)
            assert len(codec.encode(state)) <= samples.largest_state(timed)


def test_offsets_without_a_hole_change_nothing(client: Client, timed: Service) -> None:
    plain, counted = session(), session()
    for place, chunk in at(timed, samples.chunks(timed)):
        usual = client.answer(timed, chunk, state=plain)
        assert client.answer(timed, chunk, state={**counted, "offset": place}) == usual


def test_the_last_chunk_again_gets_the_same_answer_and_changes_nothing(client: Client, timed: Service) -> None:
    once, twice = session(), session()
    for place, chunk in at(timed, samples.chunks(timed)):
        usual = client.answer(timed, chunk, state={**once, "offset": place})
        for _ in range(2):
            assert client.answer(timed, chunk, state={**twice, "offset": place}) == usual


def test_the_last_place_with_another_length_is_no_chunk_again(client: Client, timed: Service) -> None:
    first, second = samples.chunks(timed)[:2]
    shorter = maker(samples.file_of(timed)).shorter(first)
    if shorter is None:
        pytest.skip("all files of this kind are as long")
    kept, disturbed = session(), session()
    for state in (kept, disturbed):
        client.answer(timed, first, state={**state, "offset": 0})
    reply = client.post(timed, shorter, state={**disturbed, "offset": 0})
    assert reply.status_code == 409, reply.text
    expected = client.answer(timed, second, state={**kept, "offset": samples.length(timed, first)})
    assert client.answer(timed, second, state={**disturbed, "offset": samples.length(timed, first)}) == expected


def test_an_offset_that_is_past_is_refused_and_changes_nothing(client: Client, timed: Service) -> None:
    placed = list(at(timed, samples.chunks(timed)[:4]))
    kept, disturbed = session(), session()
    for place, chunk in placed[:3]:
        for state in (kept, disturbed):
            client.answer(timed, chunk, state={**state, "offset": place})
    end, last = placed[3]
    for past in sorted({0, placed[1][0], end - 1} - {placed[2][0]}):
        reply = client.post(timed, placed[0][1], state={**disturbed, "offset": past})
        assert reply.status_code == 409, reply.text
        assert error(reply)["code"] == "session_conflict"
        assert timed.timed is not None
        assert f"{timed.timed.clock.unit} {end}" in error(reply)["error"]
    expected = client.answer(timed, last, state={**kept, "offset": end})
    assert client.answer(timed, last, state={**disturbed, "offset": end}) == expected


def test_a_hole_is_time_that_went_on(client: Client, hearing: Service) -> None:
    """What comes after it is placed on the session's clock; and a hole can be as long as the numbers go."""
    pcm = samples.lively(hearing, 4.0)
    chunks = pcm.chunks(8192)
    hole = 10 * pcm.rate
    state = session()
    for i, chunk in enumerate(chunks[:3]):
        client.answer(hearing, chunk, state={**state, "offset": 8192 * i})
    latest = 0.0
    for i, chunk in enumerate(chunks[3:]):
        begin = 3 * 8192 + hole + 8192 * i
        answer = client.answer(hearing, chunk, state={**state, "offset": begin})
        happenings = [h for v in answer.values() if isinstance(v, list) for h in v]
        for time in (h["time"] for h in happenings if "time" in h):
            # An end that was owed to what came before the hole may be told now.
            assert latest <= time <= (begin + chunk.frames) / pcm.rate
            latest = time
        for index in (h[k] for h in happenings for k in ("index", "start", "end") if k in h):
            assert -pcm.rate <= index <= chunk.frames
    client.answer(hearing, chunks[0], state={**state, "offset": 2**53 - 1})


def test_a_session_may_begin_with_a_hole(client: Client, timed: Service) -> None:
    client.answer(timed, state={**session(), "offset": 12345})


@pytest.mark.parametrize("offset", [-1, 0.5, "0", True, 2**53, 1e300, [], {}])
def test_bad_offsets(client: Client, timed: Service, offset: object) -> None:
    assert client.refused(timed, state={**session(), "offset": offset})["field"] == "state"


def test_what_a_session_is_of_is_constant(client: Client, timed: Service) -> None:
    assert timed.timed is not None
    clock, usual = timed.timed.clock, samples.chunks(timed)[0]
    state = session()
    client.answer(timed, usual, state=state)
    reply = client.post(timed, maker(samples.file_of(timed)).other(samples.file_of(timed)), state=state)
    assert reply.status_code == 409, reply.text
    assert error(reply)["code"] == "session_conflict"
    assert clock.describe(clock.identity(usual)) in error(reply)["error"]
    client.answer(timed, usual, state=state)


def test_every_service_takes_a_session(client: Client, service: Service) -> None:
    state = session()
    first = client.answer(service, state=state)
    assert set(client.answer(service, state=state)) == set(first)


@pytest.mark.parametrize(
    "state",
    [
        *(1, "x", [], True, {"session_id": 1}, {"session_id": ""}, {"session_id": "x" * 129}),
        *({"session_id": "a\nb"}, {"session_id": "\0"}, {"session_id": "\ud800"}, {"session_id": []}, {"offset": 0}),
    ],
)
def test_bad_sessions(client: Client, service: Service, state: object) -> None:
    assert client.refused(service, state=state)["field"] == "state"

from __future__ import annotations

import uuid
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from audio.pcm import Pcm
from audio.services.base import Output, Service, State
from audio.stores import codec
from tests.contract import samples, timeline
from tests.contract.client import Client, error, own

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
    assert timeline.assemble(whole)[1], "nothing to compare: no list in the answer"
    chunked, _ = run(hearing, pcm, frames, packed=True)
    timeline.assert_same(timeline.assemble(whole), timeline.assemble(chunked), pcm.rate)


def test_something_is_heard(hearing: Service) -> None:
    """So that the comparisons here compare something."""
    answers, _ = run(hearing, samples.lively(hearing, SECONDS), 8192)
    assert sum(len(items) for items in timeline.assemble(answers)[1].values()) >= 1
    silent, _ = run(hearing, samples.constant(hearing, samples.rate(hearing)), 8192)
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


def test_two_sessions_do_not_mix(client: Client, hearing: Service) -> None:
    """One hears the recording, the other silence, turn by turn."""
    pcm = samples.lively(hearing, 3.0)
    silence = Pcm(np.zeros_like(pcm.samples), pcm.rate)
    alone = [own(r) for r in (client.answer(hearing, c, state=s) for s in [session()] for c in pcm.chunks(8192))]
    one, other = session(), session()
    for expected, loud, quiet in zip(alone, pcm.chunks(8192), silence.chunks(8192), strict=True):
        heard = client.answer(hearing, quiet, state=other)
        assert not any(v for v in heard.values() if isinstance(v, list))
        assert client.answer(hearing, loud, state=one) == expected


def test_a_state_is_small(hearing: Service) -> None:
    """At any time, for loud and for quiet sound."""
    pcm = samples.lively(hearing, 4.0)
    for sound in (pcm, Pcm(np.zeros_like(pcm.samples), pcm.rate)):
        state: State | None = {}
        for chunk in sound.chunks(2730) * 2:
            _, state = hearing.compute(samples.typed(hearing, chunk), state)
            assert len(codec.encode(state)) <= samples.largest_state(hearing)


def test_offsets_without_a_hole_change_nothing(client: Client, hearing: Service) -> None:
    pcm = samples.lively(hearing, 2.0)
    plain, counted = session(), session()
    for i, chunk in enumerate(pcm.chunks(8192)):
        usual = client.answer(hearing, chunk, state=plain)
        assert client.answer(hearing, chunk, state={**counted, "offset": 8192 * i}) == usual


def test_the_last_chunk_again_gets_the_same_answer_and_changes_nothing(client: Client, hearing: Service) -> None:
    pcm = samples.lively(hearing, 3.0)
    once, twice = session(), session()
    for i, chunk in enumerate(pcm.chunks(8192)):
        offset = 8192 * i
        usual = client.answer(hearing, chunk, state={**once, "offset": offset})
        for _ in range(2):
            assert client.answer(hearing, chunk, state={**twice, "offset": offset}) == usual


def test_an_offset_that_is_past_is_refused_and_changes_nothing(client: Client, hearing: Service) -> None:
    chunks = samples.lively(hearing, 2.0).chunks(8192)
    kept, disturbed = session(), session()
    for i, chunk in enumerate(chunks[:3]):
        for state in (kept, disturbed):
            client.answer(hearing, chunk, state={**state, "offset": 8192 * i})
    for past in (0, 8192, 2 * 8192 + 1, 3 * 8192 - 1):
        reply = client.post(hearing, chunks[0], state={**disturbed, "offset": past})
        assert reply.status_code == 409, reply.text
        assert error(reply)["code"] == "session_conflict"
        assert f"frame {3 * 8192}" in error(reply)["error"]
    expected = client.answer(hearing, chunks[3], state={**kept, "offset": 3 * 8192})
    assert client.answer(hearing, chunks[3], state={**disturbed, "offset": 3 * 8192}) == expected


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


def test_a_session_may_begin_with_a_hole(client: Client, hearing: Service) -> None:
    client.answer(hearing, samples.lively(hearing, 1.0), state={**session(), "offset": 12345})


@pytest.mark.parametrize("offset", [-1, 0.5, "0", True, 2**53, 1e300, [], {}])
def test_bad_offsets(client: Client, hearing: Service, offset: object) -> None:
    assert client.refused(hearing, state={**session(), "offset": offset})["field"] == "state"


def test_the_rate_is_constant_in_a_session(client: Client, hearing: Service) -> None:
    declared = samples.sound_declaration(hearing)
    usual = samples.lively(hearing, 0.5)
    other = declared.minimum_rate if usual.rate != declared.minimum_rate else declared.maximum_rate
    state = session()
    client.answer(hearing, usual, state=state)
    reply = client.post(hearing, samples.lively(hearing, 0.5, at=other), state=state)
    assert reply.status_code == 409, reply.text
    assert error(reply)["code"] == "session_conflict"
    assert str(usual.rate) in error(reply)["error"]
    client.answer(hearing, usual, state=state)


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

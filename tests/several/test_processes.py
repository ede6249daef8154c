"""`audio serve` on two machines behind nginx: as one gateway does, and one of the two killed."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from audio import wav
from tests.conftest import FIXTURES, running_gateway
from tests.gateway.client import Client
from tests.gateway.nginx import behind_nginx, needs_nginx
from tests.gateway.served import Served, serving
from tests.gateway.test_processes import chunks
from tests.waiting import until

pytestmark = needs_nginx


@pytest.fixture(scope="module")
def machines(
    stores: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Client, tuple[Served, Served]]]:
    """A client of the proxy in front of two."""
    folder = tmp_path_factory.mktemp("machines")
    shared = {**stores, "secret_file": folder / "secret.key", "proxies": 1, "async_workers": 2}
    with (
        serving(folder / "one", workers=1, **shared) as one,
        serving(folder / "two", workers=1, **shared) as two,
        behind_nginx(folder, one.url, two.url) as url,
    ):
        yield Client(url, one.client().http), (one, two)


def answers(client: Client) -> list[Any]:
    """Of two sessions of two services whose chunks are mixed, each over a connection of its own."""
    heard = wav.decode((FIXTURES / "sounds.wav").read_bytes())
    probed, sounds = chunks(24), [wav.encode(chunk) for chunk in heard.chunks(8192)]
    found: dict[str, list[Any]] = {"probe": [], "sound": []}
    order = ["probe"] * len(probed) + ["sound"] * len(sounds)
    random.Random(5).shuffle(order)
    for kind in order:
        client.http.close()
        number = len(found[kind])
        if kind == "probe":
            state = {"session_id": "s", "offset": 730 * number}
            answer = client.probe(probed[number], state=state, **{"async": False}).json()
        else:
            answer = client.sound(sounds[number], state={"session_id": "s", "offset": 8192 * number}).json()
        found[kind].append({k: v for k, v in answer.items() if k not in ("url", "uuid")})
    return [found["probe"], found["sound"]]


def test_two_machines_answer_as_one_does(machines: tuple[Client, tuple[Served, Served]], tmp_path: Path) -> None:
    client, _ = machines
    several = answers(client)
    with running_gateway(tmp_path / "alone") as alone:
        assert several == answers(Client(alone.url, alone.new_stream()))
    assert (len(several[0]), any(answer["blocks"] for answer in several[0])) == (24, True)
    assert any(answer["nb_events"] for answer in several[1])


def test_a_machine_that_is_killed_is_not_missed(machines: tuple[Client, tuple[Served, Served]], tmp_path: Path) -> None:
    """No accepted job is lost: the other ends what waits, and what the dead one was running.

    And who sends a chunk again that was not answered has every one heard, and heard once.
    """
    client, (one, other) = machines
    before = client.listed("?status=201")
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    urls, heard = [], []
    for i in range(24):
        reply = client.probe(state={"session_id": "jobs"} if i % 2 else None, hold=str(fifo) if i >= 8 else "")
        assert reply.status_code == 202
        urls.append(reply.json()["url"])
    until(lambda: client.listed("?status=201"), lambda done: len(done) == len(before) + 8)
    for number, chunk in enumerate(chunks(30)):
        if number == 15:
            one.kill()
        state = {"session_id": "chunks", "offset": 730 * number}
        reply = until(
            lambda: client.probe(chunk, state=state, **{"async": False}),  # noqa: B023
            lambda reply: reply.status_code not in (502, 503),
        )
        heard.append(reply.json()["chunk"])
    assert heard == list(range(1, 31))
    writer = os.open(fifo, os.O_RDWR)
    jobs = [client.ended(url) for url in urls]
    assert [job["status"] for job in jobs] == [201] * 24, other.log
    assert [job["chunk"] for job in jobs[1::2]] == list(range(1, 13))
    listed = [uuid for uuid in client.listed() if uuid in {job["uuid"] for job in jobs}]
    assert sorted(listed) == sorted(job["uuid"] for job in jobs)
    os.close(writer)
    assert "Traceback" not in other.log

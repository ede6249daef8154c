"""`audio serve`, from outside: killed, stopped, shared."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import stat
import threading
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import numpy as np
import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from audio import wav
from audio.cli import main
from audio.pcm import Pcm
from tests.conftest import RunningGateway
from tests.gateway.client import Client
from tests.gateway.served import Served, serving
from tests.waiting import until


def chunks(count: int) -> list[bytes]:
    """Chunks of a length that no block of the probe fits into."""
    samples = np.repeat(np.random.default_rng(3).integers(0, 8000, (count * 730 // 100 + 1, 1)), 100, axis=0)
    pcm = Pcm(samples[: count * 730].astype(np.int16), 8000)
    return [wav.encode(chunk) for chunk in pcm.chunks(730)]


def test_kill_nine_in_the_middle_of_fifty_jobs(tmp_path: Path) -> None:
    """Every accepted job ends with its result, and none is there twice."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with serving(tmp_path / "data", async_workers=2) as first:
        client = first.client()
        urls = []
        for i in range(50):
            # Half of them in a session, in which each is heard once, and in turn.
            state = {"session_id": "s"} if i % 2 else None
            reply = client.probe(state=state, hold=str(fifo) if i >= 16 else "")
            assert reply.status_code == 202
            urls.append(reply.json()["url"])
        until(lambda: client.listed("?status=201"), lambda done: len(done) == 16)
        first.kill()
    writer = os.open(fifo, os.O_RDWR)
    with serving(tmp_path / "data", async_workers=2, port=first.port) as second:
        client = second.again(client)
        jobs = [client.ended(url) for url in urls]
        assert [job["status"] for job in jobs] == [201] * 50, second.log
        assert {job["input_size"] for job in jobs} == {250}
        assert [job["chunk"] for job in jobs[1::2]] == list(range(1, 26))
        listed = client.listed()
        assert sorted(listed) == sorted(job["uuid"] for job in jobs)
        assert second.stop() == 0
        assert "Traceback" not in second.log
    os.close(writer)


def test_a_worker_that_dies_loses_nothing(served: Served, tmp_path: Path) -> None:
    """Its job goes to another, and its place is taken."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    client = served.client()
    url = client.probe(hold=str(fifo)).json()["url"]
    # Whoever runs it holds the FIFO: it goes on when this end is closed, unless it is killed before.
    writer = until(lambda: _open_for_writing(fifo), lambda fd: fd is not None)
    assert client.ended(url)["status"] == 201
    os.close(writer or 0)
    held = client.probe(hold=str(fifo)).json()["url"]
    until(lambda: _waits_for(fifo, served))
    for pid in served.workers():
        os.kill(pid, signal.SIGKILL)
    # Those connections that they had accepted are gone with them.
    client.http.mount("http://", HTTPAdapter(max_retries=Retry(total=20, backoff_factor=0.05)))
    writer = until(lambda: _open_for_writing(fifo), lambda fd: fd is not None)
    assert client.ended(held)["status"] == 201
    os.close(writer or 0)


def _waits_for(fifo: Path, served: Served) -> bool:
    """Whether a thread of a worker is about to open the FIFO: the job runs, as the list of jobs cannot tell."""
    database = sqlite3.connect(served.data_dir / "audio.db")
    with closing(database):
        return bool(database.execute("SELECT 1 FROM jobs WHERE phase = 'running'").fetchone())


def _open_for_writing(fifo: Path) -> int | None:
    """The FIFO's other end, when somebody reads it."""
    try:
        return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return None


def test_two_workers_answer_as_one_does(served: Served, gateway: RunningGateway) -> None:
    """A session's chunks, each over a connection of its own, so that both of two take some."""
    answers = []
    for client in (served.client(), Client(gateway.url, gateway.new_stream())):
        found = []
        for i, chunk in enumerate(chunks(30)):
            client.http.close()
            state = {"session_id": "s", "offset": 730 * i}
            found.append(client.probe(chunk, state=state, **{"async": False}).json())
        answers.append([(job["chunk"], job["blocks"]) for job in found])
    assert answers[0] == answers[1]
    assert sum(len(blocks) for _, blocks in answers[0]) > 20


def test_chunks_that_race_are_each_heard_once(served: Served) -> None:
    """Sent at once to two workers: in some order, none lost, none twice."""
    client = served.client()
    found: list[int] = []

    def send() -> None:
        own = served.again(client)
        found.append(own.probe(state={"session_id": "race"}, **{"async": False}).json()["chunk"])

    threads = [threading.Thread(target=send) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(1, 17))


def test_a_revoked_stream_is_out_on_every_worker(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    data_dir = ["--data-dir", str(served.data_dir)]
    assert main(["streams", "create", "kitchen", "--json", *data_dir]) == 0
    made = json.loads(capsys.readouterr().out)
    client = served.client()
    client.http.auth = (made["client_id"], made["access_token"])

    def answers() -> set[int]:
        found = set()
        for _ in range(8):
            client.http.close()
            found.add(client.echo().status_code)
        return found

    assert answers() == {201}
    assert main(["streams", "rotate", "kitchen", "--json", *data_dir]) == 0
    fresh = json.loads(capsys.readouterr().out)
    until(answers, lambda found: found == {401}, seconds=5)
    client.http.auth = (fresh["client_id"], fresh["access_token"])
    until(answers, lambda found: found == {201}, seconds=5)
    assert main(["streams", "revoke", made["client_id"], *data_dir]) == 0
    until(answers, lambda found: found == {401}, seconds=5)


def test_ctrl_c_ends_it_at_once(tmp_path: Path) -> None:
    """With a job that runs, a client that is silent within its request, and one with an open connection."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with serving(tmp_path / "data") as served:
        client = served.client()
        client.http.auth = served.shown()
        client.probe(hold=str(fifo))
        until(lambda: _waits_for(fifo, served))
        with socket.create_connection(("127.0.0.1", served.port)) as sock:
            sock.sendall(client.head("POST", "/services/dummy/1/jobs", "Content-Length: 100"))
            assert served.stop(signal.SIGINT, group=True) == 0
        # What ran is queued again, and its attempt does not count.
        with closing(sqlite3.connect(served.data_dir / "audio.db")) as database:
            assert database.execute("SELECT phase, attempts FROM jobs").fetchall() == [("queued", 0)]
        assert served.shown()[1] not in served.log
        assert "ERROR" not in served.log, served.log
        assert "Traceback" not in served.log, served.log


def test_term_ends_it_after_what_is_under_way(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with serving(tmp_path / "data", workers=1) as served:
        client = served.client()
        replies = []
        thread = threading.Thread(
            target=lambda: replies.append(client.probe(hold=str(fifo), **{"async": False}).status_code)
        )
        thread.start()
        writer = until(lambda: _open_for_writing(fifo), lambda fd: fd is not None)
        served.process.send_signal(signal.SIGTERM)
        os.close(writer or 0)
        thread.join()
        assert replies == [201]
        assert served.stop() == 0
        assert "ERROR" not in served.log, served.log
        assert "Traceback" not in served.log, served.log


def test_no_request_on_a_kept_connection_is_lost_by_a_stop(tmp_path: Path) -> None:
    """Its answers say that they are the last, and what has arrived on a connection that rests is read first."""
    told: list[int | str] = []

    def hammer(port: int, authorization: str) -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=20)
        headers = {"Authorization": authorization, "Content-Type": "application/json"}
        while True:
            try:
                if connection.sock is None:
                    connection.connect()
                connection.request("POST", "/services/dummy/1/jobs", b'{"async": false}', headers)
            except OSError:  # there is nobody any more: nothing was sent
                return
            try:
                answer = connection.getresponse()
                answer.read()
                told.append(answer.status)
            except (OSError, HTTPException) as exc:
                told.append(repr(exc))
                connection.close()

    with serving(tmp_path / "data") as served:
        prepared = [served.client().http.prepare_request(requests.Request("GET", served.url)) for _ in range(4)]
        known = [request.headers["Authorization"] for request in prepared]
        threads = [threading.Thread(target=hammer, args=(served.port, known[i % 4])) for i in range(24)]
        for thread in threads:
            thread.start()
        until(lambda: told.count(201) > 200)
        assert served.stop() == 0
        for thread in threads:
            thread.join(20)
    assert set(told) <= {201, 503}, set(told)


def test_a_signal_at_any_moment_of_the_start(tmp_path: Path) -> None:
    served = Served(tmp_path / "data", workers=2)
    assert served.stop(signal.SIGINT, group=True) == 0
    assert "Traceback" not in served.log


def test_what_is_kept_is_for_its_owner_alone(served: Served) -> None:
    client = served.client()
    client.blob()
    for path in [served.data_dir, *served.data_dir.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_credentials_are_shown_at_the_first_start_alone(tmp_path: Path, served: Served) -> None:
    assert served.shown()
    with serving(served.data_dir, workers=1) as again:
        assert again.stop() == 0
    assert again.said.startswith("Listening on ")
    assert "token" not in again.said

"""What nobody foresaw: an id goes out, and the log has the rest."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from audio.stores import jobs
from tests import probe
from tests.conftest import RunningGateway, running_gateway
from tests.gateway.client import Client, error
from tests.waiting import until


def incident(text: str) -> str:
    found = re.search(r"under the id ([0-9a-f]{12})", text)
    assert found, text
    return found[1]


@pytest.mark.parametrize("how", ["crash", "unknown"])
@pytest.mark.parametrize("later", [True, False], ids=["asynchronous", "synchronous"])
def test_a_failing_service(client: Client, caplog: pytest.LogCaptureFixture, how: str, later: bool) -> None:
    reply = client.probe(fail=how, **{"async": later})
    if later:
        body = client.ended(reply.json()["url"])
        assert set(body) == {"url", "uuid", "status", "error", "code"}
    else:
        body = error(reply, 500, "internal")
    text = str(body)
    assert "secret" not in text
    assert "nobody has mapped" not in text
    assert "probe.py" not in text
    assert f"incident {incident(body['error'])}" in caplog.text
    assert ("secret-of-the-house" if how == "crash" else "nobody has mapped this") in caplog.text
    assert client.echo().status_code == 201


@pytest.mark.parametrize("later", [True, False], ids=["asynchronous", "synchronous"])
def test_an_engine_that_gives_no_sound_is_in_the_log_too(
    client: Client, caplog: pytest.LogCaptureFixture, later: bool
) -> None:
    reply = client.probe(fail="mute", **{"async": later})
    body = client.ended(reply.json()["url"]) if later else error(reply, 500, "speech_failed")
    assert body["error"].startswith("It gave no sound. ")
    assert f"incident {incident(body['error'])}" in caplog.text


def test_a_failed_job_leaves_its_session_as_it_was(client: Client) -> None:
    state = {"session_id": "s"}
    for chunk in (1, 2):
        assert client.probe(state=state, **{"async": False}).json()["chunk"] == chunk
        assert client.probe(state=state, fail="crash", **{"async": False}).status_code == 500
        client.ended(client.probe(state=state, fail="crash").json()["url"])


def test_an_answer_that_is_no_json_is_a_failure(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Better than one that no client can read."""
    import dataclasses
    import math

    from audio.services import registry

    broken = dataclasses.replace(probe.SERVICE, compute=lambda inputs, state: ({"x": math.nan}, state))
    monkeypatch.setattr(probe, "SERVICE", broken)
    registry.services.cache_clear()
    try:
        error(client.probe(**{"async": False}), 500, "internal")
    finally:
        monkeypatch.undo()
        registry.services.cache_clear()


def test_a_job_that_ends_its_worker_again_and_again_is_given_up(gateway: RunningGateway, client: Client) -> None:
    """Its attempts are those that no worker lived to end."""
    database = gateway.app.extensions["audio"].database
    for attempts, status in ((2, 201), (3, 500)):
        held = client.probe(hold=f"first {attempts}").json()["url"]
        until(lambda name=f"first {attempts}": name in probe.STARTED)
        url = client.probe().json()["url"]
        with database.write() as connection:
            connection.exec_driver_sql(f"UPDATE jobs SET attempts = {attempts} WHERE id = '{url.rpartition('/')[2]}'")
        probe.GO.set()
        job = client.ended(url)
        assert job["status"] == status
        assert status == 201 or "ended its worker 3 times" in job["error"]
        client.ended(held)
        probe.GO.clear()


def test_what_a_dead_worker_ran_is_taken_over(gateway: RunningGateway, client: Client) -> None:
    """And what a living one runs is not."""
    database, worker = (getattr(gateway.app.extensions["audio"], name) for name in ("database", "worker"))
    url = client.probe(hold="living").json()["url"]
    until(lambda: "living" in probe.STARTED)
    orphan = client.probe().json()["url"]
    with database.write() as connection:
        connection.exec_driver_sql(
            f"UPDATE jobs SET phase = 'running', owner = 'dead', attempts = 1 WHERE id = '{orphan.rpartition('/')[2]}'"
        )
    worker.take_over()
    with database.read() as connection:
        assert list(jobs.owners(connection)) == [worker.owner]
    probe.GO.set()
    assert client.ended(orphan)["status"] == 201
    assert client.ended(url)["status"] == 201
    assert probe.STARTED.count("living") == 1


def test_what_could_not_be_ended_is_run_again(gateway: RunningGateway, client: Client) -> None:
    """A job whose end could not be written is no worker's: housekeeping gives it back, and no attempt is counted."""
    database, worker = (getattr(gateway.app.extensions["audio"], name) for name in ("database", "worker"))
    held = client.probe(hold="before").json()["url"]
    until(lambda: "before" in probe.STARTED)
    url = client.probe().json()["url"]
    with database.write() as connection:
        connection.exec_driver_sql(
            f"UPDATE jobs SET phase = 'running', owner = '{worker.owner}', attempts = 3 "
            f"WHERE id = '{url.rpartition('/')[2]}'"
        )
    worker.take_over()
    probe.GO.set()
    assert client.ended(url)["status"] == 201
    assert client.ended(held)["status"] == 201


def test_a_worker_is_never_seen_unlocked(tmp_path: Path) -> None:
    with running_gateway(tmp_path) as gateway:
        worker = gateway.app.extensions["audio"].worker
        assert (tmp_path / "run" / f"{worker.owner}.lock").is_file()
        assert worker._proof.living([worker.owner, "nobody"]) == {worker.owner}
        left = [tmp_path / "run" / f"dead.{kind}" for kind in ("lock", "watched")]
        for path in left:
            path.touch()
        worker.take_over()
        assert not any(path.exists() for path in left)
    assert not (tmp_path / "run" / f"{worker.owner}.lock").exists()


def test_the_threads_go_on_after_a_failure(
    gateway: RunningGateway, client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    claim, failed = jobs.claim, []

    def fails_once(*args: object) -> object:
        if not failed:
            failed.append(True)
            raise MemoryError
        return claim(*args)

    monkeypatch.setattr("audio.engine.worker._CARE_SECONDS", 0.01)
    monkeypatch.setattr(jobs, "claim", fails_once)
    with caplog.at_level(logging.ERROR):
        assert client.ended(client.probe().json()["url"])["status"] == 201
    assert failed


def test_who_finds_that_another_was_faster_looks_again_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    claim, lost = jobs.claim, []

    def loses_once(connection: sa.Connection, owner: str, seq: int) -> jobs.Job | None:
        if lost:
            return claim(connection, owner, seq)
        lost.append(seq)
        return None

    monkeypatch.setattr("audio.engine.worker._POLL_SECONDS", 600.0)
    monkeypatch.setattr(jobs, "claim", loses_once)
    with running_gateway(tmp_path, async_workers=1) as gateway:
        client = Client(gateway.url, gateway.http())
        assert client.ended(client.probe().json()["url"])["status"] == 201
    assert lost

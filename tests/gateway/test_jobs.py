from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from tests import probe
from tests.conftest import RunningGateway, running_gateway
from tests.gateway.client import Client, error
from tests.waiting import until

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def held(client: Client, **values: object) -> str:
    """The URL of an asynchronous job that runs, and waits for probe.GO."""
    name = str(uuid.uuid4())
    url: str = client.probe(hold=name, **values).json()["url"]
    until(lambda: name in probe.STARTED)
    return url


def test_another_client_sees_nothing(gateway: RunningGateway, client: Client) -> None:
    stranger = Client(gateway.url, gateway.new_stream())
    url = client.probe(**{"async": False}).json()["url"]
    unknown = url.rpartition("/")[0] + "/" + UNKNOWN
    for method in ("GET", "HEAD", "DELETE"):
        theirs, nobodys = (stranger.http.request(method, u, timeout=10) for u in (url, unknown))
        assert (theirs.status_code, theirs.text) == (nobodys.status_code, nobodys.text)
        assert theirs.status_code == 404
    error(stranger.get(url), 404, "not_found")
    assert stranger.listed() == []
    assert client.get(url).status_code == 200


def test_a_job_belongs_to_its_service(client: Client) -> None:
    job = client.probe(**{"async": False}).json()
    error(client.get(f"{client.dummy}/{job['uuid']}"), 404, "not_found")
    error(client.delete(f"{client.dummy}/{job['uuid']}"), 404, "not_found")
    assert client.get(client.dummy).json()["jobs"] == []


def test_the_list_is_newest_first_and_comes_in_pages(client: Client) -> None:
    made = [client.probe(**{"async": False}).json()["uuid"] for _ in range(7)]
    assert client.listed() == made[::-1]
    seen: list[str] = []
    url = f"{client.jobs}?limit=3"
    for size in (3, 3, 1):
        page = client.get(url).json()
        assert len(page["jobs"]) == size
        seen += [job["uuid"] for job in page["jobs"]]
        # What comes in between does not shift the pages.
        client.probe(**{"async": False})
        url = page.get("next", "")
    assert seen == made[::-1]
    assert url == ""


def test_the_list_holds_links_and_no_results(client: Client) -> None:
    """Which can be large, and many."""
    job = client.probe(**{"async": False}).json()
    (listed,) = client.get(client.jobs).json()["jobs"]
    assert listed == {name: job[name] for name in ("url", "uuid", "status")}


def test_the_list_is_filtered_by_status(client: Client) -> None:
    done = client.probe(**{"async": False}).json()["uuid"]
    failed = client.probe(fail="crash").json()
    client.ended(failed["url"])
    running = client.get(held(client)).json()["uuid"]
    waiting = client.probe(hold="later").json()["uuid"]
    assert client.listed("?status=201") == [done]
    assert client.listed("?status=500") == [failed["uuid"]]
    assert client.listed("?status=202") == [waiting, running]
    assert client.listed("?status=404") == []
    first = client.get(f"{client.jobs}?status=202&limit=1").json()
    assert [j["uuid"] for j in client.get(first["next"]).json()["jobs"]] == [running]


@pytest.mark.parametrize("query", ["limit=x", "limit=-1", "status=1e3", "before=", "before=" + "9" * 16, "status=٣"])
def test_bad_queries(client: Client, query: str) -> None:
    assert error(client.get(f"{client.jobs}?{query}"), 400, "bad_input")["field"] == query.partition("=")[0]


@pytest.mark.parametrize("query", ["limit=0", "limit=999999999999999", "before=0", "before=999999999999999", "x=y"])
def test_odd_queries(client: Client, query: str) -> None:
    client.probe(**{"async": False})
    assert len(client.listed("?" + query)) == (0 if query == "before=0" else 1)


def test_delete_what_has_ended(client: Client) -> None:
    url = client.probe(**{"async": False}).json()["url"]
    reply = client.delete(url)
    assert (reply.status_code, reply.content) == (204, b"")
    error(client.get(url), 404, "not_found")
    error(client.delete(url), 404, "not_found")


def test_delete_what_waits(client: Client) -> None:
    """It is never computed."""
    held(client)
    url = client.probe(hold="never").json()["url"]
    assert client.delete(url).status_code == 204
    probe.GO.set()
    last = client.probe().json()["url"]
    assert client.ended(last)["status"] == 201
    assert "never" not in probe.STARTED
    error(client.get(url), 404, "not_found")


def test_delete_what_runs(client: Client) -> None:
    """Nothing of it is kept, not even in its session."""
    state = {"session_id": "s"}
    url = held(client, state=state)
    assert client.delete(url).status_code == 204
    error(client.get(url), 404, "not_found")
    probe.GO.set()
    job = client.ended(client.probe(state=state).json()["url"])
    assert job["chunk"] == 1
    error(client.get(url), 404, "not_found")


def test_jobs_of_a_session_run_in_their_order(tmp_path: Path) -> None:
    """Though several threads take them, and other jobs come between."""
    with running_gateway(tmp_path, async_workers=4) as gateway:
        client = Client(gateway.url, gateway.http())
        urls = [client.probe(state={"session_id": f"s{i % 2}"}).json()["url"] for i in range(20)]
        jobs = [client.ended(url) for url in urls]
    assert [job["chunk"] for job in jobs] == [i // 2 + 1 for i in range(20)]


def test_one_session_waits_while_others_go_on(tmp_path: Path) -> None:
    with running_gateway(tmp_path, async_workers=2) as gateway:
        client = Client(gateway.url, gateway.http())
        held(client, state={"session_id": "slow"})
        behind = client.probe(state={"session_id": "slow"}).json()["url"]
        other = client.probe(state={"session_id": "quick"}).json()["url"]
        assert client.ended(other)["chunk"] == 1
        assert client.get(behind).json()["status"] == 202
        probe.GO.set()
        assert client.ended(behind)["chunk"] == 2


def test_bad_input_of_an_asynchronous_job_is_told_at_once(client: Client) -> None:
    error(client.probe(threshold=2), 400, "bad_input")
    error(client.probe(b"RIFF"), 400, "unsupported_format")
    assert client.listed() == []


def test_a_conflict_that_shows_later_is_in_the_job(client: Client) -> None:
    for offset in (0, 250):
        client.ended(client.probe(state={"session_id": "s", "offset": offset}).json()["url"])
    job = client.ended(client.probe(state={"session_id": "s", "offset": 10}).json()["url"])
    assert (job["status"], job["code"], job["field"]) == (409, "session_conflict", "state")
    assert job["url"].endswith(job["uuid"])


def test_too_many_waiting_jobs(tmp_path_factory: pytest.TempPathFactory) -> None:
    with running_gateway(tmp_path_factory.mktemp("queue"), async_queue=3) as gateway:
        client = Client(gateway.url, gateway.http())
        held(client)
        for _ in range(2):
            assert client.probe().status_code == 202
        refused = client.probe()
        error(refused, 429, "too_many_jobs")
        assert int(refused.headers["Retry-After"]) >= 1
        assert Client(gateway.url, gateway.new_stream()).probe().status_code == 202
        assert client.probe(**{"async": False}).status_code == 201
        probe.GO.set()
        until(lambda: client.listed("?status=202"), lambda found: not found)
        assert client.probe().status_code == 202


def test_waiting_jobs_take_a_bounded_space(tmp_path_factory: pytest.TempPathFactory) -> None:
    import numpy as np

    from audio import wav
    from audio.pcm import Pcm

    large = wav.encode(Pcm(np.zeros((200_000, 1), np.int16), 8000))
    with running_gateway(tmp_path_factory.mktemp("space"), blob_quota_mb=1) as gateway:
        client = Client(gateway.url, gateway.http())
        held(client)
        assert [client.probe(large).status_code for _ in range(3)] == [202, 202, 429]
        assert client.probe().status_code == 202
        probe.GO.set()

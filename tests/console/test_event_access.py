"""Events as they happen, for our own pages and for a token of the data API."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
import requests

from audio.gateway import auth
from tests.conftest import RunningGateway
from tests.console.browser import TIMEOUT, Browser
from tests.console.conftest import EMAIL, PASSWORD
from tests.console.test_streams import created

STREAM = {"Accept": "text/event-stream"}


def read(house: RunningGateway, http: requests.Session, client_id: str, **headers: str) -> requests.Response:
    return http.get(
        f"{house.url}/api/1/events",
        params={"stream": client_id, "after": "0"},
        headers={**STREAM, **headers},
        stream=True,
        timeout=TIMEOUT,
    )


@pytest.fixture(scope="module")
def told(house: RunningGateway, owner: Browser) -> tuple[str, str]:
    """A stream with one event."""
    credentials = created(owner, "told")
    owner.get(f"/streams/{credentials[0]}")
    owner.send("/test")
    return credentials


def test_who_is_signed_in_reads_their_own(house: RunningGateway, owner: Browser, told: tuple[str, str]) -> None:
    with read(house, owner.http, told[0]) as reply:
        assert reply.headers["Content-Type"] == "text/event-stream"
        lines = reply.iter_lines(chunk_size=1, decode_unicode=True)
        assert next(line for line in lines if line.startswith("event: ")) == "event: test"
    page = owner.http.get(f"{house.url}/api/1/events", params={"stream": told[0]}, timeout=TIMEOUT).json()
    assert [(event["stream"], event["type"]) for event in page["events"]] == [(told[0], "test")]


@pytest.mark.parametrize("accept", ["text/event-stream", "application/json"])
def test_nobody_else_does(house: RunningGateway, guest: Browser, told: tuple[str, str], accept: str) -> None:
    nobody = requests.Session()
    for http in (guest.http, nobody):
        for client_id in (told[0], "", "none", "\0"):
            with read(house, http, client_id, Accept=accept) as reply:
                assert reply.status_code == 401, (client_id, reply.text)


def test_a_page_of_another_site_does_not(house: RunningGateway, owner: Browser, told: tuple[str, str]) -> None:
    for site, status in (("same-site", 401), ("cross-site", 401), ("same-origin", 200)):
        with read(house, owner.http, told[0], **{"Sec-Fetch-Site": site}) as reply:
            assert reply.status_code == status, site


def test_a_token_of_the_data_api_reads_its_stream(house: RunningGateway, told: tuple[str, str]) -> None:
    client_id, access_token = told
    given = {"username": EMAIL, "client_id": client_id, "access_token": access_token}
    token = requests.post(f"{house.url}/api-token-authstream", json=given, timeout=TIMEOUT).json()["token"]
    http = requests.Session()
    with read(house, http, "", Authorization=f"Bearer {token}") as reply:
        assert reply.status_code == 200
        lines = reply.iter_lines(chunk_size=1, decode_unicode=True)
        assert client_id in next(line for line in lines if line.startswith("data: "))
    with read(house, http, "", Authorization=f"Bearer {token[:-4]}AAAA") as reply:
        assert reply.status_code == 401


def test_ten_at_most(house: RunningGateway, owner: Browser) -> None:
    client_id, _ = created(owner, "watched")
    with ExitStack() as stack:
        for _ in range(10):
            assert stack.enter_context(read(house, owner.http, client_id)).status_code == 200
        with read(house, owner.http, client_id) as reply:
            assert (reply.status_code, reply.headers["Retry-After"]) == (503, "30")


def test_who_signs_out_reads_no_more(
    house: RunningGateway, owner: Browser, told: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth, "RECHECK_SECONDS", 0.05)
    browser = Browser(house.url)
    browser.get("/login")
    browser.send("/login", email=EMAIL, password=PASSWORD)
    with read(house, browser.http, told[0]) as reply:
        assert reply.status_code == 200
        browser.send("/logout")
        assert b"event: test" in reply.content, "it ended"

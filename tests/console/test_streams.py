from __future__ import annotations

import html
import json

import requests

from audio.stores import streams
from tests.conftest import RunningGateway
from tests.console.browser import TIMEOUT, Browser
from tests.waiting import until


def created(browser: Browser, name: str, plan: str = "unlimited", tz: str = "") -> tuple[str, str]:
    """A new stream by the form: its client_id and access_token."""
    browser.get("/subscribe")
    browser.send("/subscribe", name=name, plan=plan, tz=tz)
    return browser.shown('id="client_id">([^<]+)'), browser.shown('id="access_token">([^<]+)')


def lets_in(house: RunningGateway, credentials: tuple[str, str]) -> bool:
    return requests.get(f"{house.url}/services", auth=credentials, timeout=TIMEOUT).status_code == 200


def test_from_the_first_click_to_the_last(house: RunningGateway, owner: Browser) -> None:
    credentials = created(owner, "Store #2", tz="Europe/Paris")
    client_id, token = credentials
    assert lets_in(house, credentials)
    page = owner.get(f"/streams/{client_id}").text
    assert token not in page
    assert "Europe/Paris" in page
    owner.send("/token")
    fresh = (client_id, owner.shown('id="access_token">([^<]+)'))
    until(lambda: not lets_in(house, credentials), seconds=5)
    assert lets_in(house, fresh)
    owner.get(f"/streams/{client_id}")
    owner.send("/revoke")
    assert "revoked" in owner.reply.text
    until(lambda: not lets_in(house, fresh), seconds=5)
    owner.send("/restore")
    assert lets_in(house, fresh)
    assert owner.send("/delete", name="Store #3").status_code == 400
    assert "Type its name" in owner.reply.text
    owner.send("/delete", name="Store #2")
    assert owner.reply.url == f"{house.url}/streams"
    assert "Store #2" not in owner.reply.text
    until(lambda: not lets_in(house, fresh), seconds=5)


def test_settings(house: RunningGateway, owner: Browser) -> None:
    client_id, _ = created(owner, "hall")
    created(owner, "cellar")
    for typed, said in (
        ({"name": "cellar"}, "There is a stream &#39;cellar&#39; already"),
        ({"name": " "}, "1 to 100 printable characters"),
        ({"tz": "Europe/Nowhere"}, "is no time zone"),
        ({"keep_days": "0"}, "from 1 to 730 days"),
        ({"keep_days": "a"}, "from 1 to 730 days"),
    ):
        owner.get(f"/streams/{client_id}")
        form = {"name": "hall", "tz": "", "store": "", "keep_days": "90", **typed}
        assert owner.send("/settings", **form).status_code == 400
        assert said in owner.reply.text, said
    owner.get(f"/streams/{client_id}")
    owner.send("/settings", name="great hall", tz="Asia/Tokyo", store="no", keep_days="7")
    assert "The settings were saved." in owner.reply.text
    with house.app.extensions["audio"].database.read() as connection:
        found = streams.get(connection, client_id)
    assert found is not None
    assert (found.name, found.tz, found.store, found.keep_days) == ("great hall", "Asia/Tokyo", False, 7)


def test_erase_removes_what_was_sent_and_keeps_the_stream(house: RunningGateway, owner: Browser) -> None:
    credentials = created(owner, "loft")
    http = requests.Session()
    http.auth = credentials
    jobs = f"{house.url}/services/dummy/1/jobs"
    job = http.post(jobs, json={"echo": "x", "async": False}, timeout=TIMEOUT).json()["url"]
    files = {"meta": (None, '{"content": "attachment://c"}', "application/json"), "attachment://c": ("c", b"x")}
    blob = http.post(f"{house.url}/blobs", files=files, timeout=TIMEOUT).json()["url"]
    path = next((house.app.extensions["audio"].blob_files._root).rglob(blob.rpartition("/")[2]))
    owner.get(f"/streams/{credentials[0]}")
    assert owner.send("/erase", name="no").status_code == 400
    assert http.get(job, timeout=TIMEOUT).status_code == 200
    owner.send("/erase", name="loft")
    assert "Its data was deleted." in owner.reply.text
    assert [http.get(url, timeout=TIMEOUT).status_code for url in (job, blob)] == [404, 404]
    assert not path.exists()
    assert lets_in(house, credentials)


def test_plans_that_one_may_choose(house: RunningGateway, owner: Browser, guest: Browser) -> None:
    for plan in ("enterprise", "unlimited", "nothing", ""):
        guest.get("/subscribe")
        assert guest.send("/subscribe", name="x", plan=plan, tz="").status_code == 400
        assert "plans that you may have" in guest.reply.text
    client_id, _ = created(guest, "mine", "developer")
    guest.get("/subscribe")
    assert guest.send("/subscribe", name="second", plan="developer", tz="").status_code == 409
    assert "has the developer plan already" in guest.reply.text
    # The admin may give any, and sees its name and usage, but not the stream.
    owner.get("/accounts")
    url, fields = owner.form("/accounts/plan")
    owner.http.post(url, data={**fields, "stream": client_id, "plan": "enterprise"}, timeout=TIMEOUT)
    assert "Enterprise" in guest.get(f"/streams/{client_id}").text
    assert owner.get(f"/streams/{client_id}").status_code == 404
    assert "mine" in owner.get("/accounts").text
    # But not one that another stream of that account has.
    created(guest, "second", "developer")
    url, fields = owner.form("/accounts/plan")
    refused = owner.http.post(url, data={**fields, "stream": client_id, "plan": "developer"}, timeout=TIMEOUT)
    assert refused.status_code == 409
    assert "has the developer plan already" in refused.text
    assert "Enterprise" in guest.get(f"/streams/{client_id}").text


def test_what_the_command_line_makes_is_there_too(house: RunningGateway, owner: Browser) -> None:
    from audio.cli import main

    assert main(["streams", "create", "by hand", "--data-dir", house.settings.data_dir]) == 0
    assert "by hand" in owner.get("/streams").text


def test_no_token_is_shown_as_part_of_a_command(owner: Browser) -> None:
    """What is an argument can be seen by everybody on the device."""
    client_id, token = created(owner, "porch")
    command = owner.shown('id="configure">([^<]+)')
    assert command.endswith("--credentials -")
    assert token not in command
    given = json.loads(html.unescape(owner.shown('id="json">([^<]+)')))
    assert given == {"client_id": client_id, "access_token": token}

from __future__ import annotations

import re

import pytest
import requests

from audio.engine import prepare
from tests.conftest import RunningGateway
from tests.console.browser import TIMEOUT, Browser
from tests.console.conftest import EMAIL, PASSWORD

RIGHT = {"email": EMAIL, "password": PASSWORD, "password_again": PASSWORD}


def test_the_first_account(house: RunningGateway) -> None:
    """In one test, as it happens once: every page leads to it, mistakes are told, and it takes over what was there."""
    browser = Browser(house.url)
    for path in ("/", "/streams", "/login", "/account"):
        browser.get(path)
        assert browser.reply.url == f"{house.url}/register", path
    assert "code that <code>audio serve</code> printed" in browser.reply.text
    ended, code = (prepare.setup_code(house.settings) for _ in range(2))
    assert code is not None
    assert re.fullmatch("[2-9A-Z]{4}-[2-9A-Z]{4}", code)
    for wrong in ("", "AAAA-AAAA", str(ended)):
        assert browser.send("/register", **RIGHT, code=wrong).status_code == 400
        assert "This is not the code" in browser.reply.text
    for field, value, said in (
        ("password", "short", "This has 5 characters: take 12 or more."),
        ("password", EMAIL, "This is the email"),
        ("password", "x" * 1025, "take 1024 or fewer"),
        ("password_again", "another password", "The two passwords differ."),
        ("email", "marie", "This is no email address"),
        ("email", "a b@example.org", "This is no email address"),
    ):
        browser.get("/register")
        assert browser.send("/register", **{**RIGHT, "code": code, field: value}).status_code == 400
        assert said in browser.reply.text, said
    _allow(house)
    assert browser.send("/register", **RIGHT, code=f" {code.lower()} ").status_code == 200
    assert browser.reply.url == f"{house.url}/streams"
    assert house.client_id in browser.reply.text
    assert prepare.setup_code(house.settings) is None
    assert "Invite somebody" in browser.get("/accounts").text
    another = Browser(house.url)
    another.get("/register")
    assert "Set-up code" not in another.reply.text


def _allow(house: RunningGateway) -> None:
    from audio.stores.attempts import ATTEMPTS

    with house.app.extensions["audio"].database.write() as connection:
        connection.execute(ATTEMPTS.delete())


@pytest.mark.parametrize("accept", [None, "*/*", "application/json"])
def test_programs_get_the_same_index_as_ever(house: RunningGateway, accept: str | None) -> None:
    headers = {} if accept is None else {"Accept": accept}
    reply = requests.get(house.url, headers=headers, timeout=TIMEOUT)
    assert reply.json()["name"] == "audio"

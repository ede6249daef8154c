from __future__ import annotations

import time

import pytest

from audio.cli import main
from audio.stores import sign_ins
from audio.stores.attempts import ATTEMPTS
from audio.stores.sign_ins import SIGN_INS
from tests.conftest import RunningGateway
from tests.console.browser import Browser
from tests.console.conftest import EMAIL, PASSWORD, member


def sign_in(house: RunningGateway, email: str, password: str) -> Browser:
    browser = Browser(house.url)
    browser.get("/login")
    browser.send("/login", email=email, password=password)
    return browser


def test_in_and_out(house: RunningGateway, owner: Browser) -> None:
    browser = sign_in(house, f" {EMAIL.upper()} ", PASSWORD)
    assert browser.reply.url == f"{house.url}/streams"
    before = browser.cookie
    browser.send("/logout")
    assert browser.reply.url == f"{house.url}/login"
    browser.plant(before)
    assert browser.get("/streams").url.startswith(f"{house.url}/login")


def test_back_to_the_page_that_was_wanted(house: RunningGateway, owner: Browser) -> None:
    browser = Browser(house.url)
    browser.get(f"/streams/{house.client_id}?said=settings")
    assert "Sign in" in browser.reply.text
    browser.send("/login", email=EMAIL, password=PASSWORD)
    assert browser.reply.url == f"{house.url}/streams/{house.client_id}?said=settings"


def test_a_sign_in_ends_by_its_age_and_by_rest(house: RunningGateway, owner: Browser) -> None:
    for column, age in ((SIGN_INS.c.created_at, sign_ins.LONGEST_SECONDS), (SIGN_INS.c.used_at, sign_ins.IDLE_SECONDS)):
        browser = sign_in(house, EMAIL, PASSWORD)
        mine = SIGN_INS.c.token_hash == sign_ins.hash_token(browser.cookie)
        for seconds, lives in ((age - 60, True), (age + 60, False)):
            with house.app.extensions["audio"].database.write() as connection:
                connection.execute(SIGN_INS.update().where(mine).values({column.name: time.time() - seconds}))
                if column is SIGN_INS.c.created_at:
                    connection.execute(SIGN_INS.update().where(mine).values(used_at=time.time()))
            assert (browser.get("/streams").url == f"{house.url}/streams") == lives, (column, seconds)


def test_a_new_password_ends_all_other_sign_ins(house: RunningGateway, owner: Browser) -> None:
    here = member(house, "rosa@example.org")
    there = sign_in(house, "rosa@example.org", PASSWORD)
    here.get("/account")
    before = here.cookie
    typed = {"password": "another long one", "password_again": "another long one"}
    assert here.send("/account", action="password", present="wrong", **typed).status_code == 400
    assert "not your present password" in here.reply.text
    here.send("/account", action="password", present=PASSWORD, **typed)
    assert "The password was changed" in here.reply.text
    assert here.cookie != before
    assert there.get("/streams").url.startswith(f"{house.url}/login")
    assert sign_in(house, "rosa@example.org", PASSWORD).reply.status_code == 401
    assert sign_in(house, "rosa@example.org", typed["password"]).reply.url == f"{house.url}/streams"


def test_another_browser_can_be_signed_out(house: RunningGateway, owner: Browser) -> None:
    here = member(house, "otto@example.org")
    there = sign_in(house, "otto@example.org", PASSWORD)
    here.get("/account")
    here.send("/account", action="end", place=sign_ins.hash_token(there.cookie))
    assert there.get("/streams").url.startswith(f"{house.url}/login")
    # Not those of others.
    here.get("/account")
    here.send("/account", action="end", place=sign_ins.hash_token(owner.cookie))
    assert owner.get("/streams").url == f"{house.url}/streams"


def test_the_email_can_change_and_nobody_elses_be_taken(house: RunningGateway, owner: Browser) -> None:
    browser = member(house, "ida@example.org")
    browser.get("/account")
    assert browser.send("/account", action="email", email=EMAIL, present=PASSWORD).status_code == 400
    browser.get("/account")
    browser.send("/account", action="email", email="Ida.New@example.org", present=PASSWORD)
    assert "The email was changed" in browser.reply.text
    assert sign_in(house, "ida.new@example.org", PASSWORD).reply.url == f"{house.url}/streams"


def test_invitations(house: RunningGateway, owner: Browser) -> None:
    owner.get("/accounts")
    owner.send("/accounts/invite", role="admin")
    link = owner.shown('id="link">([^<]+)')
    assert link.startswith(f"{house.url}/register?code=")
    assert link.partition("=")[2] not in owner.get("/accounts").text


def test_what_the_admin_may_do(house: RunningGateway, owner: Browser) -> None:
    them = member(house, "nina@example.org")
    assert them.get("/accounts").status_code == 404
    owner.get("/accounts")
    disable = owner.shown(r'nina@example\.org</th>.*?action="[^"]*(/accounts/[^"]+/disable)"')
    owner.send(disable)
    assert them.get("/streams").url.startswith(f"{house.url}/login")
    assert sign_in(house, "nina@example.org", PASSWORD).reply.status_code == 401
    owner.get("/accounts")
    owner.send(disable.replace("disable", "enable"))
    assert sign_in(house, "nina@example.org", PASSWORD).reply.status_code == 200
    owner.get("/accounts")
    assert owner.send(disable.replace("disable", "delete"), email="nina@example.com").status_code == 409
    owner.get("/accounts")
    owner.send(disable.replace("disable", "delete"), email="nina@example.org")
    assert "nina@example.org</th>" not in owner.reply.text


def test_the_last_admin_stays(house: RunningGateway, owner: Browser, guest: Browser) -> None:
    owner.get("/account")
    assert owner.send("/account", action="delete", present=PASSWORD).status_code == 400
    assert "the only admin" in owner.reply.text


def test_an_account_goes_with_its_streams(house: RunningGateway, owner: Browser) -> None:
    browser = member(house, "emil@example.org")
    browser.get("/subscribe")
    browser.send("/subscribe", name="attic", plan="developer", tz="")
    client_id = browser.shown('id="client_id">([^<]+)')
    browser.get("/account")
    browser.send("/account", action="delete", present=PASSWORD)
    assert client_id not in str(_streams(house))


def test_the_command_line_helps_who_is_locked_out(
    house: RunningGateway, owner: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    email = "lea@example.org"
    browser = member(house, email)
    for _ in range(5):
        assert sign_in(house, email, "wrong").reply.status_code == 401
    locked = sign_in(house, email, PASSWORD).reply
    assert locked.status_code == 429
    assert 0 < int(locked.headers["Retry-After"]) <= 900
    assert main(["accounts", "password", email, "--data-dir", house.settings.data_dir]) == 0
    password = capsys.readouterr().out.split("password  ")[1].split()[0]
    assert browser.get("/streams").url.startswith(f"{house.url}/login")
    assert sign_in(house, email, password).reply.url == f"{house.url}/streams"


def test_the_limit_ends_by_itself(house: RunningGateway, owner: Browser) -> None:
    for _ in range(5):
        sign_in(house, EMAIL, "wrong")
    assert sign_in(house, EMAIL, PASSWORD).reply.status_code == 429
    with house.app.extensions["audio"].database.write() as connection:
        connection.execute(ATTEMPTS.update().values(at=ATTEMPTS.c.at - 15 * 60))
    assert sign_in(house, EMAIL, PASSWORD).reply.url == f"{house.url}/streams"


def test_what_was_done_is_written_down(house: RunningGateway, owner: Browser) -> None:
    owner.get("/accounts")
    for what in ("made the account", "signed in", "sign-in failed", "invited a new admin"):
        assert what in owner.reply.text, what


def _streams(house: RunningGateway) -> list[object]:
    from audio.stores import streams

    with house.app.extensions["audio"].database.read() as connection:
        return list(streams.everything(connection))

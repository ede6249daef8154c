"""What others have tried with consoles of this kind."""

from __future__ import annotations

import threading
import time
from statistics import median

import pytest
import requests

from audio.stores import attempts, sign_ins
from tests.conftest import RunningGateway
from tests.console.browser import TIMEOUT, Browser
from tests.console.conftest import EMAIL, PASSWORD

EVIL = '"><script>alert(1)</script><img src=x onerror=alert(2)>'


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://127.0.0.1:1"},  # a page on another port of this host, which gets our cookie
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_form_of_another_page_does_nothing(house: RunningGateway, owner: Browser, headers: dict[str, str]) -> None:
    owner.get(f"/streams/{house.client_id}")
    reply = owner.send(f"{house.client_id}/revoke", headers=headers)
    assert reply.status_code == 403
    assert "Send it again" not in reply.text
    assert "is let in no more" not in owner.get(f"/streams/{house.client_id}").text
    assert "Revoke" in owner.reply.text


def test_a_form_with_a_stale_token_is_shown_again_with_what_was_typed(house: RunningGateway, owner: Browser) -> None:
    for token in ("", "0" * 64, "ü"):
        owner.get("/subscribe")
        reply = owner.send("/subscribe", csrf_token=token, name="Store <#2>", plan="unlimited", tz="")
        assert reply.status_code == 403
        assert "Store &lt;#2&gt;" in reply.text
    assert owner.send("/subscribe").status_code == 200
    assert "Store &lt;#2&gt;" in owner.get("/streams").text


def test_our_own_forms_pass(house: RunningGateway, owner: Browser) -> None:
    for headers in ({"Origin": house.url, "Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {}):
        owner.get(f"/streams/{house.client_id}")
        form = {"name": "test", "tz": "", "store": "", "keep_days": "90"}
        assert owner.send("/settings", headers=headers, **form).url.endswith("said=settings")


def test_anothers_stream_is_one_that_never_was(house: RunningGateway, owner: Browser, guest: Browser) -> None:
    never = guest.get("/streams/00000000-0000-4000-8000-000000000000")
    theirs = guest.get(f"/streams/{house.client_id}")
    assert (theirs.status_code, theirs.text) == (404, never.text)
    guest.get("/subscribe")
    _, fields = guest.form("/subscribe")
    for action in ("settings", "token", "revoke", "restore", "erase", "delete"):
        url = f"{house.url}/streams/{house.client_id}/{action}"
        form = {"csrf_token": fields["csrf_token"], "name": "test", "tz": "", "keep_days": "1"}
        assert guest.http.post(url, data=form, timeout=TIMEOUT).status_code == 404, action
    assert house.http().get(f"{house.url}/services", timeout=TIMEOUT).status_code == 200


def test_a_session_cannot_be_given_to_somebody(house: RunningGateway, owner: Browser) -> None:
    browser, planted = Browser(house.url), "planted-by-somebody-who-waits"
    browser.plant(planted)
    browser.get("/login")
    browser.send("/login", email=EMAIL, password=PASSWORD)
    assert browser.reply.url == f"{house.url}/streams"
    thief = requests.get(f"{house.url}/streams", cookies={"audio_session": planted}, timeout=TIMEOUT)
    assert thief.url.startswith(f"{house.url}/login")


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/%2f/evil.example",
        "javascript:alert(1)",
        "/streams\r\nX-Evil: 1",
        "/logout",
        "/health",
        "/nothing",
        "streams",
        "http:/streams",
        "",
    ],
)
def test_next_leads_to_our_pages_alone(house: RunningGateway, owner: Browser, wanted: str) -> None:
    browser = Browser(house.url)
    browser.get("/login")
    url, fields = browser.form("/login")
    form = {**fields, "email": EMAIL, "password": PASSWORD, "next": wanted}
    reply = browser.http.post(url, data=form, timeout=TIMEOUT, allow_redirects=False)
    assert (reply.status_code, reply.headers["Location"]) == (303, "/streams")


def test_html_in_every_name_is_text(house: RunningGateway, owner: Browser) -> None:
    owner.get("/subscribe")
    owner.send("/subscribe", name=EVIL, plan="unlimited", tz="")
    client_id = owner.shown('id="client_id">([^<]+)')
    owner.get("/login?next=" + EVIL)
    requests.get(f"{house.url}/login", headers={"User-Agent": EVIL}, timeout=TIMEOUT)
    other = Browser(house.url)
    other.http.headers["User-Agent"] = EVIL
    other.get("/login")
    other.send("/login", email=EVIL, password=EVIL)
    pages = [other.reply.text]
    for path in ("/streams", f"/streams/{client_id}", "/accounts", "/account", "/register?code=" + EVIL):
        pages.append(owner.get(path).text)
    for page in pages:
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    owner.get(f"/streams/{client_id}")
    assert "<script>alert" not in owner.send("/settings", name="ok", tz=EVIL).text
    owner.get(f"/streams/{client_id}")
    owner.send("/delete", name=EVIL)
    assert client_id not in owner.reply.text


def test_unknown_emails_and_wrong_passwords_take_the_same_time_and_words(house: RunningGateway, owner: Browser) -> None:
    """As CPU of this process, which serves them: the clock says nothing on a busy machine."""
    spent: dict[str, list[float]] = {}
    replies = set()
    for email in (EMAIL, "nobody@example.org") * 4:
        browser = Browser(house.url)
        browser.get("/login")
        begin = time.process_time()
        reply = browser.send("/login", email=email, password="wrong password")
        spent.setdefault(email, []).append(time.process_time() - begin)
        replies.add((reply.status_code, reply.text.replace(email, "").split("csrf_token")[0]))
        with house.app.extensions["audio"].database.write() as connection:
            connection.execute(attempts.ATTEMPTS.delete())
    assert len(replies) == 1
    known, unknown = (median(spent[email]) for email in (EMAIL, "nobody@example.org"))
    assert 0.5 < known / unknown < 2, (known, unknown)


def test_ten_thousand_guesses(house: RunningGateway, owner: Browser) -> None:
    """From many at once: no more than five of an email are ever compared, and no more than twenty of an address."""
    database = house.app.extensions["audio"].database
    taken: list[str] = []

    def guess(number: int) -> None:
        for i in range(100):
            email = "rich@example.org" if number % 2 else f"u{number}-{i}@example.org"
            with database.write() as connection:
                if not attempts.take(connection, email, "198.51.100.7").wait:
                    taken.append(email)

    threads = [threading.Thread(target=guess, args=(n,)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == attempts.OF_ADDRESS
    assert taken.count("rich@example.org") <= attempts.OF_EMAIL
    with database.write() as connection:
        many = [attempts.take(connection, "rich@example.org", f"203.0.113.{n}").wait for n in range(250)]
        networks = [attempts.take(connection, f"v6-{n}@example.org", f"2001:db8::{n:x}").wait for n in range(100)]
    assert sum(not wait for wait in many) <= attempts.OF_EMAIL
    assert sum(not wait for wait in networks) == attempts.OF_ADDRESS


def test_no_page_is_shown_to_who_is_not_signed_in(house: RunningGateway, owner: Browser) -> None:
    for rule in house.app.url_map.iter_rules():
        if not rule.endpoint.startswith("console.") or rule.endpoint in ("console.static", "console.register"):
            continue
        path = rule.build(dict.fromkeys(rule.arguments, "1"))
        assert path is not None
        for method in rule.methods - {"OPTIONS", "HEAD"}:
            reply = requests.request(method, house.url + path[1], timeout=TIMEOUT, allow_redirects=False)
            if rule.endpoint == "console.login":
                assert reply.status_code in (200, 403)
            else:
                assert reply.status_code == 303, (method, path)
                assert reply.headers["Location"].startswith("/login"), (method, path)


def test_headers_of_every_page(house: RunningGateway, owner: Browser) -> None:
    for path in ("/streams", "/subscribe", "/account", "/accounts", f"/streams/{house.client_id}", "/streams/none"):
        headers = owner.get(path).headers
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"
        assert headers["Permissions-Policy"] == "microphone=()"
        assert " style=" not in owner.reply.text
        assert "<script>" not in owner.reply.text
        assert "onclick" not in owner.reply.text


def test_the_cookie(house: RunningGateway, owner: Browser) -> None:
    browser = Browser(house.url)
    browser.get("/login")
    url, fields = browser.form("/login")
    form = {**fields, "email": EMAIL, "password": PASSWORD}
    reply = browser.http.post(url, data=form, timeout=TIMEOUT, allow_redirects=False)
    cookie = reply.headers["Set-Cookie"]
    for part in ("HttpOnly", "SameSite=Lax", "Path=/", "audio_session="):
        assert part in cookie
    assert "Secure" not in cookie  # this is http
    token = cookie.split("audio_session=")[1].split(";")[0]
    assert len(token) == 43
    with house.app.extensions["audio"].database.read() as connection:
        kept = str(connection.execute(sign_ins.SIGN_INS.select()).all())
    assert token not in kept
    assert sign_ins.hash_token(token) in kept

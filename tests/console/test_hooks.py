from __future__ import annotations

import html

import pytest

from audio.stores import events, webhooks
from tests.conftest import RunningGateway
from tests.console.browser import TIMEOUT, Browser
from tests.console.test_streams import created


def hooks_of(house: RunningGateway, client_id: str) -> list[webhooks.Webhook]:
    with house.app.extensions["audio"].database.read() as connection:
        return webhooks.of_stream(connection, client_id)


def test_a_webhook_comes_and_goes(house: RunningGateway, owner: Browser) -> None:
    client_id, _ = created(owner, "hooked")
    owner.get(f"/streams/{client_id}")
    owner.send("/webhooks", url="https://192.0.2.9/hook?a=<b>")
    secret = html.unescape(owner.shown('id="hook-secret">([^<]+)'))
    (hook,) = hooks_of(house, client_id)
    assert (hook.url, hook.secrets) == ("https://192.0.2.9/hook?a=<b>", (secret,))
    assert secret not in html.unescape(owner.get(f"/streams/{client_id}").text)
    assert "?a=&lt;b&gt;" in owner.reply.text
    _press(owner, client_id, hook.id, "secret")
    assert len(hooks_of(house, client_id)[0].secrets) == 2
    _press(owner, client_id, hook.id, "on")
    _press(owner, client_id, hook.id, "remove")
    assert hooks_of(house, client_id) == []


def _press(browser: Browser, client_id: str, hook_id: str, action: str) -> int:
    browser.get(f"/streams/{client_id}")
    url, fields = browser.form("/webhooks")
    form = {"csrf_token": fields["csrf_token"], "hook": hook_id, "action": action}
    return browser.http.post(url, data=form, timeout=TIMEOUT).status_code


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nothing",
        "https://127.0.0.1/x",
        "http://localhost:1/",
        "https://[::1]/",
        "file:///etc/passwd",
        "ftp://x.example",
    ],
)
def test_addresses_that_are_not_taken(house: RunningGateway, owner: Browser, url: str) -> None:
    owner.get(f"/streams/{house.client_id}")
    assert owner.send("/webhooks", url=url).status_code == 400
    assert hooks_of(house, house.client_id) == []


def test_types_are_chosen(house: RunningGateway, owner: Browser) -> None:
    client_id, _ = created(owner, "choosy")
    owner.get(f"/streams/{client_id}")
    reply = owner.send("/webhooks", url="https://192.0.2.9/hook", types="voice_on, <b>")
    assert reply.status_code == 400 and "There is no type &lt;b&gt;." in reply.text
    assert 'value="voice_on, &lt;b&gt;"' in reply.text and 'value="https://192.0.2.9/hook"' in reply.text
    assert hooks_of(house, client_id) == []
    assert owner.send("/webhooks", url="https://192.0.2.9/hook", types="voice_on, voice_off,voice_on").ok
    assert hooks_of(house, client_id)[0].types == ("voice_on", "voice_off")
    assert "Of voice_on, voice_off alone." in owner.get(f"/streams/{client_id}").text


def test_anothers_hook_is_out_of_reach(house: RunningGateway, owner: Browser, guest: Browser) -> None:
    theirs, _ = created(owner, "theirs")
    owner.get(f"/streams/{theirs}")
    owner.send("/webhooks", url="https://192.0.2.9/hook")
    (hook,) = hooks_of(house, theirs)
    mine, _ = created(guest, "guests", "developer")
    for action in ("remove", "secret", "on", "nothing"):
        assert _press(guest, mine, hook.id, action) == 404
    assert hooks_of(house, theirs) == [hook]


def test_a_test_event(house: RunningGateway, owner: Browser) -> None:
    owner.get(f"/streams/{house.client_id}")
    assert owner.send("/test").url.endswith("said=test")
    with house.app.extensions["audio"].database.read() as connection:
        (newest,) = events.last(connection, house.client_id, 1)
    assert newest.type == "test"

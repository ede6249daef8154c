"""A person's way through the console in a real Chromium, and the rules of accessibility on every page."""

from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from audio import client
from audio.engine import prepare
from audio.services import registry
from audio.stores import events, outbox, streams
from audio.stores.events import Event
from tests.conftest import FIXTURES, RunningGateway, running_gateway
from tests.console.chromium import chromium, microphone
from tests.console.proxied import nginx
from tests.waiting import until

EMAIL, PASSWORD = "marie@example.org", "correct horse battery"
# In the dark, colours alone are others.
_RULES = {
    "light": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "dark": ["color-contrast", "link-in-text-block"],
}
_OPEN = ("/login", "/register")
WALK = FIXTURES / "moving_speaker.wav"


@pytest.fixture(scope="module", params=["direct", "behind nginx under /audio/"])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    folder = tmp_path_factory.mktemp("browser")
    if request.param == "direct":
        with running_gateway(folder / "data") as running:
            yield running
        return
    with running_gateway(folder / "data", proxies=1) as running, nginx(running.url, folder) as url:
        yield dataclasses.replace(running, url=url)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium(*microphone(WALK)) as running:
        yield running


@pytest.fixture(scope="module")
def page(browser: Any, house: RunningGateway) -> Iterator[Any]:
    """One tab for all tests of a house: they follow one another, as a person's steps do."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    tab = context.new_page()
    tab.set_default_timeout(20_000)
    troubles: list[str] = []
    tab.on("pageerror", lambda error: troubles.append(f"{tab.url}: {error}"))
    tab.on(
        "console", lambda said: troubles.append(f"{tab.url}: {said.text}") if "Content Security" in said.text else None
    )
    yield tab
    assert troubles == []


def test_from_the_code_to_the_sign_out(house: RunningGateway, page: Any) -> None:
    _register(house, page)
    client_id, access_token = _add_stream(house, page, "Store #2")
    _hear(house, client_id, access_token)
    _see_it(house, page, client_id)
    _use_up(house, page, client_id)
    _rotate(house, page, client_id)
    page.click("text=Sign out")
    assert page.url == f"{house.url}/login"
    page.goto(f"{house.url}/streams/{client_id}")
    assert "/login?next=" in page.url


def _register(house: RunningGateway, page: Any) -> None:
    page.goto(f"{house.url}/")
    assert page.url == f"{house.url}/register"
    page.fill("#code", prepare.setup_code(house.settings) or "")
    page.fill("#email", EMAIL)
    for field in ("#password", "#password_again"):
        page.fill(field, PASSWORD)
    page.click("text=Sign up")
    assert page.url == f"{house.url}/streams"


def _add_stream(house: RunningGateway, page: Any, name: str) -> tuple[str, str]:
    page.click("text=Add a stream")
    page.fill("#name", name)
    page.check("input[value=enterprise]")
    page.fill("#tz", "Europe/Paris")
    page.click("text=Create stream")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    copied = []
    for what in ("client_id", "access_token"):
        page.click(f"button[data-copy={what}]")
        until(lambda what=what: page.inner_text(f"button[data-copy={what}]"), lambda text: text == "Copied")
        copied.append(page.evaluate("navigator.clipboard.readText()"))
    assert copied == [page.inner_text("#client_id"), page.inner_text("#access_token")]
    return copied[0], copied[1]


def _hear(house: RunningGateway, client_id: str, access_token: str) -> None:
    """The recording of six sounds, through the SDK."""
    conf = client.Configuration()
    conf.default_root = house.url
    conf.set_credential(client_id, access_token)
    service = client.Root(conf=conf).services.get_service("sound_detection", 1)
    service.enable_session()
    service.process({"sound": FIXTURES / "sounds.wav"})


def _see_it(house: RunningGateway, page: Any, client_id: str) -> None:
    page.goto(f"{house.url}/dashboard/{client_id}")
    sounds = page.inner_text(".tile:has-text('Sounds') b")
    assert 5 <= int(sounds) <= 7
    assert page.inner_text(".log").count("SOUND ON".lower()) >= 1


def _use_up(house: RunningGateway, page: Any, client_id: str) -> None:
    engine = house.app.extensions["audio"]
    with engine.database.write_prepared() as connection:
        outbox.write_entries(
            connection, engine.runner.meter.count(connection, client_id, registry.get("sound_detection", 1), 43200)
        )
    page.goto(f"{house.url}/streams")
    assert "Store #2 has used up today's 12 h." in page.inner_text("main").replace("\u202f", " ")
    page.goto(f"{house.url}/streams/{client_id}")
    assert "what is sent is refused with 429 until then" in page.inner_text("main")
    page.goto(f"{house.url}/live?stream={client_id}")
    page.click("#go")
    until(lambda: page.inner_text("#note") if page.is_visible("#note") else "", lambda text: "is used up" in text)
    page.goto(f"{house.url}/accounts")
    page.select_option("form:has([aria-label='Plan of Store #2']) select", "unlimited")
    page.click("form:has([aria-label='Plan of Store #2']) button")


def _rotate(house: RunningGateway, page: Any, client_id: str) -> None:
    page.goto(f"{house.url}/streams/{client_id}")
    page.click("text=New password")
    assert "the one before it has ended" in page.inner_text("main")
    assert re.fullmatch(r"[0-9a-f-]{36}", page.inner_text("#access_token"))


def test_the_live_page_hears_a_walk_as_it_is(house: RunningGateway, page: Any) -> None:
    """A woman walks from the left to the right: her voice, and her direction, as the recording has them."""
    _sign_in(house, page)
    page.goto(f"{house.url}/live")
    page.wait_for_selector("#go:not([disabled])")
    page.click("#go")
    seen: list[str] = []

    def far() -> list[str]:
        text = page.inner_text("#bearing")
        if text not in ("–", *seen[-1:]):
            seen.append(text)
        return seen

    until(far, lambda found: _degrees(found) and max(_degrees(found)) > 30 and min(_degrees(found)) < -30, seconds=60)
    assert "dBFS" in page.inner_text("#level")
    said = page.inner_text("#events")
    assert "voice" in said
    assert "begins" in said
    assert page.is_hidden("#mono")
    page.click("#go")
    assert page.inner_text("#go") == "● Start"


def _degrees(texts: list[str]) -> list[float]:
    """Left positive."""
    found = []
    for text in texts:
        number = re.match(r"(\d+)° (left|right)", text)
        found.append(0.0 if number is None else float(number[1]) * (1 if number[2] == "left" else -1))
    return found


def test_what_happens_is_told_while_the_page_is_seen(house: RunningGateway, page: Any) -> None:
    """One connection; none while hidden; another one, behind the last event, after a refusal."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/api/1/events?" in request.url else None)
    _sign_in(house, page)
    client_id = _newest(house)
    page.route("**/api/1/events?*", lambda route: route.fulfill(status=503), times=1)
    page.goto(f"{house.url}/streams/{client_id}")
    until(lambda: (page.wait_for_timeout(100), len(asked))[1], lambda count: count == 2)
    assert all("live=1" in url and "after=" in url for url in asked)
    _happen(house, client_id, "test")
    page.wait_for_selector("#events li:has-text('a test event')")
    assert page.get_attribute(".log", "aria-live") == "polite"
    _hidden(page, True)
    _happen(house, client_id, "sound_on")
    page.wait_for_timeout(300)
    assert page.locator("#events li").count() == 1
    _hidden(page, False)
    page.wait_for_selector("#events li:has-text('begins')")
    assert page.locator("#events li").count() == 2
    assert len(asked) == 3
    page.goto(f"{house.url}/live?stream={client_id}")
    _happen(house, client_id, "voice_on")
    page.wait_for_selector("#events li:has-text('voice')")


def _sign_in(house: RunningGateway, page: Any) -> None:
    page.goto(f"{house.url}/login")
    if page.is_visible("#password"):
        page.fill("#email", EMAIL)
        page.fill("#password", PASSWORD)
        page.click("button.main")


def _happen(house: RunningGateway, client_id: str, kind: str) -> None:
    with house.app.extensions["audio"].database.write() as connection:
        events.add(connection, [Event(client_id, "dummy/1", kind, time.time(), {})])


def _hidden(page: Any, hidden: bool) -> None:
    page.evaluate(
        "hidden => { Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});"
        "document.dispatchEvent(new Event('visibilitychange')); }",
        hidden,
    )


def _newest(house: RunningGateway) -> str:
    with house.app.extensions["audio"].database.read() as connection:
        return streams.everything(connection)[-1].client_id


def test_no_page_is_wider_than_a_phone_and_every_target_is_large(house: RunningGateway, page: Any) -> None:
    for path in _paths(house):
        for width in (390, 1200):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(house.url + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
            small = page.evaluate(
                "[...document.querySelectorAll('button, .btn, select, input:not([type=hidden]):not([type=radio]):not(["
                "type=range]), summary')].filter(e => e.offsetParent && e.getBoundingClientRect().height < 44)"
                ".map(e => e.outerHTML.slice(0, 80))"
            )
            assert small == [], (path, width)


def test_no_violation_of_wcag(house: RunningGateway, page: Any) -> None:
    if house.settings.proxies:
        pytest.skip("the pages are the same behind a proxy")
    bundled = pytest.importorskip("axe_playwright_python", reason="axe-core, of the extra dev, is not installed")
    axe = (Path(bundled.__file__).parent / "axe.min.js").read_text("utf-8")
    found = []
    signed_in, strangers = page, page.context.browser.new_context().new_page()
    for scheme in ("light", "dark"):
        for tab in (signed_in, strangers):
            tab.emulate_media(color_scheme=scheme)
        for path in (*_paths(house), *_OPEN):
            # Who is signed in is led on from these: they are for others.
            page = strangers if path in _OPEN else signed_in
            page.goto(house.url + path)
            # By the protocol of the developer tools, which the page's Content-Security-Policy does not bind.
            page.evaluate(axe)
            result = page.evaluate(f"axe.run({{runOnly: {_RULES[scheme]}}})")
            for violation in result["violations"]:
                found.append((path, scheme, violation["id"], [node["html"][:120] for node in violation["nodes"]][:3]))
    signed_in.emulate_media(color_scheme="light")
    assert not found, "\n".join(map(str, found))


def _paths(house: RunningGateway) -> list[str]:
    newest = _newest(house)
    own = (f"/streams/{newest}", f"/dashboard/{newest}", f"/dashboard/{newest}?period=30d", "/streams/none")
    return ["/streams", "/subscribe", "/live", "/account", "/accounts", *own]

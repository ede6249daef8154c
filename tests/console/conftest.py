from __future__ import annotations

from collections.abc import Iterator

import pytest

from audio.engine import prepare
from tests.conftest import RunningGateway, running_gateway
from tests.console.browser import Browser

EMAIL, PASSWORD = "marie@example.org", "correct horse battery"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    """A gateway of this module's own, in which nobody has an account yet."""
    with running_gateway(
        tmp_path_factory.mktemp("console") / "data", registration="open", webhook_networks="192.0.2.0/24"
    ) as running:
        yield running


@pytest.fixture(scope="module")
def owner(house: RunningGateway) -> Browser:
    """Who made the first account, signed in; the stream of `house` is theirs."""
    browser = Browser(house.url)
    browser.get("/")
    code = prepare.setup_code(house.settings)
    assert code is not None
    browser.send("/register", code=code, email=EMAIL, password=PASSWORD, password_again=PASSWORD)
    assert browser.reply.url == f"{house.url}/streams"
    return browser


@pytest.fixture(scope="module")
def guest(house: RunningGateway, owner: Browser) -> Browser:
    """Somebody else with an account, no admin."""
    return member(house, "paul@example.org")


def member(house: RunningGateway, email: str) -> Browser:
    browser = Browser(house.url)
    browser.get("/register")
    browser.send("/register", email=email, password=PASSWORD, password_again=PASSWORD)
    assert browser.reply.url == f"{house.url}/streams", browser.reply.text
    return browser


@pytest.fixture(autouse=True)
def _attempts_begin_anew(request: pytest.FixtureRequest) -> Iterator[None]:
    """All tests come from one address."""
    from audio.stores.attempts import ATTEMPTS

    yield
    if "house" in request.fixturenames:
        running: RunningGateway = request.getfixturevalue("house")
        with running.app.extensions["audio"].database.write() as connection:
            connection.execute(ATTEMPTS.delete())

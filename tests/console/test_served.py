"""The console and plans on `audio serve` as it is run: several processes, one of which is killed."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from audio.engine.meter import Meter
from audio.services import registry
from audio.stores import outbox, usage
from audio.stores.database import Database
from tests.conftest import FIXTURES
from tests.console.browser import TIMEOUT, Browser
from tests.console.conftest import EMAIL, PASSWORD
from tests.console.test_streams import created
from tests.gateway.served import Served, serving
from tests.waiting import until

WORD = (FIXTURES / "word.wav").read_bytes()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served") / "data", workers=2) as running:
        running.shown()
        yield running


@pytest.fixture(scope="module")
def marie(served: Served) -> Browser:
    browser = Browser(served.url)
    browser.get("/")
    code = re.search(r"set-up code +(\S+)", served.said)
    assert code, served.said
    browser.send("/register", code=code[1], email=EMAIL, password=PASSWORD, password_again=PASSWORD)
    assert browser.reply.url == f"{served.url}/streams"
    return browser


@pytest.fixture
def database(served: Served) -> Iterator[Database]:
    opened = Database(f"sqlite:///{served.data_dir / 'audio.db'}")
    yield opened
    opened.close()


def post(served: Served, state: dict[str, Any] | None = None, **more: Any) -> requests.Response:
    meta = {"sound": "attachment://x", "async": False, **({"state": state} if state else {})}
    files = {"meta": (None, json.dumps(meta), "application/json"), "attachment://x": ("x.wav", WORD, "audio/wav")}
    return requests.post(f"{served.url}/services/voice_detection/1/jobs", files=files, timeout=TIMEOUT, **more)


def test_a_plan_that_is_used_up(served: Served, marie: Browser, database: Database) -> None:
    credentials = created(marie, "shop", "enterprise")
    with database.write_prepared() as connection:
        voice = registry.get("voice_detection", 1)
        assert voice is not None
        outbox.write_entries(connection, Meter(database).count(connection, credentials[0], voice, 43199.9))
    crossing = post(served, auth=credentials)
    assert crossing.status_code == 201, crossing.text
    assert crossing.headers["RateLimit"].startswith('"plan";r=0;t=')
    refused = post(served, auth=credentials)
    assert (refused.status_code, refused.json()["code"], refused.json()["limit"]) == (429, "plan_used_up", 43200)
    assert int(refused.headers["Retry-After"]) > 0


def test_the_token_of_the_live_page_opens_the_services(served: Served, marie: Browser) -> None:
    credentials = created(marie, "kiosk")
    url, fields = f"{served.url}/streams/{credentials[0]}/live", marie.form("/logout")[1]
    token = marie.http.post(url, data=fields, timeout=TIMEOUT).json()["token"]
    bearer = {"Authorization": f"Bearer {token}", "Sec-Fetch-Mode": "cors"}
    assert post(served, headers=bearer).status_code == 201
    assert post(served, {"session_id": "s", "offset": 0}, headers=bearer).status_code == 201
    marie.get(f"/streams/{credentials[0]}")
    marie.send("/token")
    ended = post(served, headers=bearer)
    assert ended.status_code == 401
    assert ended.headers["WWW-Authenticate"].startswith("Bearer")


def test_usage_is_exact_though_a_worker_is_killed(served: Served, marie: Browser, database: Database) -> None:
    """Chunks that are sent until they are answered: each counts once, whoever dies between."""
    credentials = created(marie, "robot", "enterprise")
    frames, count = 0, 40
    for i in range(count):
        if i in (10, 25):
            os.kill(served.workers()[0], signal.SIGKILL)
        state = {"session_id": "walk", "offset": frames}
        reply = until(lambda state=state: _tried(served, state, credentials), lambda r: r is not None)
        assert reply.status_code == 201, reply.text
        frames += _frames()
    with database.read() as connection:
        days = usage.by_day(connection, credentials[0], "UTC", 0, 1e10)
    counted = sum(day["voice_detection"] for day in days.values())
    assert counted == pytest.approx(frames / _rate(), abs=1e-6)


def _tried(served: Served, state: dict[str, Any], credentials: tuple[str, str]) -> requests.Response | None:
    try:
        reply = post(served, state, auth=credentials)
    except requests.ConnectionError:
        return None
    return None if reply.status_code == 503 else reply


def _frames() -> int:
    from audio import wav

    return wav.decode(WORD, field="sound").frames


def _rate() -> int:
    from audio import wav

    return wav.decode(WORD, field="sound").rate

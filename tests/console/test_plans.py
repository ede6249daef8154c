"""Plans over HTTP: what a device and its owner are told."""

from __future__ import annotations

import json
import threading
import time
from datetime import datetime
from typing import Any

import requests

from audio import client, wav
from audio.client.chunks import Chunk
from audio.client.delivery import Delivery
from audio.client.source import Notice
from audio.stores import outbox, usage
from tests.conftest import FIXTURES, RunningGateway
from tests.console.browser import TIMEOUT, Browser
from tests.console.test_streams import created

WORD = (FIXTURES / "word.wav").read_bytes()


def post(house: RunningGateway, credentials: tuple[str, str], **values: Any) -> requests.Response:
    files = {
        "meta": (None, json.dumps({"sound": "attachment://x", "async": False, **values}), "application/json"),
        "attachment://x": ("x.wav", WORD, "audio/wav"),
    }
    url = f"{house.url}/services/voice_detection/1/jobs"
    return requests.post(url, auth=credentials, files=files, timeout=TIMEOUT)


def use(house: RunningGateway, client_id: str, seconds: float) -> None:
    engine = house.app.extensions["audio"]
    with engine.database.write_prepared() as connection:
        from audio.services import registry

        outbox.write_entries(
            connection, engine.runner.meter.count(connection, client_id, registry.get("voice_detection", 1), seconds)
        )


def used(house: RunningGateway, client_id: str) -> float:
    with house.app.extensions["audio"].database.read() as connection:
        days = usage.by_day(connection, client_id, "", time.time() - 86400, time.time() + 86400)
    return sum(sum(day.values()) for day in days.values())


def test_used_up(house: RunningGateway, owner: Browser) -> None:
    credentials = created(owner, "Kitchen", "enterprise", "Europe/Paris")
    use(house, credentials[0], 43199.9)
    crossing = post(house, credentials)
    assert crossing.status_code == 201
    assert crossing.headers["RateLimit"].startswith('"plan";r=0;t=')
    refused = post(house, credentials)
    body = refused.json()
    assert (refused.status_code, body["code"], body["plan"], body["period"]) == (
        429,
        "plan_used_up",
        "enterprise",
        "day",
    )
    assert body["limit"] == 43200 < body["used"] < 43202
    wait = datetime.fromisoformat(body["resets_at"]).timestamp() - time.time()
    assert abs(int(refused.headers["Retry-After"]) - wait) < 3
    assert body["error"].startswith("The enterprise plan of this stream is used up: 12 hours a day. It goes on at ")
    # Refused before it is accepted; what does not count goes on.
    assert post(house, credentials, **{"async": True}).status_code == 429
    assert requests.get(f"{house.url}/services", auth=credentials, timeout=TIMEOUT).status_code == 200
    echo = requests.post(
        f"{house.url}/services/dummy/1/jobs", auth=credentials, json={"echo": "x", "async": False}, timeout=TIMEOUT
    )
    assert echo.status_code == 201
    assert "RateLimit" not in echo.headers
    page = owner.get(f"/streams/{credentials[0]}").text
    assert "The plan is used up" in page
    assert "blocked until 00:00" in page
    assert "has used up" in owner.get("/streams").text


def test_a_chunk_that_is_sent_again_or_refused_counts_nothing(house: RunningGateway, owner: Browser) -> None:
    credentials = created(owner, "Hall", "enterprise")
    state = {"session_id": "s", "offset": 0}
    assert post(house, credentials, state=state).status_code == 201
    once = used(house, credentials[0])
    assert once > 0
    assert post(house, credentials, state=state).status_code == 201
    assert post(house, credentials, sensitivity=7).status_code == 400
    assert post(house, credentials, state={"session_id": "s", "offset": 1}).status_code == 409
    assert used(house, credentials[0]) == once


def test_a_microphone_waits_and_says_so_once(house: RunningGateway, owner: Browser) -> None:
    credentials = created(owner, "Porch", "enterprise")
    use(house, credentials[0], 43200)
    said: list[Notice] = []
    waits: list[float] = []

    class Waited(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout or 0.0)
            if len(waits) == 2:
                self.set()
            return self.is_set()

    conf = client.Configuration()
    conf.default_root, conf.retries = house.url, 0
    conf.set_credential(*credentials)
    root = client.Root(conf=conf)
    delivery = Delivery(root, "voice_detection", 1, {}, Waited(), lambda: 10.0, said.append)
    assert delivery.send(_chunk()) is None
    assert len(said) == 1
    assert said[0].about == "plan"
    assert "12 hours a day" in said[0].text
    assert len(waits) == 2
    assert min(waits) > 1 or datetime.now().hour == 23


def _chunk() -> Chunk:
    return Chunk(0, 0, wav.decode(WORD, field="sound"), 0, None)

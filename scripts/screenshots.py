"""The pictures of docs/console.md: the real pages in a real Chromium, with a month of a busy shop that is made up.

    python -m scripts.screenshots [FOLDER]

It needs the extra dev and a Chromium. The live page hears fixtures/moving_speaker.wav.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from audio.audience.visit import Row
from audio.engine import prepare
from audio.stores import events, presence, sums, usage, visits
from audio.stores.events import Event
from audio.stores.sums import Sum
from tests.conftest import FIXTURES, RunningGateway, running_gateway
from tests.console.chromium import chromium, microphone
from tests.waiting import until

IMAGES = Path(__file__).parents[1] / "docs" / "images"
PASSWORD = "correct horse battery"


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as data,
        running_gateway(Path(data) / "data") as house,
        chromium(*microphone(FIXTURES / "moving_speaker.wav")) as browser,
    ):
        page = browser.new_context(viewport={"width": 1200, "height": 800}).new_page()
        store, kitchen = _set_up(house, page)
        _fill(house, store, days=40)
        _fill(house, kitchen, days=2)
        for name, path in (
            ("streams", "/streams"),
            ("stream", f"/streams/{store}"),
            ("dashboard", f"/dashboard/{store}"),
        ):
            page.goto(house.url + path)
            page.screenshot(path=folder / f"console_{name}.png", full_page=True)
        page.emulate_media(color_scheme="dark")
        page.goto(f"{house.url}/live?stream={store}")
        page.click("#go:not([disabled])")
        until(lambda: page.inner_text("#events"), lambda text: text.count("direction") >= 6)
        page.screenshot(path=folder / "console_live.png", full_page=True)


def _set_up(house: RunningGateway, page: Any) -> list[str]:
    """An account with two streams; their ids."""
    page.goto(f"{house.url}/register")
    typed = {"code": prepare.setup_code(house.settings), "email": "marie@example.org"}
    for name, text in {**typed, "password": PASSWORD, "password_again": PASSWORD}.items():
        page.fill(f"#{name}", text or "")
    page.click("text=Sign up")
    found = []
    for name, plan in (("Store #2 entrance", "enterprise"), ("Kitchen", "developer")):
        page.goto(f"{house.url}/subscribe")
        page.fill("#name", name)
        page.check(f"input[value={plan}]")
        page.fill("#tz", "Europe/Paris")
        page.click("text=Create stream")
        found.append(page.inner_text("#client_id"))
    return found


def _fill(house: RunningGateway, client_id: str, days: int) -> None:
    """Days that are busiest at noon, with most sounds from 30 degrees left and some from the right."""
    rng, now = np.random.default_rng(1), time.time()
    with house.app.extensions["audio"].database.write_prepared() as connection:
        for quarter in range(int((now - days * 86400) // sums.QUARTER), int(now // sums.QUARTER) + 1):
            busy = float(np.exp(-((((quarter / 4) % 24 - 12.5) / 3.6) ** 2)))
            if busy < 0.02:
                continue
            heard, count = 900 * min(1.0, busy), int(rng.poisson(10 * busy))
            middle = 58 + int(25 * busy)
            levels = {middle + k: int(100 * np.exp(-((k / 7) ** 2))) for k in range(-14, 18)}
            yaws = np.concatenate([rng.normal(33, 14, count), rng.normal(-15, 12, count // 2)]).clip(-89, 89)
            directions = dict(Counter(((yaws + 90) // 10).astype(int).tolist()))
            sums.add(connection, client_id, "sound_detection/1", Sum(quarter, heard, 0, count, levels))
            voice = heard * 0.4 * float(rng.random())
            sums.add(connection, client_id, "voice_detection/2", Sum(quarter, heard, voice, 0, levels))
            sums.add(connection, client_id, "sound_localization/1", Sum(quarter, heard, 0, 0, levels, directions))
            usage.add(connection, client_id, "sound_detection", heard * 0.7, quarter * 900.0 + 10)
            for number in range(int(rng.poisson(5 * busy))):
                visits.put(connection, client_id, f"{client_id[:8]}-{quarter}-{number}", _visitor(rng, quarter * 900.0))
        told = (("sound_on", {"level": -28.4}), ("voice_on", {}), ("voice_off", {"duration": 2.6}))
        events.add(
            connection,
            [Event(client_id, "", name, now - 20 + 5 * i, dict(data)) for i, (name, data) in enumerate(told)],
        )
        presence.seen(connection, client_id, now, -31.2)
        usage.add(connection, client_id, "voice_detection", 1.0, now)


def _visitor(rng: np.random.Generator, begin: float) -> Row:
    first = begin + float(rng.uniform(0, 900))
    stays = rng.random() < 0.35
    look = 3.5 * (1 + float(rng.random())) if stays else 0.2
    gender = str(rng.choice(["female", "male"])) if rng.random() < 0.95 else None
    age = float(rng.choice([25, 40, 62]))
    return Row(
        first,
        first + 20,
        12,
        5.0 if stays else 1.0,
        8 + 4 * float(rng.random()),
        look,
        age,
        gender,
        float(rng.random()),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES)

from __future__ import annotations

import csv
import io
import re
import time
from datetime import datetime, timezone

import pytest

from audio.audience.visit import Row
from audio.console import charts, metrics
from audio.stores import events, presence, sums, usage, visits
from audio.stores.events import Event
from audio.stores.sums import Sum
from tests.conftest import RunningGateway
from tests.console.browser import Browser
from tests.console.test_streams import created

EVIL = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def shop(house: RunningGateway, owner: Browser) -> str:
    """A stream with something in each of the last 30 days."""
    client_id, _ = created(owner, "Shop", tz="Europe/Paris")
    now = time.time()
    levels, directions = {60: 1, 80: 2}, {12: 3}
    with house.app.extensions["audio"].database.write_prepared() as connection:
        for day in range(30):
            quarter = int((now - day * 86400) // 900)
            sums.add(connection, client_id, "sound_detection/1", Sum(quarter, 900, 0, 7, levels, directions))
            sums.add(connection, client_id, "voice_detection/2", Sum(quarter, 900, 120, 0, levels))
            visits.put(connection, client_id, f"v{day}", Row(now - day * 86400, now, 9, 5, 5, 2, 70, "female", 0.5))
        presence.seen(connection, client_id, now, -31.4)
        data = {"session_id": EVIL, "duration": 2.62}
        events.add(connection, [Event(client_id, "voice_detection/2", "voice_off", now, data)])
    return client_id


def tile(page: str, title: str) -> str:
    found = re.search(rf"<small>{title}</small><b>([^<]*)</b>", page)
    assert found, page
    return found[1]


def test_a_day(owner: Browser, shop: str) -> None:
    page = owner.get(f"/dashboard/{shop}").text
    assert tile(page, "Sounds") == "7"
    assert tile(page, "Voice") == "2 min"
    assert tile(page, "Usual direction") == "35° left"
    assert tile(page, "Level now") == "\u221231 dBFS"
    assert tile(page, "People interested") == "1"
    assert "Europe/Paris" in page
    assert "after 2.6 s" in page
    assert EVIL not in page
    assert page.count('role="img"') >= 6


def test_a_month(owner: Browser, shop: str) -> None:
    page = owner.get(f"/dashboard/{shop}?period=30d").text
    assert tile(page, "Sounds") == str(7 * 30)
    assert tile(page, "Voice") == "1 h"
    assert tile(page, "People passing by") == "30"
    by_hour = owner.get(f"/dashboard/{shop}?period=30d&time=by_hour").text
    assert tile(by_hour, "Sounds") == str(7 * 30)
    assert len(by_hour) < 300_000


def parts(page: str) -> list[str]:
    return re.findall(r'<h2 class="part">([^<]*)</h2>', page)


def test_people_come_first_where_nothing_listens(house: RunningGateway, owner: Browser, shop: str) -> None:
    heard, seen, last = usual = ["What the room heard", "Who was there", "Latest events"]
    client_id, _ = created(owner, "Camera")
    assert parts(owner.get(f"/dashboard/{client_id}").text) == parts(owner.get(f"/dashboard/{shop}").text) == usual
    now = time.time()
    with house.app.extensions["audio"].database.write_prepared() as connection:
        visits.put(connection, client_id, "alone", Row(now - 60, now, 9, 5, 5, 2, 70, "female", 0.5))
    page = owner.get(f"/dashboard/{client_id}").text
    assert parts(page) == [seen, heard, last]
    assert tile(page, "People passing by") == "1"
    assert len(re.findall("data-part=", page)) == 6
    with house.app.extensions["audio"].database.write_prepared() as connection:  # a microphone, and silence
        sums.add(connection, client_id, "sound_detection/1", Sum(int(now // 900), 1, 0, 0))
    assert parts(owner.get(f"/dashboard/{client_id}").text) == usual


def test_people_come_first_where_nothing_but_pictures_came(house: RunningGateway, owner: Browser) -> None:
    heard, seen, last = usual = ["What the room heard", "Who was there", "Latest events"]
    client_id, _ = created(owner, "Camera and nobody")
    for service, order in (
        ("scene_analysis", [seen, heard, last]),
        ("motion_detection", [seen, heard, last]),
        ("sound_detection", usual),
    ):
        with house.app.extensions["audio"].database.write_prepared() as connection:
            usage.add(connection, client_id, service, 1.0, time.time() - 40 * 86400)
        page = owner.get(f"/dashboard/{client_id}").text
        assert parts(page) == order
        assert "Nobody was counted in this time" in page


def test_the_same_as_csv(owner: Browser, shop: str) -> None:
    owner.get(f"/dashboard/{shop}?period=7d")
    path = owner.shown(r'href="([^"]+\.csv[^"]*)"').replace("&amp;", "&")
    reply = owner.get(path)
    assert reply.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(reply.text)))
    assert len(rows) == 7
    assert sum(int(row["sounds"]) for row in rows) == 49
    assert sum(int(row["direction_30"]) for row in rows) == 21
    assert rows[-1]["level_median_dbfs"] == "-40.0"


def test_the_same_by_api(owner: Browser, shop: str) -> None:
    owner.get(f"/dashboard/{shop}?period=7d")
    url = owner.shown(r'href="([^"]*/api/1/entities[^"]*)"').replace("&amp;", "&")
    body = owner.get(url).json()
    assert sum(day["sounds"]["value"] for day in body["entities"].values()) == 49
    assert len(body["entities"]) == 7


def test_an_empty_one_says_what_to_do(house: RunningGateway, owner: Browser) -> None:
    page = owner.get(f"/dashboard/{house.client_id}").text
    assert "No event yet" in page
    assert "Nobody was counted" in page
    assert tile(page, "Level now") == "–"


@pytest.mark.parametrize("query", ["?period=9y", "?time=x", "?period=&time=", "?period=30d&time=by_week"])
def test_what_is_asked_wrongly_is_what_is_usual(owner: Browser, shop: str, query: str) -> None:
    assert owner.get(f"/dashboard/{shop}{query}").status_code == 200


def test_it_is_its_owners_alone(house: RunningGateway, owner: Browser, guest: Browser, shop: str) -> None:
    for path in (f"/dashboard/{shop}", f"/dashboard/{shop}.csv"):
        assert guest.get(path).status_code == 404
    assert "Nothing to show yet" in guest.get("/dashboard").text


def test_the_choice_leads_to_the_stream(owner: Browser, shop: str) -> None:
    owner.get(f"/dashboard/of?stream={shop}&period=7d&time=by_hour")
    assert owner.reply.url.endswith(f"/dashboard/{shop}?period=7d&time=by_hour")
    assert owner.get("/dashboard/of?stream=../../logout").status_code in (404, 405)


def test_a_month_of_a_busy_stream_is_quick(house: RunningGateway, owner: Browser) -> None:
    """In CPU, as clocks say nothing on a busy machine: 300 ms are asked for, and this takes a fraction of it."""
    client_id, _ = created(owner, "Busy")
    levels, now = dict.fromkeys(range(sums.LEVELS), 1), time.time()
    with house.app.extensions["audio"].database.write_prepared() as connection:
        for quarter in range(int(now // 900) - 30 * 96, int(now // 900) + 1):
            for service in ("sound_detection/1", "voice_detection/2", "sound_localization/1"):
                sums.add(connection, client_id, service, Sum(quarter, 900, 100, 9, levels))
    spent = []
    for _ in range(3):
        begin = time.process_time()
        owner.get(f"/dashboard/{client_id}?period=30d")
        spent.append(time.process_time() - begin)
    assert min(spent) < 0.3


def test_a_day_of_25_hours(house: RunningGateway, owner: Browser) -> None:
    """Sums of the hour that comes twice go to two buckets, and none is lost."""
    client_id, _ = created(owner, "Autumn", tz="Europe/Paris")
    begin = datetime(2026, 10, 24, 22, tzinfo=timezone.utc).timestamp()
    with house.app.extensions["audio"].database.write_prepared() as connection:
        for hour in range(25):
            sums.add(connection, client_id, "sound_detection/1", Sum(int(begin // 900) + 4 * hour, 1, 0, 1))
    from audio.console.dates import BY_HOUR, Span
    from audio.stores import zones

    span = Span(begin, begin + 25 * 3600, BY_HOUR, zones.of("Europe/Paris"))
    starts = span.starts(0, span.count)
    with house.app.extensions["audio"].database.read() as connection:
        assert list(metrics.heard(connection, client_id, span.bounds(starts)).sounds) == [1] * 25
    assert [f"{at:%H}" for at in starts][:5] == ["00", "01", "02", "02", "03"]


@pytest.mark.parametrize(("most", "top"), [(0, 1), (0.3, 0.4), (1, 1), (3, 4), (7, 8), (48, 50), (99, 100), (101, 200)])
def test_axes_are_round(most: float, top: float) -> None:
    assert charts.nice(most) == pytest.approx(top)


def test_charts_of_nothing() -> None:
    assert "<rect" not in str(charts.bars([], "none"))
    assert '<path class="fa' not in str(charts.band([None, None], ["", ""], "none"))
    assert "fd" not in str(charts.fan([0.0] * 18, "none"))
    assert 'width="0.00"' in str(charts.meter(0.0, "none"))
    assert "&lt;b&gt;" in str(charts.shares([("<b>", 1, "a")], "<b>"))

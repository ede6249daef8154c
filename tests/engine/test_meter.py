from __future__ import annotations

import threading
from datetime import datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from audio.engine.meter import Meter, PlanUsedUp
from audio.pcm import Pcm
from audio.services import registry
from audio.stores import events, outbox, plans, streams, usage
from audio.stores.database import Database
from audio.stores.plans import PLANS

NOON = datetime(2026, 11, 28, 12, tzinfo=ZoneInfo("Europe/Paris")).timestamp()
SOUND = registry.get("sound_detection", 1)
VOICE = registry.get("voice_detection", 1)
DUMMY = registry.get("dummy", 1)
assert SOUND and VOICE and DUMMY


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


class House:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = Clock()
        self.meter = Meter(database, self.clock)

    def stream(self, plan: str, tz: str = "Europe/Paris", account: str | None = None) -> str:
        with self.database.write() as connection:
            return streams.create(connection, plan, account_id=account, plan=plan, tz=tz).client_id

    def hear(self, client_id: str, seconds: float, service: Any = SOUND, meter: Meter | None = None) -> None:
        with self.database.write_prepared() as connection:
            outbox.write_entries(connection, (meter or self.meter).count(connection, client_id, service, seconds))

    def told(self, client_id: str) -> list[str]:
        with self.database.read() as connection:
            return [event.type for event in events.read(connection, [client_id])]

    def days(self, client_id: str, tz: str) -> dict[str, dict[str, float]]:
        with self.database.read() as connection:
            return usage.by_day(connection, client_id, tz, NOON - 40 * 86400, NOON + 40 * 86400)


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


def test_the_job_that_crosses_the_limit_is_answered_and_none_after_it(house: House) -> None:
    client_id = house.stream("enterprise")
    for _ in range(12):
        house.meter.check(client_id, SOUND)
        house.hear(client_id, 3600.5)
    with pytest.raises(PlanUsedUp) as caught:
        house.meter.check(client_id, SOUND)
    assert caught.value.fields == {
        "plan": "enterprise",
        "period": "day",
        "used": 43206.0,
        "limit": 43200,
        "resets_at": "2026-11-29T00:00:00+01:00",
    }
    with pytest.raises(PlanUsedUp):
        house.hear(client_id, 1)
    house.meter.check(client_id, DUMMY)
    house.clock.now += 12 * 3600
    house.meter.check(client_id, SOUND)
    house.hear(client_id, 1)
    assert house.days(client_id, "Europe/Paris") == {
        "2026-11-28": {"sound_detection": 43206.0},
        "2026-11-29": {"sound_detection": 1.0},
    }


def test_three_services_on_one_microphone_are_one_stream(house: House) -> None:
    client_id = house.stream("enterprise")
    for _ in range(11):
        house.hear(client_id, 3600, SOUND)
        house.hear(client_id, 3600, VOICE)
    house.meter.check(client_id, SOUND)
    house.hear(client_id, 3600, SOUND)
    # Which service it was that had the most does not matter to the others.
    with pytest.raises(PlanUsedUp):
        house.meter.check(client_id, VOICE)


def test_it_is_told_once_that_a_plan_is_nearly_and_that_it_is_used_up(house: House) -> None:
    client_id = house.stream("developer")
    for _ in range(11):
        house.hear(client_id, 1000)
    assert house.told(client_id) == ["plan_warning", "plan_used_up"]
    assert house.meter.header(client_id, SOUND).startswith('"plan";r=0;t=')


def test_what_is_left_is_in_the_header(house: House) -> None:
    client_id = house.stream("developer")
    house.hear(client_id, 100.5)
    assert house.meter.header(client_id, SOUND) == f'"plan";r=10699;t={2 * 86400 + 12 * 3600}'
    assert house.meter.header(client_id, DUMMY) == ""
    free = house.stream("unlimited")
    house.hear(free, 100000)
    house.meter.check(free, SOUND)
    assert house.meter.header(free, SOUND) == ""


def test_many_at_once_over_several_processes_pass_the_limit_by_one_job_at_most(house: House) -> None:
    client_id = house.stream("developer")
    house.hear(client_id, 10790)
    counted: list[float] = []

    def device() -> None:
        meter = Meter(house.database, house.clock)
        for _ in range(20):
            try:
                house.hear(client_id, 1.0, meter=meter)
            except PlanUsedUp:
                continue
            counted.append(1.0)

    threads = [threading.Thread(target=device) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(counted) == 10


def test_a_change_of_zone_gives_no_day_anew(house: House) -> None:
    client_id = house.stream("enterprise")
    house.hear(client_id, 43200)
    with house.database.write() as connection:
        streams.update(connection, client_id, tz="Pacific/Kiritimati")  # where it is the next day already
    house.clock.now += 2
    with pytest.raises(PlanUsedUp):
        house.meter.check(client_id, SOUND)


def test_a_stream_that_is_made_anew_has_no_plan_anew(house: House) -> None:
    from audio.engine import erase

    first = house.stream("developer", account="marie")
    house.hear(first, 10800)
    with house.database.write() as connection:
        stream = streams.get(connection, first)
        assert stream is not None
        erase.delete(connection, stream)
    second = house.stream("developer", account="marie")
    with house.database.write() as connection:
        usage.hand_over(connection, "marie", second)
    with pytest.raises(PlanUsedUp):
        house.meter.check(second, SOUND)
    # Also where both have used something in the same quarter of an hour.
    third = house.stream("developer", account="marie")
    house.hear(third, 60)
    with house.database.write() as connection:
        usage.hand_over(connection, second, third)
    assert house.days(third, "Europe/Paris") == {"2026-11-28": {"sound_detection": 10860.0}}
    assert house.days(second, "Europe/Paris") == {}


@pytest.mark.parametrize(
    ("tz", "now", "plan", "hours"),
    [
        ("Europe/Paris", "2026-03-29T10:00:00+00:00", "enterprise", 23),
        ("Europe/Paris", "2026-10-25T10:00:00+00:00", "enterprise", 25),
        ("Europe/Paris", "2026-03-10T10:00:00+00:00", "developer", 31 * 24 - 1),
        ("America/Sao_Paulo", "2017-10-15T12:00:00+00:00", "enterprise", 23),  # its midnight is jumped over
        ("Australia/Lord_Howe", "2026-04-05T10:00:00+00:00", "enterprise", 24.5),
        ("UTC", "2026-12-31T23:59:59+00:00", "developer", 31 * 24),
    ],
)
def test_days_and_months_are_those_of_the_zone(tz: str, now: str, plan: str, hours: float) -> None:
    at = datetime.fromisoformat(now).timestamp()
    period = plans.period(PLANS[plan], tz, at)
    assert period.since <= at < period.until
    assert period.until - period.since == hours * 3600
    again = datetime.fromisoformat(period.resets_at)
    assert again.astimezone(timezone.utc).timestamp() == period.until
    assert (again.hour, again.minute) == (0, 0)


def test_seconds_are_those_of_the_sound() -> None:
    from audio.engine.meter import seconds_of

    class Inputs:
        sound = Pcm(np.zeros((8000, 1), np.int16), 16000)

    assert seconds_of(SOUND, Inputs()) == 0.5
    assert seconds_of(DUMMY, Inputs()) == 0.0


def test_a_picture_is_the_time_since_the_one_before() -> None:
    from audio.engine.meter import seconds_of

    faces = next((s for s in registry.services().values() if s.files and s.timed is None and "image" in s.files), None)
    if faces is None:
        pytest.skip("no service of pictures is offered here: the extra vision is not installed")
    assert [seconds_of(faces, None, since, 100.0) for since in (None, 99.75, 90.0, 101.0)] == [1.0, 0.25, 1.0, 0.0]

from __future__ import annotations

import math
import time
from pathlib import Path

import pytest

from audio.audience.visit import Row
from audio.engine import retention
from audio.stores import account_log, events, streams, usage, visits, webhooks
from audio.stores.database import Database
from audio.stores.events import Event
from audio.stores.webhooks import Try

DAY = 86400


def test_everything_is_kept_for_its_own_time(database: Database) -> None:
    now = time.time()
    with database.write() as connection:
        short, long = (streams.create(connection, name).client_id for name in ("short", "long"))
        streams.update(connection, short, keep_days=1)
        for client_id in (short, long):
            events.add(connection, [Event(client_id, "", "test", now - age * DAY, {}) for age in (0.5, 2, 100)])
        account_log.add(connection, None, "marie", "", "signed in")
        hook = webhooks.add(connection, short, "https://example.org", (), "secret")
        for event_id, age in ((1, 8), (2, 6)):
            webhooks.note(connection, hook, Try(event_id, now - age * DAY, 200, 0.1, ""))
        connection.execute(account_log.LOG.insert().values(at=now - 400 * DAY, who="m", address="", what="old"))
    with database.write_prepared() as prepared:
        for age in (1, 800):
            usage.add(prepared, short, "sound_detection", 1.0, now - age * DAY)
            visits.put(prepared, short, str(age), Row(now - age * DAY, now, 5, 5, 5, 5))
        visits.put(prepared, long, "older", Row(now - 500 * DAY, now, 5, 5, 5, 5))
    with database.write() as connection:
        retention.forget(connection, 600 * DAY)
    with database.read() as connection:
        assert [len(events.read(connection, [client_id])) for client_id in (short, long)] == [1, 2]
        assert [entry.what for entry in account_log.newest(connection)] == ["signed in"]
        assert [tried.event_id for tried in webhooks.tries(connection, hook.id)] == [2]
        assert len(usage.by_day(connection, short, "UTC", 0, now)) == 1
        assert [len(list(visits.read(connection, one, 0, now))) for one in (short, long)] == [1, 1]
    with database.write() as connection:
        retention.forget(connection, 400 * DAY)
        retention.forget(connection, math.inf)
        assert [len(list(visits.read(connection, one, 0, now))) for one in (short, long)] == [1, 0]


def test_a_disk_that_is_nearly_full_loses_the_oldest_events(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.write() as connection:
        client_id = streams.create(connection, "one").client_id
        events.add(connection, [Event(client_id, "", "test", time.time() - 9, {}) for _ in range(5)])
    monkeypatch.setattr(retention, "_AT_ONCE", 2)
    monkeypatch.setattr(retention, "LEAST_FREE", 0)
    assert not retention.is_short(tmp_path)
    assert retention.make_room(database, tmp_path) == 0
    monkeypatch.setattr(retention, "LEAST_FREE", 2**62)
    assert retention.is_short(tmp_path)
    assert retention.make_room(database, tmp_path) == 2
    with database.read() as connection:
        assert [event.id for event in events.read(connection, [client_id])] == [3, 4, 5]
    monkeypatch.setattr(database, "reusable", lambda: 2**62)
    assert retention.make_room(database, tmp_path) == 0, "the database has room within itself"


def test_what_deleted_rows_leave_can_be_used_again(database: Database) -> None:
    before = database.reusable()
    with database.write() as connection:
        client_id = streams.create(connection, "one").client_id
        events.add(connection, [Event(client_id, "", "test", time.time(), {"x": "x" * 2000}) for _ in range(200)])
    with database.write() as connection:
        events.erase(connection, client_id)
    assert database.reusable() - before > 200_000

from __future__ import annotations

import time
from pathlib import Path

from audio.audience.visit import Row
from audio.engine import keeping
from audio.engine.config import Settings
from audio.engine.prepare import prepare
from audio.stores import account_log, events, streams, usage, visits
from audio.stores.database import Database
from audio.stores.events import Event

DAY = 86400


def test_everything_is_kept_for_its_own_time(tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path))
    prepare(settings)
    database = Database(settings.database_url)
    now = time.time()
    with database.write() as connection:
        short, long = (streams.create(connection, name).client_id for name in ("short", "long"))
        streams.update(connection, short, keep_days=1)
        for client_id in (short, long):
            events.add(connection, [Event(client_id, "", "test", now - age * DAY, {}) for age in (0.5, 2, 100)])
        account_log.add(connection, None, "marie", "", "signed in")
        connection.execute(account_log.LOG.insert().values(at=now - 400 * DAY, who="m", address="", what="old"))
    with database.write_prepared() as prepared:
        for age in (1, 800):
            usage.add(prepared, short, "sound_detection", 1.0, now - age * DAY)
            visits.put(prepared, short, str(age), Row(now - age * DAY, now, 5, 5, 5, 5))
    with database.write() as connection:
        keeping.forget(connection)
    with database.read() as connection:
        assert [len(events.read(connection, [client_id])) for client_id in (short, long)] == [1, 2]
        assert [entry.what for entry in account_log.newest(connection)] == ["signed in"]
        assert len(usage.by_day(connection, short, "UTC", 0, now)) == 1
        assert len(list(visits.read(connection, short, 0, now))) == 1
    database.close()

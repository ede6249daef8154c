"""What expired is given back to the file system."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path
from typing import Any

from audio.engine.config import Settings
from audio.engine.prepare import prepare
from audio.stores import jobs
from audio.stores.database import Database

RESULT = '{"echo": "' + "x" * 100_000 + '"}'


def taken(folder: Path) -> int:
    return sum(path.stat().st_blocks * 512 for path in folder.glob("audio.db*"))


def row(job_id: str, result: str) -> dict[str, Any]:
    about = {"client_id": "c", "service": "dummy", "version": 1}
    return {"id": job_id, **about, "result": result, "ended_at": time.time()}


def test_what_expired_is_given_back(tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path))
    prepare(settings)
    with closing(Database(settings.database_url)) as database:
        for i in range(400):
            with database.write_prepared() as connection:
                jobs.add_all_ended(connection, [row(str(i), RESULT)])
        database.empty_log()
        full = taken(tmp_path)
        assert full > 40_000_000
        with database.write() as writer:
            assert jobs.forget_ended(writer, -1) == 400
        for _ in range(3):
            database.give_back()
            database.empty_log()
            with database.write_prepared() as connection:  # the log begins anew, and is cut
                jobs.add_all_ended(connection, [row(str(time.time()), "{}")])
        assert taken(tmp_path) < 0.5 * full
        assert (tmp_path / "audio.db").stat().st_size < 0.1 * full

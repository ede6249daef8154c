from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from audio.engine.config import Settings
from audio.engine.prepare import prepare
from audio.errors import AudioError


def test_a_database_of_a_later_version_is_called_so(tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path))
    prepare(settings)
    with closing(sqlite3.connect(tmp_path / "audio.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
    with pytest.raises(AudioError, match="by a later version of this program: install that version again, or restore"):
        prepare(settings)

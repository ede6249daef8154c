from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from audio.engine.config import Settings
from audio.engine.prepare import prepare, warn
from audio.errors import AudioError


def test_a_database_of_a_later_version_is_called_so(tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path))
    prepare(settings)
    with closing(sqlite3.connect(tmp_path / "audio.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
    with pytest.raises(AudioError, match="by a later version of this program: install that version again, or restore"):
        prepare(settings)


@pytest.mark.parametrize(("database", "is_said"), [("", True), ("postgresql://db.lan/audio", False)])
def test_shared_sessions_with_a_database_of_its_own_are_said(
    database: str, is_said: bool, caplog: pytest.LogCaptureFixture
) -> None:
    warn(Settings(sessions="redis://:s3cret@cache.lan", database=database))
    assert ("let no other gateway use the same Redis" in caplog.text) == is_said
    assert "s3cret" not in caplog.text


def test_a_server_of_sessions_that_does_not_answer_is_said(tmp_path: Path) -> None:
    nobody = f"unix://{tmp_path / 'redis.sock'}?password=s3cret"
    with pytest.raises(AudioError, match=r"AUDIO_SESSIONS cannot be used: .*redis\.sock") as caught:
        prepare(Settings(data_dir=str(tmp_path), sessions=nobody))
    assert "s3cret" not in caught.value.message

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from audio.engine.config import Settings
from audio.engine.prepare import prepare
from audio.stores.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    settings = Settings(data_dir=str(tmp_path / "data"))
    prepare(settings)
    opened = Database(settings.database_url)
    yield opened
    opened.close()

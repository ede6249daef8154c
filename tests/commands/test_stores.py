"""What `audio doctor` says of the stores of several machines."""

from __future__ import annotations

from pathlib import Path

from audio.commands import _stores
from audio.engine.config import Settings
from tests.servers import Postgres, Redis


def test_they_answer(postgres: Postgres, redis: Redis, bucket: str, tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path), database=postgres.fresh(), sessions=redis.url, blobs=bucket)
    assert list(_stores.failures(settings)) == []
    assert [part.split(" ")[0] for part in _stores.named(settings).split(", ")] == ["database", "sessions", "blobs"]
    assert _stores.named(Settings(data_dir=".")) == ""


def test_each_that_does_not_is_told_and_no_password(bucket: str) -> None:
    away = "127.0.0.1:1"
    blobs = bucket.replace("s3://audio", "s3://nobody")
    settings = Settings(
        data_dir=".", database=f"postgresql://a:secret@{away}/x", sessions=f"redis://:secret@{away}", blobs=blobs
    )
    said = list(_stores.failures(settings))
    assert [one.split(":")[0] for one in said] == ["database", "sessions", "blobs"]
    assert "secret" not in " ".join([*said, _stores.named(settings)])

"""The stores of one data directory, as the settings have them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from audio.engine.config import Settings
from audio.stores.blobs import BlobFiles, Files
from audio.stores.database import Database
from audio.stores.lmdb_store import LmdbStore
from audio.stores.outbox import Outbox

SESSIONS = "sessions"  # folder of the data directory


def outbox(settings: Settings) -> Outbox:
    """The sessions, and the way of what they make into the database. Close its store; open it after a fork."""
    if settings.sessions:
        from audio.stores.redis_store import RedisStore

        return Outbox(RedisStore(settings.sessions, settings.session_seconds))
    return Outbox(LmdbStore.open(Path(settings.data_dir) / SESSIONS))


def ask_sessions(settings: Settings) -> None:
    """Raises what is wrong with the store of sessions, where it does not answer."""
    store = outbox(settings).store
    try:
        store.waits()
    finally:
        store.close()


def blobs(settings: Settings) -> Files:
    """The bytes of blobs."""
    if settings.blobs:
        from audio.stores.s3 import Bucket

        return Bucket(settings.blobs)
    return BlobFiles(Path(settings.data_dir) / "blobs")


@contextmanager
def database(settings: Settings) -> Iterator[tuple[Database, Outbox]]:
    """The database with all that was made before, for a command, while the gateway runs or not."""
    way = outbox(settings)
    opened = Database(settings.database_url, way)
    try:
        yield opened, way
    finally:
        opened.close()
        way.store.close()

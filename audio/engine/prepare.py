"""Before anything runs: the data directory, the database at this version, the first stream."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic.util import CommandError

from audio.engine.config import Settings
from audio.errors import AudioError
from audio.stores import streams
from audio.stores.database import Database, migrate
from audio.stores.streams import Credentials


def prepare(settings: Settings) -> None:
    """Make the data directory, for its owner alone, and bring the database to this version.

    Raises AudioError where the directory cannot be used, or holds something else.
    """
    data_dir = Path(settings.data_dir)
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        migrate(settings.database_url, data_dir)
    except (OSError, sa.exc.SQLAlchemyError, CommandError) as exc:
        reason = getattr(exc, "strerror", None) or getattr(exc, "orig", None) or exc
        raise AudioError(
            f"The data directory {data_dir} cannot be used: {reason}. Choose another: --data-dir DIR."
        ) from exc


def first_stream(settings: Settings) -> Credentials | None:
    """The credentials of a stream `default` where there is no stream yet; None where there is one."""
    database = Database(settings.database_url)
    try:
        with database.write() as connection:
            return None if streams.everything(connection) else streams.create(connection, "default")
    finally:
        database.close()

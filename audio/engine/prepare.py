"""Before anything runs: the data directory, the database at this version, the first stream, the set-up code."""

from __future__ import annotations

import importlib.util
import logging
from pathlib import Path

import sqlalchemy as sa
from alembic.util import CommandError

from audio.engine import opening
from audio.engine.config import Settings
from audio.errors import AudioError, Busy
from audio.extras import how_to_install
from audio.stores import accounts, invitations, streams
from audio.stores.database import Database, migrate
from audio.stores.streams import Credentials

_LATER = (
    "The database of {} was made by a later version of this program: install that version again, or restore a backup "
    "that was made before its first start."
)


log = logging.getLogger(__name__)


def prepare(settings: Settings) -> bool:
    """Make the data directory, for its owner alone, and bring the database to this version.

    Whether there was no database before, as far as that can be seen: one that is no file is taken for there.
    Raises AudioError where the directory cannot be used, or holds something else.
    """
    check_installed(settings)
    data_dir = Path(settings.data_dir)
    is_new = not settings.database and not (data_dir / "audio.db").exists()
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        migrate(settings.database_url, data_dir)
    except (OSError, sa.exc.SQLAlchemyError, CommandError) as exc:
        if settings.database and isinstance(exc, sa.exc.SQLAlchemyError):
            said = str(getattr(exc, "orig", exc)).splitlines()[0]
            raise _unusable("database of AUDIO_DATABASE", said) from exc
        reason = getattr(exc, "strerror", None) or getattr(exc, "orig", None) or exc
        if "Can't locate revision" in str(exc):
            raise AudioError(_LATER.format("AUDIO_DATABASE" if settings.database else data_dir)) from exc
        raise AudioError(
            f"The data directory {data_dir} cannot be used: {reason}. Choose another: --data-dir DIR."
        ) from exc
    _check_sessions(settings)
    return is_new


def _check_sessions(settings: Settings) -> None:
    """Raises AudioError where the server of sessions that is set does not answer."""
    if not settings.sessions:
        return
    try:
        opening.ask_sessions(settings)
    except Busy as exc:
        raise _unusable("sessions of AUDIO_SESSIONS", str(exc.__cause__)) from exc


def _unusable(what: str, why: str) -> AudioError:
    return AudioError(f"The {what} cannot be used: {why.rstrip('.')}. Start its server, or correct the setting.")


def check_installed(settings: Settings) -> None:
    """Raises AudioError where what speaks to a store that is set is not installed."""
    for module, extra, url in (
        ("psycopg", "postgresql", settings.database),
        ("redis", "redis", settings.sessions),
        ("boto3", "s3", settings.blobs),
    ):
        if url and importlib.util.find_spec(module) is None:
            scheme = url.split(":")[0]
            raise AudioError(f"{scheme}:// needs {module}. To install it: {how_to_install(extra)}")


def warn(settings: Settings) -> None:
    """Say what is right for one gateway, and loses jobs where two do it."""
    if settings.sessions and not settings.database:
        log.warning(
            "sessions is set and database is not: let no other gateway use the same Redis, as each would write what "
            "chunks of the other made into its own database. Several gateways need both"
        )


def first_stream(settings: Settings) -> Credentials | None:
    """The credentials of a stream `default` where there is no stream yet; None where there is one."""
    database = Database(settings.database_url)
    try:
        with database.write() as connection:
            return None if streams.everything(connection) else streams.create(connection, "default")
    finally:
        database.close()


def setup_code(settings: Settings) -> str | None:
    """A new code by which the first account is made; None where there is an account."""
    database = Database(settings.database_url)
    try:
        with database.write() as connection:
            return None if accounts.any_there(connection) else invitations.new_setup_code(connection)
    finally:
        database.close()

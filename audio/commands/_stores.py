"""The stores of several machines that the settings name, and whether they answer."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from audio.engine.config import Settings
from audio.errors import AudioError
from audio.extras import how_to_install


def named(settings: Settings) -> str:
    """What is kept where, as "database in postgresql at db.lan, blobs in s3 at audio"; nothing where none is set."""
    found = []
    for name in ("database", "sessions", "blobs"):
        url = urlsplit(getattr(settings, name))
        if url.scheme:
            found.append(f"{name} in {url.scheme.partition('+')[0]} at {url.hostname or 'this machine'}")
    return ", ".join(found)


def failures(settings: Settings) -> Iterator[str]:
    """What is wrong with those that do not answer."""
    try:
        from audio.engine import opening, prepare
        from audio.stores.database import Database
    except ModuleNotFoundError as exc:
        yield f"the gateway needs {exc.name}. To install it: {how_to_install('server')}"
        return
    try:
        prepare.check_installed(settings)
    except AudioError as exc:
        yield exc.message
        return
    if settings.database:
        database = Database(settings.database_url)
        try:
            with database.read():
                pass
        except Exception as exc:  # noqa: BLE001 - whatever it is, it is told
            yield f"database: {getattr(exc, 'orig', exc)}".splitlines()[0]
        finally:
            database.close()
    if settings.sessions:
        try:
            opening.ask_sessions(settings)
        except Exception as exc:  # noqa: BLE001
            yield f"sessions: {exc}"
    if settings.blobs:
        try:
            opening.blobs(settings).read("doctor")
        except Exception as exc:  # noqa: BLE001
            yield f"blobs: {exc}"

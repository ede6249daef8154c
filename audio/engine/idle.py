"""What is owed when nothing more comes: the end of what a session has open, its sums, a stream that goes offline."""

from __future__ import annotations

import math
import time

from audio.engine import observing
from audio.engine.observing import IDLE_SECONDS
from audio.engine.presence import NOTED_SECONDS
from audio.services import registry
from audio.stores import events, presence, sessions
from audio.stores.database import Database
from audio.stores.events import Event
from audio.stores.sessions import Key


def close_sessions(database: Database, session_seconds: float) -> None:
    """Close the sessions that have had no chunk for a minute, or for as long as they are kept."""
    before = time.time() - min(IDLE_SECONDS, session_seconds)
    with database.read() as connection:
        keys = presence.idle_sessions(connection, before)
    for key in keys:
        close_session(database, key)


def close_session(database: Database, key: Key) -> None:
    """Tell the end of what is open in a session, at the time of its last chunk, unless another one comes meanwhile."""
    service = registry.get(key.service, key.version)
    with database.read() as connection:
        used_at = sessions.used_at(connection, key)
    if service is None or used_at is None:
        with database.write_prepared() as direct:
            presence.close_session(direct, key)
        return
    writer = registry.writer(service)
    session = sessions.load(database.read_prepared(), key, writer, math.inf)
    noted = observing.close(service, key, session)
    with database.write_prepared() as direct:
        if sessions.save(direct, key, writer, session, noted.session, used_at=used_at):
            noted.write(direct)
            presence.close_session(direct, key)


def take_offline(database: Database) -> None:
    """End the presence of the streams that sent nothing for a minute."""
    before = time.time() - IDLE_SECONDS - NOTED_SECONDS
    with database.read() as connection:
        quiet = presence.quiet(connection, before)
    for client_id, last_seen in quiet:
        with database.write() as connection:
            if presence.offline(connection, client_id, before):
                events.add(connection, [Event(client_id, "", "stream_offline", round(last_seen, 3), {})])

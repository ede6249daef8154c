"""What is owed when nothing more comes: the end of what a session has open, its sums, a stream that goes offline."""

from __future__ import annotations

import math
import sys
import time

from audio.engine import observing
from audio.engine.observing import IDLE_SECONDS
from audio.engine.presence import NOTED_SECONDS
from audio.services import registry
from audio.stores import events, outbox, presence, sessions
from audio.stores.database import Database
from audio.stores.events import Event
from audio.stores.session_store import Key, SessionStore


def close_sessions(store: SessionStore, session_seconds: float) -> None:
    """Close the sessions that have had no chunk for a minute, or for as long as they are kept."""
    for key in store.idle(time.time() - min(IDLE_SECONDS, session_seconds)):
        close_session(store, key)


def close_session(store: SessionStore, key: Key) -> None:
    """Tell the end of what is open in a session, at the time of its last chunk, unless another one comes meanwhile."""
    service, found = registry.get(key.service, key.version), store.load(key)
    if service is None or found is None:
        return
    writer = registry.writer(service)
    session = sessions.load(store, key, writer, math.inf)
    noted = observing.close(service, key, session)
    change = sessions.change(key, writer, session, noted.session, used_at=found.used_at, most=sys.maxsize)
    store.commit(outbox.packed(noted.entries()), change)


def take_offline(database: Database) -> None:
    """End the presence of the streams that sent nothing for a minute."""
    before = time.time() - IDLE_SECONDS - NOTED_SECONDS
    with database.read() as connection:
        quiet = presence.quiet(connection, before)
    for client_id, last_seen in quiet:
        with database.write() as connection:
            if presence.offline(connection, client_id, before):
                events.add(connection, [Event(client_id, "", "stream_offline", round(last_seen, 3), {})])

"""One job from typed inputs to a stored answer: load the session, compute, write session and job together.

A session and all that the chunk made besides it are one commit in the store of sessions. So a job that is run again
after a crash finds the session as if it had never begun, and a chunk is heard exactly once.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from audio.engine import meter, observing
from audio.engine.drainer import Drainer
from audio.engine.meter import Meter
from audio.engine.observing import Noted
from audio.engine.presence import Presence
from audio.engine.quota import Quota
from audio.engine.requests import SessionRef
from audio.errors import Busy, SessionConflict
from audio.services import registry
from audio.services.base import Output, Service
from audio.services.inputs import Gap
from audio.stores import outbox, sessions
from audio.stores.database import Database, Direct
from audio.stores.outbox import Entry
from audio.stores.session_store import Change, Key, SessionStore, TooManySessions
from audio.stores.sessions import Recent, Session

_RACES = 50
_LARGE = 64 * 1024  # bytes of what a chunk made that are not to lie in the outbox for long
_LOOK_SECONDS = 0.2  # until who waits for a place is told that the gateway is being stopped
_JSON = json.JSONEncoder(allow_nan=False, separators=(",", ":"))

Made = Callable[[str], Entry]
Guard = Callable[[Direct], None]
Present = Callable[[], None]


class Runner:
    """Computes jobs, with a bound on how many synchronous ones are computed at once."""

    def __init__(
        self,
        database: Database,
        store: SessionStore,
        drainer: Drainer,
        *,
        places: int,
        waiting: int,
        wait_seconds: float,
        session_seconds: float,
        quota: Quota,
    ) -> None:
        self._database, self._store, self._drainer = database, store, drainer
        self._places = threading.BoundedSemaphore(places)
        self._waiting = threading.BoundedSemaphore(waiting)
        self._wait_seconds = wait_seconds
        self._session_seconds = session_seconds
        self._presence = Presence()
        # Tells whoever watches how a session is, once that is committed.
        self.announce: Callable[[Noted], None] = lambda _noted: None
        self._recent = Recent()
        self._stopping = False
        self.meter = Meter(database)
        self._quota = quota

    def run_bounded(
        self, service: Service, inputs: Any, client_id: str, ref: SessionRef | None, made: Made, present: Present
    ) -> str:
        """`run`, in a place. Raises Busy where none is free in time."""
        with self.place(present):
            return self.run(service, inputs, client_id, ref, made)

    @contextmanager
    def place(self, present: Present) -> Iterator[None]:
        """One of the places in which something is computed while its client waits. Raises Busy where none is free.

        Who has gone, before or while it waited for a place, takes none: `present` raises then.
        """
        present()
        if not (self._places.acquire(blocking=False) or self._wait()):
            raise taken()
        try:
            present()
            yield
        finally:
            self._places.release()

    def _wait(self) -> bool:
        """Whether a place became free in time. Few may wait, as each keeps a thread from what needs no place."""
        if not self._waiting.acquire(blocking=False):
            return False
        deadline = time.monotonic() + self._wait_seconds
        try:
            while not self._stopping and (left := deadline - time.monotonic()) > 0:
                if self._places.acquire(timeout=min(left, _LOOK_SECONDS)):
                    return True
            return False
        finally:
            self._waiting.release()

    def stop(self) -> None:
        """Let nobody wait any more: the process ends."""
        self._stopping = True

    def run(
        self,
        service: Service,
        inputs: Any,
        client_id: str,
        ref: SessionRef | None,
        made: Made,
        guard: Guard | None = None,
    ) -> str:
        """Compute and store; the result as JSON.

        made: of a result, what is written for the job. guard: called in a transaction of the database that ends after
        the commit; what it raises leaves everything as it was.
        Raises PlanUsedUp where it would count and the plan of the stream is used up.
        """
        self.meter.check(client_id, service)
        if ref is None:
            result = dump(service.compute(inputs, None)[0])
            self._quota.result(client_id, len(result))
            self._commit(service, client_id, meter.seconds_of(service, inputs), [made(result)], None, guard)
            return result
        key = Key(client_id, service.name, service.version, ref.session_id)
        writer = registry.writer(service)
        for _ in range(_RACES):
            before = sessions.load(self._store, key, writer, self._session_seconds, self._recent)
            output, after = step(service, inputs, before, ref.offset)
            result = dump(output)
            if after is before:
                self._commit(service, client_id, 0.0, [made(result)], None, guard)
                return result
            seconds = meter.seconds_of(service, inputs, before.used_at, ref.received)
            noted = observing.note(service, key, ref, inputs, output, after)
            self._quota.result(client_id, len(result))
            now = time.time()
            entries = [made(result)]
            if seen := self._presence.due(client_id, service):
                entries.append(outbox.seen(client_id, now, output.get("level")))
            entries += noted.entries()
            change = sessions.change(key, writer, before, noted.session, used_at=now, most=self._quota.sessions)
            if self._commit(service, client_id, seconds, entries, change, guard, urgent=seen or bool(noted.events)):
                if seen:
                    self._presence.noted(client_id, service)
                self._recent.put(key, writer, before, noted.session, now)
                self.announce(noted)
                return result
        raise Busy("Too many chunks of this session came at once: send them one after the other.", retry_after=1)

    def _commit(
        self,
        service: Service,
        client_id: str,
        seconds: float,
        entries: list[Entry],
        change: Change | None,
        guard: Guard | None,
        *,
        urgent: bool = False,
    ) -> bool:
        """Store a session and what its chunk made. False where another chunk was faster: nothing is stored then."""
        if guard is None and not (seconds > 0 and self.meter.limits(client_id)):
            counted = self.meter.count(None, client_id, service, seconds)
            saved = self._put([*counted, *entries], change, urgent)
        else:
            with self._database.write_prepared() as connection:
                if guard is not None:
                    guard(connection)
                counted = self.meter.count(connection, client_id, service, seconds)
                saved = self._put([*counted, *entries], change, urgent)
        return saved

    def _put(self, entries: list[Entry], change: Change | None, urgent: bool) -> bool:
        if self._database.full:
            self._database.drain()  # raises what is wrong, if it still is
        record = outbox.packed(entries)
        try:
            saved = self._store.commit(record, change)
        except TooManySessions as exc:
            raise self._quota.too_many() from exc
        if saved:
            self._drainer.note(urgent=urgent or len(record) > _LARGE)
        return saved


def step(service: Service, inputs: Any, session: Session, offset: int | None) -> tuple[Output, Session]:
    """One chunk in a session: its answer and the session after it.

    A chunk that came before (same offset, same length) gets the same answer, and the session stays the one given.
    Raises SessionConflict where the chunk does not fit: of another identity, or an offset that is past.
    """
    timed = service.timed
    if timed is None:
        output, state = service.compute(inputs, session.state)
        return output, Session(session.revision, session.position, session.identity, state, None, session.memory)
    clock, value = timed.clock, getattr(inputs, timed.name)
    identity, length = clock.identity(value), clock.length(value)
    if session.identity and identity != session.identity:
        raise SessionConflict(
            f"This session has {clock.describe(session.identity)}; {clock.describe(identity)} came. Begin a new "
            "session for it.",
            field="state",
        )
    start, state = session.position, session.state
    if offset is not None:
        if session.last and session.last[:2] == (offset, length):
            return session.last[2], session
        if offset < start:
            raise SessionConflict(
                f"The chunk starts at {clock.unit} {offset}, but this session has already taken all up to {clock.unit} "
                f"{start}. Go on from {clock.unit} {start}, or begin a new session.",
                field="state",
            )
        if offset > start and service.skip is not None:
            lost = offset - start
            state = service.skip(state or {}, Gap(lost, clock.seconds(lost, identity), identity))
        start = offset
    output, state = service.compute(inputs, state)
    last = None if offset is None else (start, length, output)
    return output, Session(session.revision, start + length, identity, state, last, session.memory)


def taken() -> Busy:
    """What is told to those for whom no place became free in time."""
    return Busy("All places for requests are taken: send this one again in a second.", retry_after=1)


def dump(output: Output) -> str:
    """A result as JSON. NaN and infinity are refused: no client could read them."""
    return _JSON.encode(output)

"""From the answers of a session to events and sums, written with the job that made them.

What a chunk adds to the sums waits in the session itself, which is written anyway, and goes on with an event, at a new
quarter hour, after a quarter of a minute of stream, or when the session is closed: so a chunk in which nothing happens
costs nothing more, and a crash loses nothing. What has begun is open until it ends; a session that
sends nothing for a minute is closed, and its open ones with it, at the time of its last chunk.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from audio.audience.visit import Row
from audio.engine.requests import SessionRef
from audio.services.base import Output, Service
from audio.services.inputs import Moment
from audio.services.observation import Happening, Lasting, Observed, Place
from audio.stores import outbox, sums
from audio.stores.events import Event
from audio.stores.outbox import Entry
from audio.stores.session_store import Key
from audio.stores.sessions import Session
from audio.stores.sums import Sum

FLUSH_SECONDS = 15.0  # of stream; chosen: what a dashboard may be late by, against a statement a chunk
IDLE_SECONDS = 60.0  # after which a session is closed, and a stream is offline
_TENTHS = 10


@dataclass
class _Pending:
    """What a session has heard since its sums were last written."""

    quarter: int
    heard: float = 0.0
    voice: float = 0.0
    sounds: int = 0
    levels: dict[int, int] = field(default_factory=dict)
    directions: dict[int, int] = field(default_factory=dict)

    def take(self, observed: Observed, length: float) -> None:
        self.heard += length
        self.voice += observed.voice
        self.sounds += sum(h.type == "sound_on" for h in observed.happenings)
        if observed.level is not None and length > 0:
            level = min(max(round(observed.level), sums.LOWEST), sums.HIGHEST) - sums.LOWEST
            self.levels[level] = self.levels.get(level, 0) + max(1, round(length * _TENTHS))
        for yaw in observed.yaws:
            place = min(max(math.floor(math.degrees(yaw) / 10) + 9, 0), sums.DIRECTIONS - 1)
            self.directions[place] = self.directions.get(place, 0) + 1

    def sum(self) -> Sum:
        return Sum(self.quarter, self.heard, self.voice, self.sounds, self.levels, self.directions)


@dataclass(frozen=True)
class Noted:
    """What is written with a chunk besides its job: its session, and what that tells."""

    session: Session
    key: Key
    events: tuple[Event, ...] = ()
    sums: tuple[Sum, ...] = ()
    visits: tuple[tuple[str, Row], ...] = ()
    observed: Observed = field(default_factory=Observed)

    def entries(self) -> list[Entry]:
        """For the outbox."""
        told = [outbox.told(event) for event in self.events]
        people = [outbox.visit(self.key.client_id, identity, row) for identity, row in self.visits]
        return told + people + [outbox.heard(self.key.client_id, service_of(self.key), one) for one in self.sums]


def note(service: Service, key: Key, ref: SessionRef, inputs: Any, output: Output, after: Session) -> Noted:
    """What a chunk tells: `after` is the session behind it, whose memory is that of before."""
    timed, kept = service.timed, service.stored_by_default if ref.store is None else ref.store
    people = tuple(service.visits(after.state).items()) if kept and service.visits and after.state else ()
    if service.lasting and after.state:
        return _lasting(key, after, service.lasting(after.state), people, kept)
    if timed is None or service.observe is None:
        return Noted(after, key, visits=people)
    clock, value = timed.clock, getattr(inputs, timed.name)
    length = clock.seconds(clock.length(value), after.identity)
    start = clock.seconds(after.position - clock.length(value), after.identity)
    begun = _moment(inputs, ref.received - length)
    memory = after.memory
    observed, own = service.observe(output, Place(start, length, after.identity.get("rate", 1)), memory.get("own", {}))
    told, still = _told(observed.happenings, memory.get("open", {}), begun - start)
    pending, done = _added(memory.get("sum"), observed, length, begun, flush=bool(told)) if kept else (None, ())
    session = dataclasses.replace(
        after, memory={"own": own, "open": still, "sum": pending, "end": start + length, "kept": kept}
    )
    made = (_event(key, h, at) for h, at in told) if kept else ()
    return Noted(session, key, tuple(made), done, people, observed)


def _lasting(
    key: Key, after: Session, now: Mapping[str, Lasting], people: tuple[tuple[str, Row], ...], kept: bool
) -> Noted:
    """What began and what ended, from what goes on after a chunk and what was open before it."""
    before: dict[str, Any] = after.memory.get("open", {})
    told = [_end(Happening(opened[0], opened[4]), opened) for name, opened in before.items() if name not in now]
    told += [(Happening(one.type, one.since), one.since) for name, one in now.items() if name not in before]
    still = {name: [one.end, one.since, one.since, dict(one.data), one.last] for name, one in now.items()}
    end = max([after.memory.get("end", 0.0), *(one.last for one in now.values())])
    session = dataclasses.replace(after, memory={"open": still, "end": end, "kept": kept})
    made = tuple(_event(key, h, at) for h, at in told) if kept else ()
    return Noted(session, key, made, visits=people)


def close(service: Service, key: Key, session: Session) -> Noted:
    """What is owed by a session that sends nothing any more: the end of what is open, and its sums."""
    memory = session.memory
    kept = memory.get("kept", service.stored_by_default)
    ends = [
        _end(Happening(opened[0], opened[4] if len(opened) > 4 else memory["end"], {"reason": "idle"}), opened)
        for opened in memory.get("open", {}).values()
    ]
    pending = memory.get("sum")
    left = dataclasses.replace(session, memory={"own": memory.get("own", {})})
    made = tuple(_event(key, h, at) for h, at in ends) if kept else ()
    return Noted(left, key, made, (_Pending(**pending).sum(),) if pending else ())


def service_of(key: Key) -> str:
    """As events name it."""
    return f"{key.service}/{key.version}"


def _told(
    happenings: Any, before: Mapping[str, Any], zero: float
) -> tuple[list[tuple[Happening, float]], dict[str, Any]]:
    """What is told, with its Unix time, and what is open afterwards. An end without its beginning is not told."""
    still, told = dict(before), []
    for h in happenings:
        at = zero + h.at
        if h.closes:
            if h.closes not in still:
                continue
            h, at = _end(h, still.pop(h.closes))
        if h.opens:
            if h.opens in still:
                continue
            still[h.opens] = [h.end, at, h.at]
        told.append((h, at))
    return told, still


def _end(ending: Happening, opened: Any) -> tuple[Happening, float]:
    """An end with its Unix time: as long after its beginning as in the session, however late its chunk came."""
    at, since, known = opened[1], opened[2], opened[3] if len(opened) > 3 else {}
    duration = max(0.0, ending.at - since)
    return dataclasses.replace(ending, data={"duration": round(duration, 3), **known, **ending.data}), at + duration


def _added(
    pending: dict[str, Any] | None, observed: Observed, length: float, begun: float, *, flush: bool
) -> tuple[dict[str, Any] | None, tuple[Sum, ...]]:
    """What waits after a chunk, and the sums that are to be written now."""
    quarter = int(begun // sums.QUARTER)
    done: list[Sum] = []
    now = _Pending(**pending) if pending else _Pending(quarter)
    if now.quarter != quarter:
        done.append(now.sum())
        now = _Pending(quarter)
    now.take(observed, length)
    if flush or now.heard >= FLUSH_SECONDS:
        return None, (*done, now.sum())
    return dict(vars(now)), tuple(done)


def _event(key: Key, happening: Happening, at: float) -> Event:
    data = {"session_id": key.session_id, **happening.data}
    return Event(key.client_id, service_of(key), happening.type, round(at, 3), data)


def _moment(inputs: Any, otherwise: float) -> float:
    """When a chunk began: as its timestamp says, where it has one."""
    values = (getattr(inputs, f.name) for f in dataclasses.fields(inputs))
    return next((v.seconds for v in values if isinstance(v, Moment)), otherwise)

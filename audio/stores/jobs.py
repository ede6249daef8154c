"""Jobs: what was asked, what became of it.

An asynchronous job is queued, then running under an owner (a worker process), then ended. A synchronous job is written
when it has ended. Jobs of one session run in the order in which they were accepted.
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from audio.stores.database import Direct, Prepared
from audio.stores.tables import JOBS

QUEUED, RUNNING, ENDED = "queued", "running", "ended"
ACCEPTED, CREATED = 202, 201


@dataclass(frozen=True)
class Job:
    seq: int
    id: str
    client_id: str
    service: str
    version: int
    phase: str
    status: int
    session_id: str | None
    attempts: int
    result: str | None = None
    request: bytes | None = None

    def fields(self) -> dict[str, Any]:
        """What its body holds beside its links."""
        return {**(json.loads(self.result) if self.result else {}), "uuid": self.id, "status": self.status}


_COLUMNS = [JOBS.c[name] for name in Job.__dataclass_fields__]
# Requests and results can be large: they are read where they are needed, one at a time.
_SHOWN = [c for c in _COLUMNS if c.name != "request"]
_LISTED = [c for c in _SHOWN if c.name != "result"]
# A literal, not a parameter: only then does SQLite see that the index of open jobs serves.
_NOT_ENDED: sa.ColumnElement[str] = sa.literal_column(f"'{ENDED}'")
_OPEN = JOBS.c.phase != _NOT_ENDED
_OLDEST = sa.func.min(JOBS.c.seq).label("seq")
# A job of a session waits for those before it: of each that runs none the oldest may run.
_OF_SESSIONS = (
    sa.select(JOBS.c.client_id, _OLDEST)
    .where(_OPEN, JOBS.c.session_id.is_not(None))
    .group_by(JOBS.c.session_id, JOBS.c.client_id, JOBS.c.service, JOBS.c.version)
    .having(sa.func.sum(sa.case((JOBS.c.phase == RUNNING, 1), else_=0)) == 0)
)
_ALONE = (
    sa.select(JOBS.c.client_id, _OLDEST)
    .where(_OPEN, JOBS.c.phase == QUEUED, JOBS.c.session_id.is_(None))
    .group_by(JOBS.c.client_id)
)
_MAY_RUN = sa.union_all(_OF_SESSIONS, _ALONE).subquery()
_NEXT_UP = Prepared(sa.select(_MAY_RUN.c.client_id, sa.func.min(_MAY_RUN.c.seq)).group_by(_MAY_RUN.c.client_id))
_CLAIM = (
    JOBS.update()
    .where(JOBS.c.seq == sa.bindparam("k_seq"), JOBS.c.phase == QUEUED)
    .values(phase=RUNNING, owner=sa.bindparam("k_owner"), attempts=JOBS.c.attempts + 1)
    .returning(*_COLUMNS)
)
_OWNED = (JOBS.c.id == sa.bindparam("k_id"), JOBS.c.owner == sa.bindparam("k_owner"), JOBS.c.phase == RUNNING)
_RUNS = Prepared(sa.select(JOBS.c.seq).where(*_OWNED))
_END = Prepared(
    JOBS.update()
    .where(*_OWNED)
    .values(phase=ENDED, request=None, **{name: sa.bindparam(name) for name in ("status", "result", "ended_at")})
)

_ENDED_COLUMNS = (
    *("id", "client_id", "service", "version", "result"),
    *("phase", "status", "attempts", "created_at", "ended_at"),
)
_ADD_ENDED = Prepared(JOBS.insert().values({name: sa.bindparam(name) for name in _ENDED_COLUMNS}))
_QUEUED_COLUMNS = (
    *("id", "client_id", "service", "version", "session_id", "request"),
    *("phase", "status", "attempts", "created_at"),
)
_ADD_QUEUED = Prepared(JOBS.insert().values({name: sa.bindparam(name) for name in _QUEUED_COLUMNS}))
_BYTES = sa.func.coalesce(sa.func.sum(sa.func.length(JOBS.c.request)), 0)
# client_id + "": SQLite would take the index of all jobs of the stream, and read those that have ended, too.
_WAITING = Prepared(
    sa.select(sa.func.count(), _BYTES).where(_OPEN, JOBS.c.client_id + "" == sa.bindparam("k_client_id"))
)


def _own(client_id: str, service: str, version: int) -> sa.ColumnElement[bool]:
    return sa.and_(JOBS.c.client_id == client_id, JOBS.c.service == service, JOBS.c.version == version)


def _kept(seconds: float) -> sa.ColumnElement[bool]:
    return sa.or_(JOBS.c.ended_at.is_(None), JOBS.c.ended_at >= time.time() - seconds)


def add_all_ended(connection: sa.Connection | Direct, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write synchronous jobs, which have their results already: id, client_id, service, version, result, ended_at."""
    constant = {"phase": ENDED, "status": CREATED, "attempts": 1}
    _ADD_ENDED.run_all(connection, [{**row, **constant, "created_at": row["ended_at"]} for row in rows])


def add_queued(
    connection: sa.Connection | Direct,
    *,
    id: str,
    client_id: str,
    service: str,
    version: int,
    session_id: str | None,
    request: bytes,
) -> None:
    """Accept an asynchronous job."""
    asked = {"id": id, "client_id": client_id, "service": service, "version": version, "session_id": session_id}
    new = {"phase": QUEUED, "status": ACCEPTED, "attempts": 0, "created_at": time.time()}
    _ADD_QUEUED.run(connection, {**asked, **new, "request": request})


def waiting(connection: sa.Connection | Direct, client_id: str) -> tuple[int, int]:
    """How many jobs of a client wait or run, and the bytes that they take together."""
    count, size = _WAITING.run(connection, {"k_client_id": client_id}).fetchone()
    return int(count), int(size)


def next_up(connection: sa.Connection | Direct, served: Mapping[str, int]) -> list[int]:
    """Whose turn it is: of each stream the oldest job that may run, those first that were served longest ago.

    served: when each stream was last served, as numbers that grow.
    What is found may be claimed by another meanwhile, but nothing can come before it: no lock is needed to look.
    """
    found = _NEXT_UP.run(connection, {}).fetchall()
    return [seq for _, seq in sorted(found, key=lambda one: (served.get(one[0], 0), one[1]))]


def claim(connection: sa.Connection, owner: str, seq: int) -> Job | None:
    """Take a job; None where another was faster."""
    row = connection.execute(_CLAIM, {"k_seq": seq, "k_owner": owner}).one_or_none()
    return None if row is None else Job(*row)


def runs(connection: Direct, job_id: str, owner: str) -> bool:
    """Whether this owner still runs a job: not where it was cancelled."""
    return _RUNS.run(connection, {"k_id": job_id, "k_owner": owner}).fetchone() is not None


def end(connection: sa.Connection | Direct, job_id: str, owner: str, status: int, result: str, at: float) -> bool:
    """Write what became of a running job. False where it is not this owner's any more, because it was cancelled."""
    values = {"k_id": job_id, "k_owner": owner, "status": status, "result": result, "ended_at": at}
    return bool(_END.run(connection, values).rowcount == 1)


def put_back(connection: sa.Connection, owner: str) -> int:
    """Queue again what this owner, which is dead, was running; their number."""
    mine = (_OPEN, JOBS.c.phase == RUNNING, JOBS.c.owner == owner)
    return connection.execute(JOBS.update().where(*mine).values(phase=QUEUED, owner=None)).rowcount


def release(connection: sa.Connection, owner: str, *, running: Collection[str] = ()) -> int:
    """Queue again what this owner, which lives, took and does not run; their number. It counts as no attempt."""
    mine = (_OPEN, JOBS.c.phase == RUNNING, JOBS.c.owner == owner, JOBS.c.id.not_in(running))
    values = {"phase": QUEUED, "owner": None, "attempts": JOBS.c.attempts - 1}
    return connection.execute(JOBS.update().where(*mine).values(values)).rowcount


def owners(connection: sa.Connection) -> Sequence[str]:
    """Who runs jobs now."""
    return connection.execute(sa.select(JOBS.c.owner).where(_OPEN, JOBS.c.phase == RUNNING).distinct()).scalars().all()


def get(
    connection: sa.Connection, client_id: str, service: str, version: int, job_id: str, *, seconds: float
) -> Job | None:
    """A job that is open or ended at most `seconds` ago."""
    query = sa.select(*_SHOWN).where(JOBS.c.id == job_id, _own(client_id, service, version), _kept(seconds))
    row = connection.execute(query).one_or_none()
    return None if row is None else Job(*row)


def delete(connection: sa.Connection, client_id: str, service: str, version: int, job_id: str) -> bool:
    """Cancel a job that waits or runs, forget one that has ended. False where there is none."""
    return connection.execute(JOBS.delete().where(JOBS.c.id == job_id, _own(client_id, service, version))).rowcount == 1


def page(
    connection: sa.Connection,
    client_id: str,
    service: str,
    version: int,
    *,
    status: int | None,
    before: int | None,
    limit: int,
    seconds: float,
) -> list[Job]:
    """Jobs of a client without their results, newest first, from just before the sequence number `before`."""
    query = sa.select(*_LISTED).where(_own(client_id, service, version), _kept(seconds))
    query = query.order_by(JOBS.c.seq.desc()).limit(limit)
    if status is not None:
        query = query.where(JOBS.c.status == sa.literal(status, sa.BigInteger))
    if before is not None:
        query = query.where(JOBS.c.seq < before)
    return [Job(*row) for row in connection.execute(query)]


def forget_ended(connection: sa.Connection, seconds: float, limit: int = 10_000) -> int:
    """Delete those of the `limit` oldest jobs that ended more than `seconds` ago; their number.

    Only the oldest are looked at, as jobs end about in their order: to look through all of them takes long, and
    everybody waits for whoever writes.
    """
    first = sa.select(JOBS.c.seq, JOBS.c.ended_at).order_by(JOBS.c.seq).limit(limit).subquery()
    old = sa.select(first.c.seq).where(first.c.ended_at < time.time() - seconds)
    return connection.execute(JOBS.delete().where(JOBS.c.seq.in_(old))).rowcount

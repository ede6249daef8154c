"""Streams of the SDK: a session whose chunks come in over one connection and whose results leave over another.

The two may end in different processes: results wait in a table until they are fetched.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from audio.stores.database import Direct, Prepared
from audio.stores.tables import SDK_RESULTS, SDK_STREAMS

READER_SECONDS = 15.0  # without a sign of life, after which another may read


@dataclass(frozen=True)
class SdkStream:
    """parameters: what goes with each part. ended: no more input comes."""

    id: str
    client_id: str
    service: str
    version: int
    parameters: Mapping[str, Any]
    used_at: float
    ended: bool


_COLUMNS = [SDK_STREAMS.c[name] for name in SdkStream.__dataclass_fields__]
_ADD = Prepared(SDK_RESULTS.insert().values({name: sa.bindparam(name) for name in ("stream_id", "body")}))
_USED = Prepared(
    SDK_STREAMS.update().where(SDK_STREAMS.c.id == sa.bindparam("k_id")).values(used_at=sa.bindparam("used_at"))
)


def create(
    connection: sa.Connection, client_id: str, service: str, version: int, parameters: Mapping[str, Any]
) -> SdkStream:
    made = SdkStream(str(uuid.uuid4()), client_id, service, version, parameters, time.time(), False)
    row = {name: getattr(made, name) for name in SdkStream.__dataclass_fields__}
    connection.execute(SDK_STREAMS.insert().values({**row, "parameters": json.dumps(dict(parameters))}))
    return made


def get(connection: sa.Connection, client_id: str, service: str, version: int, stream_id: str) -> SdkStream | None:
    query = sa.select(*_COLUMNS).where(
        SDK_STREAMS.c.id == stream_id,
        SDK_STREAMS.c.client_id == client_id,
        SDK_STREAMS.c.service == service,
        SDK_STREAMS.c.version == version,
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else SdkStream(**{**row._mapping, "parameters": json.loads(row.parameters)})


def count(connection: sa.Connection) -> int:
    """How many there are that have not ended."""
    return int(connection.execute(sa.select(sa.func.count()).where(SDK_STREAMS.c.ended.is_(False))).scalar() or 0)


def add_result(connection: Direct, stream_id: str, body: str, at: float) -> None:
    """A result."""
    _ADD.run(connection, {"stream_id": stream_id, "body": body})
    _USED.run(connection, {"k_id": stream_id, "used_at": at})


def results(connection: sa.Connection, stream_id: str, after: int, limit: int = 100) -> list[tuple[int, str]]:
    """(number, body) of what waits, oldest first, behind that number."""
    query = sa.select(SDK_RESULTS.c.seq, SDK_RESULTS.c.body)
    query = query.where(SDK_RESULTS.c.stream_id == stream_id, SDK_RESULTS.c.seq > after)
    return [(seq, body) for seq, body in connection.execute(query.order_by(SDK_RESULTS.c.seq).limit(limit))]


def fetched(connection: sa.Connection, stream_id: str, upto: int) -> None:
    """Forget the results up to that number."""
    where = (SDK_RESULTS.c.stream_id == stream_id, SDK_RESULTS.c.seq <= upto)
    connection.execute(SDK_RESULTS.delete().where(*where))


def waiting(connection: sa.Connection, stream_id: str) -> tuple[int, int]:
    """How many results wait, and their bytes."""
    query = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(sa.func.length(SDK_RESULTS.c.body)), 0))
    number, size = connection.execute(query.where(SDK_RESULTS.c.stream_id == stream_id)).one()
    return int(number), int(size)


def state(connection: sa.Connection, stream_id: str) -> tuple[bool, float] | None:
    """Whether its input has ended, and when it was used last; None where it is gone."""
    query = sa.select(SDK_STREAMS.c.ended, SDK_STREAMS.c.used_at).where(SDK_STREAMS.c.id == stream_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else (bool(row.ended), row.used_at)


def end(connection: sa.Connection, stream_id: str) -> None:
    """No more input comes."""
    connection.execute(SDK_STREAMS.update().where(SDK_STREAMS.c.id == stream_id).values(ended=True))


def take_reader(connection: sa.Connection, stream_id: str, reader: str) -> bool:
    """Become, or stay, its one reader; False where there is another."""
    now = time.time()
    free = sa.or_(
        SDK_STREAMS.c.reader == "", SDK_STREAMS.c.reader == reader, SDK_STREAMS.c.reader_at < now - READER_SECONDS
    )
    update = SDK_STREAMS.update().where(SDK_STREAMS.c.id == stream_id, free).values(reader=reader, reader_at=now)
    return connection.execute(update).rowcount == 1


def leave_reader(connection: sa.Connection, stream_id: str, reader: str) -> None:
    where = (SDK_STREAMS.c.id == stream_id, SDK_STREAMS.c.reader == reader)
    connection.execute(SDK_STREAMS.update().where(*where).values(reader=""))


def delete(connection: sa.Connection, stream_id: str) -> bool:
    connection.execute(SDK_RESULTS.delete().where(SDK_RESULTS.c.stream_id == stream_id))
    return connection.execute(SDK_STREAMS.delete().where(SDK_STREAMS.c.id == stream_id)).rowcount == 1


def forget_idle(connection: sa.Connection, seconds: float) -> None:
    """Delete those that nobody uses any more, with what waits of them."""
    before = time.time() - seconds
    idle = sa.and_(SDK_STREAMS.c.used_at < before, SDK_STREAMS.c.reader_at < before)
    for stream_id in list(connection.execute(sa.select(SDK_STREAMS.c.id).where(idle)).scalars()):
        delete(connection, stream_id)

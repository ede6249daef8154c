"""Sessions and their outbox in Redis or Valkey, for several machines.

A commit is one script, which the server runs alone: compare-and-set, and the record beside it. Records are numbered by
the server's clock and upwards: so no number comes twice, which the database would take for a record that it has, also
after a crash of the server that lost its newest writes. An expiry on the sessions of a stream is for the time when no
gateway runs.
"""

from __future__ import annotations

import errno
import struct
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import msgpack
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from audio.errors import Busy
from audio.stores.session_store import Change, Key, Stored, TooManySessions

_SECONDS = 2.0  # that the server has to answer; chosen: chunks of all streams of a process wait for it
_AT_ONCE = 256  # sessions deleted in one script: chunks wait for it
_SPARE_SECONDS = 600  # of the expiry, beyond the time after which housekeeping deletes
_HEAD = struct.Struct(">Qd")  # of a session: revision, when it was used
_NAMES = """
local heads, bodies, used, open = '{audio}heads:', '{audio}bodies:', '{audio}used', '{audio}open'
local function forget(client, name)
  redis.call('HDEL', heads .. client, name); redis.call('HDEL', bodies .. client, name)
  redis.call('ZREM', used, name); redis.call('ZREM', open, name)
end
"""
_ADD = """
local function add(record)
  local time = redis.call('TIME')
  local last = tonumber(redis.call('GET', '{audio}number') or 0)
  local number = string.format('%.0f', math.max(time[1] * 1000000 + time[2], last + 1))
  redis.call('SET', '{audio}number', number)
  redis.call('XADD', '{audio}outbox', number .. '-0', 'r', record)
end
"""
_RECORD = f"{_ADD} add(ARGV[1])"
_COMMIT = f"""{_NAMES}{_ADD}
local client, name, before, head, body, at, is_open, most, ttl, record = unpack(ARGV)
local new = string.rep(string.char(0), 8)
heads, bodies = heads .. client, bodies .. client
local found = redis.call('HGET', heads, name)
if string.sub(found or new, 1, 8) ~= before then return 0 end
if not found and redis.call('HLEN', heads) >= tonumber(most) then return -1 end
redis.call('HSET', heads, name, head); redis.call('HSET', bodies, name, body)
redis.call('EXPIRE', heads, ttl); redis.call('EXPIRE', bodies, ttl)
redis.call('ZADD', used, at, name)
if is_open == '1' then redis.call('ZADD', open, at, name) else redis.call('ZREM', open, name) end
add(record)
return 1
"""
_LOAD = """
local head = redis.call('HGET', '{audio}heads:' .. ARGV[1], ARGV[2])
if not head then return nil end
if head == ARGV[3] then return {head, ''} end
return {head, redis.call('HGET', '{audio}bodies:' .. ARGV[1], ARGV[2])}
"""
_FORGET_IDLE = f"""{_NAMES}
local names = redis.call('ZRANGEBYSCORE', used, '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for _, name in ipairs(names) do forget(cmsgpack.unpack(name)[1], name) end
return #names
"""
_ERASE = f"""{_NAMES}
for _, name in ipairs(redis.call('HKEYS', heads .. ARGV[1])) do forget(ARGV[1], name) end
"""


class RedisStore:
    """One for all threads of a process. idle_seconds: after which sessions are forgotten."""

    def __init__(self, url: str, idle_seconds: float) -> None:
        # What may have been done is not done again: who asked for it does not know, and asks again.
        self._redis: Any = redis.Redis.from_url(
            url, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS, retry=Retry(NoBackoff(), 0)
        )
        self._ttl = int(idle_seconds + _SPARE_SECONDS)
        scripts = (_LOAD, _COMMIT, _RECORD, _FORGET_IDLE, _ERASE)
        self._load, self._commit, self._record, self._forget_idle, self._erase = map(
            self._redis.register_script, scripts
        )
        self._source = ""

    @property
    def source(self) -> str:
        if not self._source:
            with _answers():
                self._redis.set("{audio}source", uuid.uuid4().hex, nx=True)
                self._source = self._redis.get("{audio}source").decode()
        return self._source

    def load(self, key: Key, known: tuple[int, float] | None = None) -> Stored | None:
        with _answers():
            found = self._load(args=[key.client_id, _name(key), _HEAD.pack(*known) if known else ""])
        if found is None:
            return None
        revision, used_at = _HEAD.unpack(found[0])
        return Stored(revision, used_at, found[1])

    def commit(self, record: bytes, change: Change | None = None) -> bool:
        with _answers():
            if change is None:
                self._record(args=[record])
                return True
            before, head = _HEAD.pack(change.before, 0.0)[:8], _HEAD.pack(change.before + 1, change.used_at)
            about: list[Any] = [repr(change.used_at), int(change.is_open), change.most, self._ttl]
            client_id, name = change.key.client_id, _name(change.key)
            done = self._commit(args=[client_id, name, before, head, change.content, *about, record])
        if done < 0:
            raise TooManySessions
        return bool(done)

    def waits(self) -> bool:
        with _answers():
            return bool(self._redis.xlen("{audio}outbox"))

    def records(self, after: int, limit: int) -> list[tuple[int, bytes]]:
        with _answers():
            found = self._redis.xrange("{audio}outbox", f"({after}-0", "+", limit)
        return [(int(name.partition(b"-")[0]), fields[b"r"]) for name, fields in found]

    def forget(self, upto: int) -> None:
        with _answers():
            self._redis.xtrim("{audio}outbox", minid=f"{upto + 1}-0", approximate=False)

    def idle(self, before: float) -> list[Key]:
        with _answers():
            names = self._redis.zrangebyscore("{audio}open", "-inf", f"({before!r}")
        return [Key(*msgpack.unpackb(name)) for name in names]

    def forget_idle(self, before: float) -> int:
        count, last = 0, _AT_ONCE
        while last == _AT_ONCE:
            with _answers():
                last = self._forget_idle(args=[f"({before!r}", _AT_ONCE])
            count += last
        return count

    def erase(self, client_ids: Iterable[str]) -> None:
        with _answers():
            for client_id in client_ids:
                self._erase(args=[client_id])

    def close(self) -> None:
        self._redis.close()


def _name(key: Key) -> bytes:
    return bytes(msgpack.packb(tuple(key)))


@contextmanager
def _answers() -> Iterator[None]:
    """What is wrong with the server, as the gateway knows it."""
    try:
        yield
    except redis.exceptions.OutOfMemoryError as exc:
        raise OSError(errno.ENOSPC, "the sessions take all the memory that Redis may have") from exc
    except redis.exceptions.ResponseError as exc:
        if "OOM" in str(exc) or "MISCONF" in str(exc):
            raise OSError(errno.ENOSPC, f"Redis does not write: {exc}") from exc
        raise
    except (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError) as exc:
        raise Busy("The store of sessions does not answer: send this again in a few seconds.", retry_after=5) from exc

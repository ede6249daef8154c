"""Sessions and their outbox in LMDB: a file that the processes of one machine share.

A commit waits for no disk: it is in the memory of the system, as pages of a file, when it is done. So a process that is
killed loses nothing. A machine that loses its power may leave the file torn: the file belongs to one boot of the
machine, and is begun anew in the next unless the last who used it wrote all of it to the disk.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import logging
import os
import shutil
import struct
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, ClassVar

import lmdb
import msgpack

from audio.stores import machine
from audio.stores.session_store import Change, Key, Stored, TooManySessions

log = logging.getLogger(__name__)

# Address space, not memory or disk: the file grows with what is in it.
MAP_BYTES = 2**34 if sys.maxsize > 2**32 else 2**29
_READERS = 1024  # transactions that read at once, in all processes
_READER_BYTES = 64  # of the lock file for each
_LEAST_FREE = 2**20  # bytes of the disk: with less, a write that failed failed for want of space
_AT_ONCE = 256  # records or sessions deleted in one transaction: chunks wait for it
_HEAD = struct.Struct(">Qd?H")  # of a session: revision, when it was used, whether it is open, bytes of its key
_NUMBER = struct.Struct(">Q")
_SOURCE, _BASE = b"source", b"base"
_WHOLE, _MARK = "whole", 36  # characters, as of an id of a boot


class LmdbStore:
    """One for all of a process that open the same folder: LMDB wants it so. Open it after a fork, never before.

    boot: what names this boot of the machine.
    """

    _opened: ClassVar[dict[str, LmdbStore]] = {}
    _opening: ClassVar[threading.Lock] = threading.Lock()

    @classmethod
    def open(cls, folder: Path, map_bytes: int = MAP_BYTES, boot: Callable[[], str] = machine.boot) -> LmdbStore:
        """The store in this folder, which is made where it is not there. Close it as often as it was opened."""
        path = str(folder.resolve())
        with cls._opening:
            store = cls._opened.get(path)
            if store is None or store._process != os.getpid():
                store = cls._opened[path] = cls(Path(path), map_bytes, boot())
            store._users += 1
            return store

    def __init__(self, folder: Path, map_bytes: int, boot: str) -> None:
        self._folder, self._process, self._users = folder, os.getpid(), 0
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._in_use = (folder / "in_use").open("a+")
        alone = machine.locked(self._in_use)
        if alone:
            _settle(folder, boot)
        # Who opens meanwhile may settle it once more, which changes nothing.
        fcntl.flock(self._in_use, fcntl.LOCK_SH)
        # LMDB writes to this file as memory, and a process ends where there is no space for it.
        _reserve(folder / "lock.mdb", (_READERS + 4) * _READER_BYTES)
        self._env = lmdb.open(
            str(folder), map_size=map_bytes, max_dbs=4, max_readers=_READERS, sync=False, mode=0o600, max_spare_txns=4
        )
        self._sessions, self._outbox, self._about = (self._env.open_db(n) for n in (b"sessions", b"outbox", b"about"))
        self._env.reader_check()
        with self._writing() as txn:
            if txn.get(_SOURCE, db=self._about) is None:
                txn.put(_SOURCE, uuid.uuid4().hex.encode(), db=self._about)
            self._source = bytes(txn.get(_SOURCE, db=self._about)).decode()
            if alone:
                now = time.time_ns() // 1000
                txn.put(_BASE, _NUMBER.pack(max(now, self._base(txn))), db=self._about)

    def _base(self, txn: Any) -> int:
        """What the numbers of records are counted from: the clock, in microseconds, when this file was last opened.

        An older copy of the file, put back in its place, would else give numbers again that the database has.
        """
        found = txn.get(_BASE, db=self._about)
        return 0 if found is None else int(_NUMBER.unpack(found)[0])

    @property
    def source(self) -> str:
        return self._source

    @contextmanager
    def _writing(self) -> Iterator[Any]:
        """A transaction that nobody writes beside. What has no room is an OSError."""
        try:
            with self._env.begin(write=True) as txn:
                yield txn
        except lmdb.Error as exc:
            raise self._failure(exc) from exc

    def _failure(self, error: lmdb.Error) -> OSError:
        if isinstance(error, lmdb.MapFullError):
            return OSError(errno.ENOSPC, "the sessions take all the room that they may")
        full = shutil.disk_usage(self._folder).free < _LEAST_FREE
        return OSError(errno.ENOSPC if full else errno.EIO, f"sessions cannot be written: {error}")

    def load(self, key: Key, known: tuple[int, float] | None = None) -> Stored | None:
        with self._env.begin(buffers=True) as txn:
            found = txn.get(_name(key), db=self._sessions)
            if found is None:
                return None
            revision, used_at, _, size = _HEAD.unpack_from(found)
            content = b"" if (revision, used_at) == known else bytes(found[_HEAD.size + size :])
            return Stored(revision, used_at, content)

    def commit(self, record: bytes, change: Change | None = None) -> bool:
        whole = b"" if change is None else _packed(change)
        try:
            with self._env.begin(write=True, buffers=True) as txn:
                if change is not None and not self._follow(txn, change, whole):
                    return False
                # A transaction makes at most one record, and its own number grows with each that is committed.
                txn.put(_NUMBER.pack(self._base(txn) + txn.id()), record, db=self._outbox, append=True)
        except lmdb.Error as exc:
            raise self._failure(exc) from exc
        return True

    def _follow(self, txn: Any, change: Change, whole: bytes) -> bool:
        """Put the session, if it still follows the one that is there."""
        name = _name(change.key)
        found = txn.get(name, db=self._sessions)
        if (0 if found is None else _HEAD.unpack_from(found)[0]) != change.before:
            return False
        if found is None and self._count(txn, change.key.client_id, change.most) >= change.most:
            raise TooManySessions
        txn.put(name, whole, db=self._sessions)
        return True

    def _count(self, txn: Any, client_id: str, most: int) -> int:
        prefix, count = _prefix(client_id), 0
        with txn.cursor(db=self._sessions) as cursor:
            found = cursor.set_range(prefix)
            while found and count < most and bytes(cursor.key()).startswith(prefix):
                count += 1
                found = cursor.next()
        return count

    def waits(self) -> bool:
        with self._env.begin() as txn:
            return bool(txn.stat(self._outbox)["entries"])

    def records(self, after: int, limit: int) -> list[tuple[int, bytes]]:
        found: list[tuple[int, bytes]] = []
        with self._env.begin() as txn, txn.cursor(db=self._outbox) as cursor:
            more = cursor.set_range(_NUMBER.pack(after + 1))
            while more and len(found) < limit:
                found.append((_NUMBER.unpack(cursor.key())[0], cursor.value()))
                more = cursor.next()
        return found

    def forget(self, upto: int) -> None:
        end, more = _NUMBER.pack(upto), True
        while more:
            with self._writing() as txn, txn.cursor(db=self._outbox) as cursor:
                more = _delete_while(cursor, cursor.first(), lambda name: name <= end)

    def idle(self, before: float) -> list[Key]:
        return [
            Key(*msgpack.unpackb(key)) for _, used_at, is_open, key in self._heads() if is_open and used_at < before
        ]

    def forget_idle(self, before: float) -> int:
        # What processes that were killed amid reading held: without it the file would grow for ever.
        self._env.reader_check()
        names = [name for name, used_at, _, _ in self._heads() if used_at < before]
        return sum(self._delete(names[i : i + _AT_ONCE], before) for i in range(0, len(names), _AT_ONCE))

    def _delete(self, names: list[bytes], before: float) -> int:
        count = 0
        with self._writing() as txn:
            for name in names:
                found = txn.get(name, db=self._sessions)
                if found is not None and _HEAD.unpack_from(found)[1] < before:
                    count += txn.delete(name, db=self._sessions)
        return count

    def _heads(self) -> list[tuple[bytes, float, bool, bytes]]:
        """Of each session its name, its last use, whether it is open, and its packed key where it is."""
        found = []
        with self._env.begin(buffers=True) as txn, txn.cursor(db=self._sessions) as cursor:
            for name, value in cursor:
                _, used_at, is_open, size = _HEAD.unpack_from(value)
                key = bytes(value[_HEAD.size : _HEAD.size + size]) if is_open else b""
                found.append((bytes(name), used_at, is_open, key))
        return found

    def erase(self, client_ids: Iterable[str]) -> None:
        for prefix in map(_prefix, client_ids):
            more = True
            while more:
                with self._writing() as txn, txn.cursor(db=self._sessions) as cursor:
                    more = _delete_while(cursor, cursor.set_range(prefix), partial(_begins, prefix))

    def close(self) -> None:
        with self._opening:
            self._users -= 1
            if self._users:
                return
            del self._opened[str(self._folder)]
        if machine.locked(self._in_use):
            # Nobody else has it open, or opens it: what is on the disk now is all.
            self._env.sync(True)
            self._env.close()
            _mark(self._folder, _WHOLE)
        else:
            self._env.close()
        self._in_use.close()


def _delete_while(cursor: Any, found: bool, wanted: Callable[[bytes], bool]) -> bool:
    """Delete from where the cursor stands; whether there may be more."""
    for _ in range(_AT_ONCE):
        if not found or not wanted(cursor.key()):
            return False
        cursor.delete()
        found = bool(cursor.key())  # of what comes next
    return True


def _begins(prefix: bytes, name: bytes) -> bool:
    return name.startswith(prefix)


@lru_cache(maxsize=4096)
def _name(key: Key) -> bytes:
    """The key of a session, of which LMDB takes 511 bytes."""
    rest = hashlib.blake2b(f"{key.service}/{key.version}/{key.session_id}".encode(), digest_size=16)
    return _prefix(key.client_id) + rest.digest()


def _prefix(client_id: str) -> bytes:
    return f"{client_id}/".encode()


def _packed(change: Change) -> bytes:
    key = msgpack.packb(tuple(change.key))
    head = _HEAD.pack(change.before + 1, change.used_at, change.is_open, len(key))
    return b"".join((head, key, change.content))


def _settle(folder: Path, boot: str) -> None:
    """Where nobody else has it open: begin anew where it may be torn or cannot be read, and claim it for this boot."""
    mark, data = folder / "mark", folder / "data.mdb"
    if data.exists():
        whole = mark.exists() and mark.read_text().strip() in {_WHOLE, boot} - {""}
        if not whole or not _is_readable(folder):
            why = "another version wrote them" if whole else "the machine was not shut down in order"
            log.warning("sessions begin afresh: %s", why)
            for path in (data, folder / "lock.mdb"):
                path.unlink(missing_ok=True)
    _mark(folder, boot)


def _is_readable(folder: Path) -> bool:
    try:
        lmdb.open(str(folder), readonly=True, lock=False, create=False).close()
    except lmdb.Error:
        return False
    return True


def _mark(folder: Path, text: str) -> None:
    """In its place and at one length: a full disk has room for that."""
    path = folder / "mark"
    with path.open("r+" if path.exists() else "w") as file:
        file.write(text.ljust(_MARK))
        file.flush()
        os.fsync(file.fileno())


def _reserve(path: Path, size: int) -> None:
    with path.open("a+b") as file:
        os.posix_fallocate(file.fileno(), 0, size)

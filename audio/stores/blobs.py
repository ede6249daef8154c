"""Blobs: files that a client uploads once and uses by URL. The bytes are files, what is known of them are rows."""

from __future__ import annotations

import math
import os
import time
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa

from audio.stores.tables import BLOBS


@dataclass(frozen=True)
class Blob:
    id: str
    content_type: str
    size: int


class Files(Protocol):
    """Where the bytes are, by the id of their blob."""

    def write(self, blob_id: str, data: bytes | memoryview) -> None:
        """All of it, or nothing."""
        ...

    def read(self, blob_id: str) -> bytes | None: ...

    def source(self, blob_id: str) -> Path | BytesIO:
        """What it is sent from. Raises FileNotFoundError."""
        ...

    def remove(self, blob_id: str) -> None: ...

    def strays(self, older_than: float) -> list[str]:
        """What was last written before that time: among it what may be left of an upload that was cut short."""
        ...


class BlobFiles:
    """As files, in folders by the first two letters of their id."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def path(self, blob_id: str) -> Path:
        return self._root / blob_id[:2] / blob_id

    def write(self, blob_id: str, data: bytes | memoryview) -> None:
        """All of the file, or none: it appears under its name when it is complete."""
        path = self.path(blob_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        try:
            part.write_bytes(data)
            part.rename(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise

    def read(self, blob_id: str) -> bytes | None:
        try:
            return self.path(blob_id).read_bytes()
        except FileNotFoundError:
            return None

    def source(self, blob_id: str) -> Path:
        return self.path(blob_id)

    def remove(self, blob_id: str) -> None:
        self.path(blob_id).unlink(missing_ok=True)

    def strays(self, older_than: float) -> list[str]:
        """Names of files last written before that time: what may be left of an upload that was cut short."""
        found = []
        for folder in os.scandir(self._root) if self._root.is_dir() else ():
            with os.scandir(folder.path) as entries:
                found += [entry.name for entry in entries if _written(entry) < older_than]
        return found


def _written(entry: os.DirEntry[str]) -> float:
    """When a file was last written; never (infinity) where another process has just removed it."""
    try:
        return entry.stat().st_mtime
    except FileNotFoundError:
        return math.inf


def add(connection: sa.Connection, blob_id: str, client_id: str, content_type: str, size: int) -> None:
    row = {"id": blob_id, "client_id": client_id, "content_type": content_type, "size": size, "created_at": time.time()}
    connection.execute(BLOBS.insert(), row)


def get(connection: sa.Connection, client_id: str, blob_id: str) -> Blob | None:
    query = sa.select(BLOBS.c.id, BLOBS.c.content_type, BLOBS.c.size).where(
        BLOBS.c.id == blob_id, BLOBS.c.client_id == client_id
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else Blob(*row)


def delete(connection: sa.Connection, client_id: str, blob_id: str) -> bool:
    return connection.execute(BLOBS.delete().where(BLOBS.c.id == blob_id, BLOBS.c.client_id == client_id)).rowcount == 1


def used(connection: sa.Connection, client_id: str) -> int:
    """The bytes that a client's blobs take together."""
    query = sa.select(sa.func.coalesce(sa.func.sum(BLOBS.c.size), 0)).where(BLOBS.c.client_id == client_id)
    return int(connection.execute(query).scalar() or 0)


def forget_old(connection: sa.Connection, seconds: float, limit: int = 1000) -> list[str]:
    """Delete up to `limit` rows of blobs older than that; their ids, for the files."""
    old = sa.select(BLOBS.c.id).where(BLOBS.c.created_at < time.time() - seconds).limit(limit)
    ids = list(connection.execute(old).scalars())
    if ids:
        connection.execute(BLOBS.delete().where(BLOBS.c.id.in_(ids)))
    return ids


def known(connection: sa.Connection, ids: list[str]) -> set[str]:
    """Those of the ids that have a row."""
    found: set[str] = set()
    for i in range(0, len(ids), 500):
        found.update(connection.execute(sa.select(BLOBS.c.id).where(BLOBS.c.id.in_(ids[i : i + 500]))).scalars())
    return found

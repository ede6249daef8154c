"""SQLite, as the gateway uses it: WAL mode serves several processes at once.

Writers begin with BEGIN IMMEDIATE, so that two of them queue up instead of failing half-way; with synchronous=NORMAL a
killed process loses nothing that was committed. What is written goes into a log first, and into the file when
housekeeping asks: that waits for the disk, and no request does.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

BEGIN = "BEGIN IMMEDIATE"
# Pages of 4 KiB in the log from which on a writer empties it itself: housekeeping is late, or stands still.
_LONGEST_LOG = 32768
_LOG_BYTES = 16 * 2**20  # that the log keeps once it was emptied


def options(_url: str) -> Mapping[str, Any]:
    """For an engine of SQLAlchemy."""
    return {"pool_size": 20, "max_overflow": 20}


def prepare(connection: Any, _record: Any) -> None:
    """Set up a new connection."""
    connection.isolation_level = None  # transactions are begun by us, not by the driver
    pragmas = {
        "journal_mode": "WAL",
        "synchronous": "NORMAL",
        "busy_timeout": 20000,
        "foreign_keys": "ON",
        "journal_size_limit": _LOG_BYTES,
        "wal_autocheckpoint": _LONGEST_LOG,
    }
    for name, value in pragmas.items():
        connection.execute(f"PRAGMA {name}={value}")


def is_dead(_connection: Any) -> bool:
    """A file does not go away."""
    return False


def copy(source: Path, target: Path) -> None:
    """A copy of a database as it is at one moment, while others use it."""
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as kept:
        live.backup(kept)

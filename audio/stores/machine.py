"""What a machine tells its processes: which boot of it this is, and who holds the lock on a file."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO, Any

_BOOT = Path("/proc/sys/kernel/random/boot_id")


def boot() -> str:
    """What names this boot of the machine; empty where the system does not say."""
    return _BOOT.read_text().strip() if _BOOT.exists() else ""


def locked(file: IO[Any], kind: int = fcntl.LOCK_EX) -> bool:
    """Take a lock on a file, which the kernel releases however the process ends; False where another has it."""
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

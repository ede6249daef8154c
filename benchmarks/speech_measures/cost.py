"""What the processes of a service cost: processor time and memory, from /proc.

Conventions: seconds of processor time; megabytes of proportional set size, so that what forked processes share counts
once.
"""

from __future__ import annotations

import os
from pathlib import Path


def cpu_seconds(pids: list[int]) -> float:
    """Of this process and those, with the children of each that have ended."""
    ticks = sum(sum(map(int, _stat(pid)[13:17])) for pid in [os.getpid(), *pids])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory(pids: list[int]) -> float:
    """Of those processes and their children, in MB."""
    return sum(pss(pid) + sum(map(pss, children(pid))) for pid in pids)


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def pss(pid: int) -> float:
    """Of one process, in MB."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:  # a child that has just ended
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _stat(pid: int) -> list[str]:
    text = Path(f"/proc/{pid}/stat").read_text()
    name, _, rest = text.rpartition(")")
    return [*name.split(" (", 1), *rest.split()]

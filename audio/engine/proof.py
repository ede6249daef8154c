"""What processes tell each other by locks: that a worker lives, whose jobs nobody takes over; who has a post.

On one machine a lock is one on a file, which the kernel releases however the process ends. Where several machines share
a database it is one in that, which the server releases when the connection ends.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Protocol

import sqlalchemy as sa

from audio.engine.config import Settings
from audio.engine.watched import KINDS
from audio.stores import machine
from audio.stores.postgresql import Locks

_KINDS = ("lock", *KINDS)  # of files that bear the name of a process


class Proof:
    """The lock file of this process, in a folder that the processes of one machine share."""

    def __init__(self, run_dir: Path, owner: str) -> None:
        self._run_dir, self._owner = run_dir, owner
        run_dir.mkdir(parents=True, exist_ok=True)
        # Locked before it has its name: nobody ever sees it unlocked, and takes this worker for dead.
        nameless = run_dir / f"{owner}.new"
        self._file = nameless.open("w")
        fcntl.flock(self._file, fcntl.LOCK_EX)
        nameless.rename(run_dir / f"{owner}.lock")

    def renew(self) -> bool:
        """Whether what `living` says is to be relied on."""
        return True

    def living(self, owners: Iterable[str]) -> set[str]:
        """Those of them that live."""
        return {owner for owner in owners if self._lives(owner)}

    def forget_dead(self) -> None:
        """Remove the files that processes of this machine left when they were killed."""
        for path in (p for kind in _KINDS for p in self._run_dir.glob(f"*.{kind}")):
            if path.stem != self._owner and not self._lives(path.stem):
                path.unlink(missing_ok=True)

    def end(self) -> None:
        self._file.close()
        (self._run_dir / f"{self._owner}.lock").unlink(missing_ok=True)

    def _lives(self, owner: str) -> bool:
        try:
            with (self._run_dir / f"{owner}.lock").open("r") as proof:
                return not machine.locked(proof)
        except FileNotFoundError:
            return False


class SharedProof(Proof):
    """The same, for workers on several machines. Of one thread."""

    def __init__(self, run_dir: Path, owner: str, url: str) -> None:
        super().__init__(run_dir, owner)
        self._locks = Locks(url)
        self._locks.hold(owner)

    def renew(self) -> bool:
        """After a restart of the server all workers seem dead until they have connected again: not now, then."""
        return self._locks.renew()

    def living(self, owners: Iterable[str]) -> set[str]:
        return self._locks.held(set(owners))

    def end(self) -> None:
        self._locks.close()
        super().end()


def prove(settings: Settings, owner: str) -> Proof:
    """The proof that the database asks for."""
    run_dir = _run_dir(settings)
    return SharedProof(run_dir, owner, settings.database_url) if settings.database else Proof(run_dir, owner)


class Post(Protocol):
    """What one of all processes does that share a database."""

    def mine(self) -> bool:
        """Whether this one has it now, which takes it where it is free. Ask again every second."""
        ...

    def leave(self) -> None: ...


class _FilePost:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def mine(self) -> bool:
        if self._file is None:
            file = self._path.open("w")
            if not machine.locked(file):
                file.close()
                return False
            self._file = file
        return True

    def leave(self) -> None:
        if self._file is not None:
            self._file.close()


class _SharedPost:
    def __init__(self, url: str, name: str) -> None:
        self._url, self._name = url, name
        self._locks: Locks | None = None
        self._mine = False

    def mine(self) -> bool:
        """False, too, where the server was gone: another may have it by now."""
        try:
            if self._locks is None:
                self._locks = Locks(self._url)
            if not self._locks.renew():
                self._mine = False
                self._locks.release(self._name)
            else:
                self._mine = self._mine or self._locks.hold(self._name)
        except sa.exc.SQLAlchemyError:
            self._mine = False
        return self._mine

    def leave(self) -> None:
        if self._locks is not None:
            self._locks.close()


def post(settings: Settings, name: str) -> Post:
    """The post of this name."""
    return _SharedPost(settings.database_url, name) if settings.database else _FilePost(_run_dir(settings) / name)


def _run_dir(settings: Settings) -> Path:
    return Path(settings.data_dir) / "run"

"""How a worker process proves that it lives, to those who take over the jobs of the dead.

On one machine it is a lock on a file of its own, which the kernel releases however the process ends. Where several
machines share a database it is a lock in that, which the server releases when the connection ends.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterable
from pathlib import Path

from audio.engine.watched import KINDS
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
                fcntl.flock(proof, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
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


def prove(run_dir: Path, owner: str, url: str) -> Proof:
    """The proof that the database at this URL needs."""
    return Proof(run_dir, owner) if url.startswith("sqlite") else SharedProof(run_dir, owner, url)

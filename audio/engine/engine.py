"""What one worker process holds: its connections, its runner, its background. Gateway and console stand on it."""

from __future__ import annotations

import logging
import math
import shutil
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa

from audio.engine import opening, retention, secret, watched
from audio.engine.budget import ByteBudget
from audio.engine.bus import Bus
from audio.engine.config import Settings
from audio.engine.credential_cache import CredentialCache
from audio.engine.drainer import Drainer
from audio.engine.erase import Left
from audio.engine.failures import NO_SPACE
from audio.engine.live import Live
from audio.engine.metrics import Metrics
from audio.engine.observing import Noted
from audio.engine.quota import Quota
from audio.engine.relay import Relay
from audio.engine.runner import Runner
from audio.engine.watched import Watched
from audio.engine.worker import Limits, Worker, say
from audio.errors import Busy
from audio.stores.database import Database

log = logging.getLogger(__name__)

EVENTS = "events"  # topic of the bus: there are new ones
_LEAST_FREE = 2**20  # bytes: with less the next writes fail
# Of the largest size. More than that at once is not ordinary use, and each is copied a few times on its way.
_BODIES = 4


class Companion(Protocol):
    """What runs beside an engine for as long as that is open."""

    def open(self, engine: Engine) -> None: ...

    def close(self) -> None: ...


class Engine:
    """One worker process's connections and threads. Open it after the fork, close it at the end."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.credentials = CredentialCache()
        self.companions: list[Companion] = []
        self.budget = ByteBudget(_BODIES * settings.max_body_mb * 2**20)
        self.blob_files = opening.blobs(settings)

    def open(self) -> None:
        settings = self.settings
        self.secret = secret.load(settings)
        self.outbox = opening.outbox(settings)
        self.database = Database(settings.database_url, self.outbox)
        self.drainer = Drainer(self.database, say)
        self.runner = Runner(
            self.database,
            self.outbox.store,
            self.drainer,
            places=settings.jobs_at_once,
            # A third of the other threads is left to what needs no place.
            waiting=max(0, settings.threads - settings.jobs_at_once) * 2 // 3,
            wait_seconds=settings.wait_seconds,
            session_seconds=settings.session_seconds,
            quota=Quota(settings.result_quota_mb * 2**20, settings.result_seconds, settings.session_quota),
        )
        run_dir = Path(settings.data_dir) / "run"
        self.worker = Worker(
            self.database,
            self.outbox.store,
            self.runner,
            self.blob_files,
            self.metrics,
            settings,
            Limits(
                settings.result_seconds,
                settings.session_seconds,
                settings.blob_seconds,
                settings.event_days * retention.DAY,
                settings.sum_days * retention.DAY,
                settings.visit_days * retention.DAY or math.inf,
            ),
        )
        self.bus = Bus(run_dir, self.worker.owner)
        self.live = Live(self.bus, Watched(run_dir, self.worker.owner, watched.STATES, self.bus))
        self.followed = Watched(run_dir, self.worker.owner, watched.EVENTS, self.bus)
        self.drainer.is_followed = self.followed.any
        self.relay = Relay(settings.database_url, run_dir, self.bus.here, self._remind) if settings.database else None
        if self.relay is not None:
            self.bus.elsewhere = self.relay.tell
            self.relay.start()
        self.runner.announce = self._announce
        self.outbox.announce = lambda: self.bus.tell(EVENTS)
        self.drainer.start()
        self.worker.start(settings.async_workers)
        for companion in self.companions:
            companion.open(self)

    def _announce(self, noted: Noted) -> None:
        """A chunk is committed: tell those who watch its session."""
        self.live.tell(noted.key, noted.observed, noted.session.memory.get("open", ()))

    def _remind(self) -> None:
        """Tell other machines who watches here."""
        self.live.watched.remind()
        self.followed.remind()

    def wake(self) -> None:
        """There is a new asynchronous job."""
        self.worker.wake()

    def remove(self, left: Left) -> None:
        """What a transaction that has deleted streams left outside of the database."""
        left.remove(self.blob_files, self.outbox.store)

    def close(self) -> None:
        for companion in self.companions:
            companion.close()
        self.worker.stop()
        self.drainer.stop()
        self.live.watched.close()
        self.followed.close()
        if self.relay is not None:
            self.relay.stop()
        self.bus.close()
        self.database.close()
        self.outbox.store.close()

    def ready(self) -> tuple[bool, str]:
        """Whether the database answers, and what is wrong where it does not."""
        try:
            with self.database.read() as connection:
                connection.execute(sa.select(1))
        except sa.exc.SQLAlchemyError as exc:
            log.warning("the database does not answer: %s", exc)
            return False, "The database does not answer; the gateway's log says more."
        except Busy as exc:
            return False, exc.message
        if shutil.disk_usage(self.settings.data_dir).free < _LEAST_FREE:
            return False, NO_SPACE
        return True, ""

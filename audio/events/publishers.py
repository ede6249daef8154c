"""What sends events out: of all worker processes on a data directory, the one that holds the lock does it."""

from __future__ import annotations

import fcntl
import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Protocol

from audio.engine.engine import Engine
from audio.errors import BadInput
from audio.events import targets
from audio.events.webhooks import Webhooks
from audio.extras import how_to_install

log = logging.getLogger(__name__)

_TRY_SECONDS = 1.0


class Publisher(Protocol):
    def start(self) -> None: ...

    def stop(self) -> None: ...


class Publishers:
    """A companion of an engine: it waits for the lock, then sends until it is closed."""

    def __init__(self) -> None:
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def open(self, engine: Engine) -> None:
        self._closing.clear()
        self._thread = threading.Thread(target=self._run, args=(engine,), name="publishers", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        if self._thread is not None:
            self._thread.join(5.0)

    def _run(self, engine: Engine) -> None:
        path = Path(engine.settings.data_dir) / "run" / "publishers"
        with path.open("w") as lock:
            while not _held(lock):
                if self._closing.wait(_TRY_SECONDS):
                    return
            running = make(engine)
            for publisher in running:
                publisher.start()
            self._closing.wait()
            for publisher in running:
                publisher.stop()


def make(engine: Engine) -> Sequence[Publisher]:
    """The publishers that the settings ask for."""
    settings = engine.settings
    allowed = targets.networks(settings.webhook_networks)
    running: list[Publisher] = [Webhooks(engine.database, lambda url: targets.check(url, allowed))]
    if settings.mqtt_url:
        try:
            from audio.events.mqtt import Mqtt

            running.append(
                Mqtt(
                    engine.database,
                    settings.mqtt_url,
                    prefix=settings.mqtt_prefix,
                    discovery=settings.mqtt_discovery,
                    root=settings.public_url,
                )
            )
        except ImportError:
            log.error("mqtt_url is set, and paho-mqtt is not installed. To install it: %s", how_to_install("mqtt"))
        except BadInput as exc:
            log.error("%s", exc.message)
    return running


def _held(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

"""What sends events out: of all worker processes that share a database, the one that has this post does it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import Protocol

from audio.engine import proof
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
    """A companion of an engine: it waits for the post, then sends until it is closed."""

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
        post = proof.post(engine.settings, "publishers")
        while not self._closing.is_set():
            if not post.mine():
                self._closing.wait(_TRY_SECONDS)
                continue
            running = make(engine)
            for publisher in running:
                publisher.start()
            while post.mine() and not self._closing.wait(_TRY_SECONDS):
                pass
            for publisher in running:
                publisher.stop()
        post.leave()


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

"""One chunk to a service, however long that takes: patience with a gateway that is away, none with one that refuses."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from audio.client.chunks import Chunk
from audio.client.connection import Root
from audio.client.errors import (
    BadReply,
    Busy,
    ClientError,
    Conflict,
    ConnectionBroken,
    GatewayFailed,
    TimedOut,
    Unreachable,
)
from audio.client.resources import Session
from audio.client.services import Service
from audio.client.source import Notice, OnNotice
from audio.client.wanted import SOUND, WantedFile, of_description

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 5.0  # seconds between two attempts
FAILURES = 5  # of one chunk at the gateway, before it is left out
PASSING = (Unreachable, ConnectionBroken, TimedOut, GatewayFailed, Busy)


class Delivery:
    """Sends chunks, each until it is answered, in one session.

    Where a chunk lies in the session is its offset in the source, also in a session that begins later: the times that
    the service counts are those of the source. cancelled: once it is set, no further attempt is made.
    A chunk at which the gateway itself fails, again and again, is left out, and a new session begun: what breaks it may
    be the sound or what the session remembers, and neither gets better.
    seconds_left: gives for how many more seconds sound can be kept; no pause is longer than half of that, while there
    is any.
    """

    def __init__(
        self,
        gateway: Root,
        name: str,
        version: int | None,
        parameters: Mapping[str, Any],
        cancelled: threading.Event,
        seconds_left: Callable[[], float],
        on_notice: OnNotice,
    ) -> None:
        self.session = Session()
        self._gateway, self._name, self._version = gateway, name, version
        self._parameters, self._cancelled, self._on_notice = dict(parameters), cancelled, on_notice
        self._seconds_left = seconds_left
        self._service: Service | None = None
        self._field = SOUND.field
        self._answered = False
        self._away_since: float | None = None

    def use(self, wanted: WantedFile) -> None:
        """Send to a service that was found already."""
        self._service, self._field = wanted.service, wanted.field

    def send(self, chunk: Chunk) -> dict[str, Any] | None:
        """The service's answer; None where it was given up or left out. Raises ClientError where no patience helps."""
        pause = FIRST_PAUSE
        conflicts = failures = 0
        while not self._cancelled.is_set():
            try:
                result = self._once(chunk)
            except Conflict as exc:
                conflicts += 1
                if conflicts > 1:
                    raise
                self._begin_new_session(exc)
            except ClientError as exc:
                if not self._passes(exc):
                    raise
                failures += isinstance(exc, GatewayFailed) and exc.status == 500
                if failures == FAILURES:
                    self._leave_out(chunk, exc)
                    return None
                self._away(exc)
                self._cancelled.wait(exc.retry_after if isinstance(exc, Busy) else self._bounded(pause))
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                self._back()
                return result
        return None

    def _once(self, chunk: Chunk) -> dict[str, Any]:
        if self._service is None:
            service = self._gateway.services.get_service(self._name, self._version)
            service.jobs  # noqa: B018  (follows the link once, so that a wrong one is known before sound is sent)
            self._field = (of_description(service.get_description()) or SOUND).field
            self._service = service
        inputs = {**self._parameters, self._field: chunk.sound}
        return self._service.process(inputs, session=self.session.at(chunk.offset)).result

    def _bounded(self, pause: float) -> float:
        seconds_left = self._seconds_left()
        return max(FIRST_PAUSE, min(pause, seconds_left / 2)) if seconds_left > 0 else pause

    def _passes(self, exc: ClientError) -> bool:
        """Whether it can be better next time. What is no gateway at first is a wrong address, later a bad network."""
        return isinstance(exc, PASSING) or (self._answered and isinstance(exc, BadReply))

    def _begin_new_session(self, exc: Conflict) -> None:
        self.session = Session()
        self._tell("session", f"the gateway cannot go on with this session: {exc} A new one begins here")

    def _leave_out(self, chunk: Chunk, exc: ClientError) -> None:
        self.session = Session()
        self._away_since = None
        seconds = chunk.sound.frames / chunk.sound.rate
        self._tell("left out", f"the gateway failed {FAILURES} times at {seconds:.2f} s of sound, left out now: {exc}")

    def _away(self, exc: ClientError) -> None:
        if self._away_since is None:
            self._away_since = time.monotonic()
            if exc.code == "plan_used_up":
                self._tell("plan", f"{exc} Until then nothing is sent, and no more sound kept than there is room for")
            else:
                self._tell("gateway", f"{exc} Trying again until it answers; sound is kept meanwhile")

    def _back(self) -> None:
        self._answered = True
        if self._away_since is not None:
            away, self._away_since = time.monotonic() - self._away_since, None
            self._tell("gateway", f"{self._gateway.endpoint} answers again after {away:.1f} s")

    def _tell(self, about: str, text: str) -> None:
        self._on_notice(Notice(about, text))

"""What became of a job that failed: the one shape of an error, with the HTTP number that its status shows."""

from __future__ import annotations

import logging
import math
import time
import uuid
from typing import Any

import sqlalchemy as sa

from audio.engine.meter import PlanUsedUp
from audio.engine.quota import OverQuota
from audio.errors import AudioError, BadInput, Busy, SessionConflict, SpeechFailed
from audio.stores.database import is_gone, no_space

log = logging.getLogger(__name__)

_STATUS: tuple[tuple[type[AudioError], int], ...] = (
    (BadInput, 400),
    (SessionConflict, 409),
    (Busy, 503),
    (PlanUsedUp, 429),
    (OverQuota, 429),
)
NO_SPACE = "The disk of the gateway has no space left: nothing can be stored until there is some."
DATABASE_GONE = "The database does not answer: send this again in a few seconds."
# A lock that was not free in time, no connection to be had.
_OVERLOADED = (sa.exc.OperationalError, sa.exc.TimeoutError)


def body_of(error: Exception) -> dict[str, Any]:
    """The JSON of a failure. What was not foreseen goes to the log under an id, and the id alone goes out."""
    status = next((s for kind, s in _STATUS if isinstance(error, kind)), None)
    if isinstance(error, SpeechFailed):
        return {"status": 500, "error": f"{error.message} {_logged(error)}", "code": error.code}
    if isinstance(error, AudioError) and status is not None:
        more = error.fields if isinstance(error, PlanUsedUp) else {}
        body = {"status": status, "error": error.message, "code": error.code, **more}
        return {**body, "field": error.field} if error.field else body
    if no_space(error):
        FULL.say()
        return {"status": 507, "error": NO_SPACE, "code": "no_space"}
    if is_gone(error):
        GONE.say()
        return {"status": 503, "error": DATABASE_GONE, "code": "busy"}
    if isinstance(error, sa.exc.DataError):
        return {"status": 400, "error": "A text or a number in it is none that can be stored.", "code": "bad_input"}
    where = _logged(error)
    if isinstance(error, _OVERLOADED):
        return {"status": 503, "error": "The database is overloaded: send this again in a few seconds.", "code": "busy"}
    return {"status": 500, "error": f"Something went wrong in the gateway. {where}", "code": "internal"}


class Now:
    """One line in the log a minute while something lasts, and not one a request."""

    def __init__(self, sentence: str) -> None:
        self._sentence, self._said = sentence, -math.inf

    def say(self) -> None:
        now = time.monotonic()
        if now - self._said >= 60:
            self._said = now
            log.error(self._sentence)


FULL = Now("the disk with the data directory is full: what writes is refused")
GONE = Now("the database or the store of sessions does not answer: what needs it is refused")


def _logged(error: Exception) -> str:
    """Write it to the log; the sentence that says where it is to be found."""
    incident = uuid.uuid4().hex[:12]
    log.error("incident %s", incident, exc_info=error)
    return f"The gateway's log has more under the id {incident}."

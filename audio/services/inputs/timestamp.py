"""When what is sent was taken: ISO 8601. Where it is not given it is the time at which the request came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from dateutil.parser import isoparse

from audio.errors import BadInput
from audio.services.inputs.declaration import Schema, declare, describe


@dataclass(frozen=True)
class Moment:
    """A point in time: `text` as it was sent, `seconds` of Unix time (UTC where the text has no offset)."""

    text: str
    seconds: float


@dataclass(frozen=True)
class Timestamp:
    about: str

    def read(self, name: str, value: object) -> Moment:
        wanted = f"'{name}' must be a time such as 2026-11-28T16:20:41.120Z; {describe(value)} came."
        if not isinstance(value, str) or len(value) > 64:
            raise BadInput(wanted, field=name)
        try:
            moment = isoparse(value)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
            return Moment(value, moment.timestamp())
        except (ValueError, OverflowError) as exc:
            raise BadInput(wanted, field=name) from exc

    @staticmethod
    def of(seconds: float) -> Moment:
        """The moment at which a request came, in Unix time."""
        text = datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="milliseconds")
        return Moment(text, seconds)

    def schema(self) -> Schema:
        return {
            "type": "string",
            "format": "date-time",
            "description": f"{self.about} ISO 8601; UTC where it has no offset; without it, the time of arrival.",
        }


def timestamp(*, about: str) -> Any:
    """A field that holds a Moment; without a value, the moment at which the request came."""
    return declare(Timestamp(about), None)

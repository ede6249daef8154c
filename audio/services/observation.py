"""What an answer says of the world beyond its job: what happened, and what adds up over time.

A service may have `observe`, a pure function of an answer and a small memory that the session keeps. The engine makes
stored events and sums of it; the service knows neither clock nor database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Memory = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """Where a chunk lies in its session. start, length: in seconds. rate: frames a second."""

    start: float
    length: float
    rate: float


@dataclass(frozen=True)
class Happening:
    """Something that happened. at: seconds since the session began. data: what is told of it, plain values.

    opens, closes: the name of what begins or ends with it; end: the type of the end of what it opens. Every beginning
    gets its end, whatever becomes of the session.
    """

    type: str
    at: float
    data: Mapping[str, Any] = field(default_factory=dict)
    opens: str = ""
    closes: str = ""
    end: str = ""


@dataclass(frozen=True)
class Lasting:
    """Something that goes on after a chunk. type, end: the types of the events at its beginning and at its end.

    since, last: when it began and was last seen, in Unix time. data: what is told of it with its end, plain values.
    """

    type: str
    end: str
    since: float
    last: float
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Observed:
    """What one chunk told. voice: seconds of it. level: dBFS, where it is known. yaws: directions, in radians."""

    happenings: Sequence[Happening] = ()
    voice: float = 0.0
    level: float | None = None
    yaws: Sequence[float] = ()

"""One person, from appearance to disappearance.

What is kept is what the figures need, and nothing that could tell who it was: no picture, place, name or feature.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from audio.audience.observation import Observation
from audio.audience.stillness import GAP, Stillness

# Happiness is known of who looked at the camera for this long with a face that could be read, in s. Chosen.
READ = 1.0


@dataclass(frozen=True)
class Visit:
    """A visit so far. Times and durations in s of the session's clock.

    first, last: frames in which the person was seen. look: time looking. read: time looking with a known expression;
    happy: the sum of the happiness meanwhile, over `reads` frames. age, gender: as of the last frame; None: unknown.
    """

    first: float
    last: float
    stillness: Stillness = field(default_factory=Stillness)
    looking: bool = False
    look: float = 0.0
    reading: bool = False
    read: float = 0.0
    happy: float = 0.0
    reads: int = 0
    age: float | None = None
    gender: str | None = None

    @staticmethod
    def begin(seen: Observation) -> Visit:
        """The visit of who was seen for the first time."""
        return Visit(seen.time, seen.time).add(seen)

    def add(self, seen: Observation) -> Visit:
        """One more frame, in the order of time. What was so in the frame before counts until this one."""
        step = min(seen.time - self.last, GAP)
        known = seen.happiness is not None
        return replace(
            self,
            last=seen.time,
            stillness=self.stillness.add(seen),
            looking=seen.looking,
            look=self.look + step * self.looking,
            reading=known,
            read=self.read + step * self.reading,
            happy=self.happy + (seen.happiness or 0.0),
            reads=self.reads + known,
            age=seen.age,
            gender=seen.gender,
        )

    @property
    def row(self) -> Row:
        """What is stored of it."""
        return Row(
            first=self.first,
            last=self.last,
            seen=self.last - self.first,
            stop=self.stillness.longest,
            still_total=self.stillness.total,
            look=self.look,
            age=self.age,
            gender=self.gender,
            happiness=self.happy / self.reads if self.read >= READ - 1e-6 else None,
        )


@dataclass(frozen=True)
class Row:
    """What is stored of a visit, beside a random id and the stream's.

    first, last: times. seen: from the first to the last frame in which the person was seen. stop: the longest spell of
    standing still. still_total: the sum of all such spells of at least 1 s. look: time looking at the camera. All in s.
    age: years. gender: "female" or "male". happiness: mean while looking, 0 to 1. None: not known.
    """

    first: float
    last: float
    seen: float
    stop: float
    still_total: float
    look: float
    age: float | None = None
    gender: str | None = None
    happiness: float | None = None

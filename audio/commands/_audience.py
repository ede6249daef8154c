"""The audience's figures from the answers of scene_analysis, as the gateway makes them, without keeping anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from audio.audience.metrics import Sums, interested
from audio.audience.observation import Cone, observe
from audio.audience.visit import Row, Visit


class Audience:
    """sums: over the visits that have ended. here: how many people are there."""

    def __init__(self, cone: Cone) -> None:
        self.sums = Sums()
        self._cone = cone
        self._visits: dict[str, Visit] = {}

    @property
    def here(self) -> int:
        return len(self._visits)

    def add(self, time: float, answer: dict[str, Any]) -> Iterator[str]:
        """One answer, of a picture taken at `time` in s; what is to be told of it."""
        gone = [e["entity_id"] for e in answer["events"] if e["type"] == "disappearance"]
        for identity, entity in answer["entities"].items():
            seen = observe(time, entity, self._cone)
            if seen is None or identity in gone:
                continue
            known = self._visits.get(identity)
            self._visits[identity] = known.add(seen) if known else Visit.begin(seen)
            if known is None:
                yield f"somebody came; {self.here} here"
        for identity in gone:
            if identity in self._visits:
                yield f"{self._leave(identity)}; {self.here} here"

    def end(self) -> Iterator[str]:
        """Whoever is still there is counted as far as they were seen."""
        for identity in list(self._visits):
            yield self._leave(identity)

    def _leave(self, identity: str) -> str:
        row = self._visits.pop(identity).row
        self.sums += Sums.of(row)
        return _told(row)


def _told(row: Row) -> str:
    known = (row.gender, None if row.age is None else f"about {row.age:.0f}")
    who = "".join(f"{one}, " for one in known if one) or "somebody "
    stood = f"stood {row.still_total:.1f} s, looked {row.look:.1f} s"
    return f"{who}left after {row.seen:.1f} s: {stood}{' (interested)' if interested(row) else ''}"

"""How readily each kind of event is told: an object of numbers from 0 to 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from audio.errors import BadInput
from audio.services.inputs.declaration import Schema, declare, describe
from audio.services.inputs.number import Number

USUAL = 0.5


@dataclass(frozen=True)
class Sensitivity:
    about: str
    events: tuple[str, ...]

    def read(self, name: str, value: object) -> Mapping[str, float]:
        """One number for every event: what is not given is 0.5. Other names are left alone."""
        if not isinstance(value, dict):
            example = f'{{"{self.events[0]}": 0.7}}'
            raise BadInput(f"'{name}' must be an object such as {example}; {describe(value)} came.", field=name)
        one = Number(self.about, 0.0, 1.0, "")
        try:
            given = {event: one.read(f"{name}.{event}", value[event]) for event in self.events if event in value}
        except BadInput as exc:
            raise BadInput(exc.message, field=name) from exc
        return {**dict.fromkeys(self.events, USUAL), **given}

    def schema(self) -> Schema:
        one = {"type": "number", "minimum": 0, "maximum": 1, "default": USUAL}
        return {"type": "object", "properties": dict.fromkeys(self.events, one), "description": self.about}


def sensitivity(*, about: str, events: Sequence[str]) -> Any:
    """A field that holds a number for every event; None where it is not given."""
    return declare(Sensitivity(about, tuple(events)), None)

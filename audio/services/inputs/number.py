"""A number within bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from audio.errors import BadInput
from audio.services.inputs.declaration import MISSING, Schema, declare, describe


@dataclass(frozen=True)
class Number:
    about: str
    minimum: float
    maximum: float
    unit: str
    whole: bool = False

    def read(self, name: str, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadInput(f"'{name}' must be a {self._kind()} {self._range()}; {describe(value)} came.", field=name)
        if not self.minimum <= value <= self.maximum or (self.whole and value != int(value)):
            raise BadInput(f"'{name}' must be a {self._kind()} {self._range()}; {describe(value)} came.", field=name)
        return int(value) if self.whole else float(value)

    def schema(self) -> Schema:
        unit = f" In {self.unit}." if self.unit else ""
        return {
            "type": "integer" if self.whole else "number",
            "minimum": self.minimum,
            "maximum": self.maximum,
            "description": f"{self.about}{unit}",
        }

    def _kind(self) -> str:
        return "whole number" if self.whole else "number"

    def _range(self) -> str:
        return f"from {self.minimum:g} to {self.maximum:g}{' ' + self.unit if self.unit else ''}"


def number(
    default: Any = MISSING, *, about: str, minimum: float, maximum: float, unit: str = "", whole: bool = False
) -> Any:
    """A field that holds a float, or an int where only whole numbers are taken.

    Required where no default is given; a default of None makes it optional.
    """
    return declare(Number(about, minimum, maximum, unit, whole), default)

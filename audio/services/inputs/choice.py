"""One of some strings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from audio.errors import BadInput
from audio.services.inputs.declaration import MISSING, Schema, declare, describe


@dataclass(frozen=True)
class Choice:
    about: str
    choices: tuple[str, ...]

    def read(self, name: str, value: object) -> str:
        if not isinstance(value, str) or value not in self.choices:
            raise BadInput(f"'{name}' must be one of {', '.join(self.choices)}; {describe(value)} came.", field=name)
        return value

    def schema(self) -> Schema:
        return {"type": "string", "enum": list(self.choices), "description": self.about}


def choice(default: Any = MISSING, *, about: str, choices: Sequence[str]) -> Any:
    """A field that holds one of some strings. Required where no default is given."""
    return declare(Choice(about, tuple(choices)), default)

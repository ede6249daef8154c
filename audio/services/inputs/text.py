"""A text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from audio.errors import BadInput
from audio.services.inputs.declaration import MISSING, Schema, declare, describe


@dataclass(frozen=True)
class Text:
    about: str
    max_length: int | None

    def read(self, name: str, value: object) -> str:
        if not isinstance(value, str):
            raise BadInput(f"'{name}' must be a text; {describe(value)} came.", field=name)
        if self.max_length is not None and len(value) > self.max_length:
            raise BadInput(f"'{name}' must have at most {self.max_length} characters; {len(value)} came.", field=name)
        try:
            value.encode()
        except UnicodeEncodeError as exc:
            raise BadInput(f"'{name}' holds half of a surrogate pair, which is no character.", field=name) from exc
        return value

    def schema(self) -> Schema:
        bound = {} if self.max_length is None else {"maxLength": self.max_length}
        return {"type": "string", **bound, "description": self.about}


def text(default: Any = MISSING, *, about: str, max_length: int | None = None) -> Any:
    """A field that holds a str. Required where no default is given; a default of None makes it optional."""
    return declare(Text(about, max_length), default)

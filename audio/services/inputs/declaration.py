"""What every kind of input is, and how a dataclass declares one."""

from __future__ import annotations

import dataclasses
from typing import Any, Protocol

Schema = dict[str, Any]

MISSING = dataclasses.MISSING


class Attachment(Protocol):
    """Bytes that came with a request, as a part of it or as a blob."""

    @property
    def data(self) -> bytes | memoryview: ...


class Declaration(Protocol):
    """One input: how it is read from JSON, and how it is described."""

    @property
    def about(self) -> str: ...

    def read(self, name: str, value: object) -> Any:
        """The typed value. Raises BadInput with a sentence that says what came and what is wanted."""

    def schema(self) -> Schema:
        """The JSON Schema (2020-12) of the value."""


def declare(declaration: Declaration, default: Any = MISSING) -> Any:
    """A field of a dataclass of inputs. Required where no default is given; a default of None makes it optional."""
    return dataclasses.field(default=default, metadata={"input": declaration})


def or_null(schema: Schema) -> Schema:
    """The same, where null is as if nothing were given."""
    told: Schema = {name: schema[name] for name in ("description", "default") if name in schema}
    return {**told, "anyOf": [{k: v for k, v in schema.items() if k not in told}, {"type": "null"}]}


def describe(value: object) -> str:
    """What came, for an error message: short, whatever it is."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'the text "{value[:40]}{"..." if len(value) > 40 else ""}"'
    if isinstance(value, int | float):
        return "a number too large" if abs(value) > 1e300 else f"{value:g}"
    if isinstance(value, list):
        return "a list"
    return "an object" if isinstance(value, dict) else "a file"

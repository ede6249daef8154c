"""The protocol of the kinds that are files: bytes become a value, and that may have a clock.

A kind is a subclass of FileInput. All that the rest of the house asks of a file it asks here: gateway, OpenAPI, docs
page, client, commands and contract tests know this protocol and no kind of it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from audio.errors import BadInput
from audio.services.inputs.declaration import Schema, describe


@dataclass(frozen=True)
class Gap:
    """What was lost before a chunk: `length` in the units of the clock, the same in seconds, and what was going on."""

    length: int
    seconds: float
    identity: Mapping[str, int]


class Clock(Protocol):
    """How a value of this kind moves the time of its session. Places in a session are whole numbers of `unit`."""

    unit: str

    def length(self, value: Any) -> int:
        """How far this value takes the clock."""

    def identity(self, value: Any) -> dict[str, int]:
        """What stays the same throughout a session, by name."""

    def describe(self, identity: Mapping[str, int]) -> str:
        """That in words, for an error message."""

    def seconds(self, length: int, identity: Mapping[str, int]) -> float:
        """A length of time in seconds."""


@dataclass(frozen=True)
class FileInput(ABC):
    """A file among the inputs.

    noun: what it is, with its article. media_type: of its bytes. suffix: of such a file's name. clock: None where a
    session of such files has no time of its own.
    """

    about: str

    noun: ClassVar[str]
    media_type: ClassVar[str]
    suffix: ClassVar[str]
    clock: ClassVar[Clock | None] = None

    @property
    @abstractmethod
    def wanted(self) -> str:
        """The formats that are taken, in words: WAV, PCM of 16 bit, mono."""

    @abstractmethod
    def decode(self, name: str, data: bytes | memoryview) -> Any:
        """Bytes to a value. Raises BadInput, which names the field."""

    @abstractmethod
    def facts(self) -> dict[str, Any]:
        """What a client must know to make such a file."""

    def read(self, name: str, value: object) -> Any:
        data = getattr(value, "data", None)
        if data is None:
            raise BadInput(
                f"'{name}' must be {self.noun}: send {self.wanted} as a multipart part named attachment://ANYTHING and "
                f"put that name here, or put the URL of a blob of this gateway here; {describe(value)} came.",
                field=name,
            )
        return self.decode(name, data)

    def schema(self) -> Schema:
        where = "attachment://NAME of a part of this request, or the URL of a blob of this gateway"
        return {"type": "string", "format": "uri", "description": f"{self.about} It is {self.wanted}: {where}."}

    def description(self) -> dict[str, Any]:
        """What the description of a service says of this file."""
        clock = {} if self.clock is None else {"clock": self.clock.unit}
        return {"media_type": self.media_type, "suffix": self.suffix, **clock, **self.facts()}

    def curl(self, name: str) -> str:
        """The arguments with which curl sends it."""
        return f"-F 'attachment://{name}=@{name}{self.suffix};type={self.media_type}'"

"""The contract of a service.

A service is one pure function, `compute(inputs, state) -> (output, state)`, and the declaration of what it takes and
answers. The declaration is a frozen dataclass whose fields are made by `sound`, `number`, `text` and `choice`: it
validates requests, gives the JSON Schemas of the description and of OpenAPI, and types the code, all in one.

State is a value. None: there is no session; the sound stands alone, with nothing before or after it. {}: the first
chunk of a session. Else: what the last compute of this session returned. It holds None, bool, int, float, str, bytes,
list, dict and numpy arrays, is small, and is never changed in place: any process can take the next chunk.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any, Protocol

from audio import wav
from audio.errors import BadInput, UnsupportedFormat
from audio.pcm import Pcm

State = dict[str, Any]
Output = dict[str, Any]
Schema = dict[str, Any]

MISSING = dataclasses.MISSING


class Plain(str):
    """A string of an output in which JSON has nothing to escape, such as base64: it is large, and taken as it is."""

    __slots__ = ()


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


@dataclass(frozen=True)
class Sound:
    about: str
    channels: int | None
    minimum_rate: int
    maximum_rate: int

    def read(self, name: str, value: object) -> Pcm:
        data = getattr(value, "data", None)
        if data is None:
            raise BadInput(
                f"'{name}' must be a sound: send {wav.WANTED} as a multipart part named attachment://ANYTHING and put "
                f"that name here, or put the URL of a blob of this gateway here; {describe(value)} came.",
                field=name,
            )
        pcm = wav.decode(data, field=name)
        if self.channels is not None and pcm.channels != self.channels:
            raise UnsupportedFormat(
                f"'{name}' must be {_channels(self.channels)}; {_channels(pcm.channels)} came.", field=name
            )
        if not self.minimum_rate <= pcm.rate <= self.maximum_rate:
            raise UnsupportedFormat(
                f"'{name}' must have a rate from {self.minimum_rate} to {self.maximum_rate} Hz; {pcm.rate} Hz came.",
                field=name,
            )
        return pcm

    def schema(self) -> Schema:
        wanted = "" if self.channels is None else f", {_channels(self.channels)}"
        kind = f"{wav.WANTED}{wanted}, {self.minimum_rate} to {self.maximum_rate} Hz"
        where = "attachment://NAME of a part of this request, or the URL of a blob of this gateway"
        return {"type": "string", "format": "uri", "description": f"{self.about} It is {kind}: {where}."}


@dataclass(frozen=True)
class Number:
    about: str
    minimum: float
    maximum: float
    unit: str

    def read(self, name: str, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadInput(f"'{name}' must be a number {self._range()}; {describe(value)} came.", field=name)
        if not self.minimum <= value <= self.maximum:
            raise BadInput(f"'{name}' must be a number {self._range()}; {describe(value)} came.", field=name)
        return float(value)

    def schema(self) -> Schema:
        unit = f" In {self.unit}." if self.unit else ""
        return {
            "type": "number",
            "minimum": self.minimum,
            "maximum": self.maximum,
            "description": f"{self.about}{unit}",
        }

    def _range(self) -> str:
        return f"from {self.minimum:g} to {self.maximum:g}{' ' + self.unit if self.unit else ''}"


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


def sound(*, about: str, channels: int | None = None, minimum_rate: int = 8000, maximum_rate: int = 192_000) -> Any:
    """A required field that holds a Pcm. `channels` None: any number."""
    return _field(Sound(about, channels, minimum_rate, maximum_rate), MISSING)


def number(default: Any = MISSING, *, about: str, minimum: float, maximum: float, unit: str = "") -> Any:
    """A field that holds a float. Required where no default is given; a default of None makes it optional."""
    return _field(Number(about, minimum, maximum, unit), default)


def text(default: Any = MISSING, *, about: str, max_length: int | None = None) -> Any:
    """A field that holds a str. Required where no default is given; a default of None makes it optional."""
    return _field(Text(about, max_length), default)


def choice(default: Any = MISSING, *, about: str, choices: Sequence[str]) -> Any:
    """A field that holds one of some strings. Required where no default is given."""
    return _field(Choice(about, tuple(choices)), default)


def _field(declaration: Declaration, default: Any) -> Any:
    return field(default=default, metadata={"input": declaration})


@dataclass(frozen=True, kw_only=True)
class Service:
    """One service at one version.

    inputs: a frozen dataclass of fields made by `sound`, `number`, `text`, `choice`.
    outputs: JSON Schemas of the fields that it answers, by name.
    compute: (inputs, state) -> (output, state), pure. Raises BadInput; the output is plain, finite JSON.
    skip: (state, frames, rate) -> state: `frames` frames were lost before the next chunk. None: the service does not
        mind. example: inputs and the answer they get, as JSON. requires: modules without which it is not offered.
    prepare: loads what the first request would wait for; called once in each process that serves. None: nothing.
    """

    name: str
    version: int
    description: str
    inputs: type[Any]
    outputs: Mapping[str, Schema]
    compute: Callable[[Any, State | None], tuple[Output, State | None]]
    example: tuple[Mapping[str, Any], Mapping[str, Any]]
    skip: Callable[[State, int, int], State] | None = None
    requires: tuple[str, ...] = ()
    prepare: Callable[[], object] | None = None

    @property
    def declarations(self) -> dict[str, Declaration]:
        return {f.name: f.metadata["input"] for f in dataclasses.fields(self.inputs)}

    def read(self, values: Mapping[str, object]) -> Any:
        """Typed inputs from JSON values and Attachments. Unknown names are left alone, as old clients send some."""
        given: dict[str, Any] = {}
        for f in dataclasses.fields(self.inputs):
            value = values.get(f.name)
            if value is not None:
                given[f.name] = f.metadata["input"].read(f.name, value)
            elif f.default is MISSING:
                raise BadInput(f"'{f.name}' is missing. {f.metadata['input'].about}", field=f.name)
        return self.inputs(**given)

    def input_schema(self) -> Schema:
        properties: Schema = {}
        required = []
        for f in dataclasses.fields(self.inputs):
            properties[f.name] = f.metadata["input"].schema()
            if f.default is MISSING:
                required.append(f.name)
            elif f.default is not None:
                properties[f.name]["default"] = f.default
        return {"type": "object", "properties": properties, "required": required}

    def output_schema(self) -> Schema:
        return {"type": "object", "properties": dict(self.outputs), "required": list(self.outputs)}

    def sound_of(self, inputs: Any) -> Pcm | None:
        """The sound among the inputs, which a session's clock runs on; None where the service takes none."""
        values = (getattr(inputs, f.name) for f in dataclasses.fields(inputs))
        return next((v for v in values if isinstance(v, Pcm)), None)

    def missing(self) -> list[str]:
        """The required modules that are not installed."""
        return [name for name in self.requires if find_spec(name) is None]


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


def _channels(count: int) -> str:
    return {1: "mono", 2: "stereo"}.get(count, f"{count} channels")

"""The contract of a service.

A service is one pure function, `compute(inputs, state) -> (output, state)`, and the declaration of what it takes and
answers. The declaration is a frozen dataclass whose fields are made by the functions of `audio.services.inputs`, one
for each kind of input.

State is a value. None: there is no session; what came stands alone, with nothing before or after it. {}: the first
chunk of a session. Else: what the last compute of this session returned. It holds None, bool, int, float, str, bytes,
list, dict and numpy arrays, is small, and is never changed in place: any process can take the next chunk.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from typing import Any

from audio.audience.visit import Row
from audio.errors import BadInput
from audio.services.inputs import MISSING, Clock, Declaration, FileInput, Gap, Schema, Timestamp
from audio.services.observation import Lasting, Memory, Observed, Place
from audio.services.resources import Resource

State = dict[str, Any]
Output = dict[str, Any]


@dataclass(frozen=True)
class Timed:
    """The input on whose clock a session runs."""

    name: str
    clock: Clock


@dataclass(frozen=True, kw_only=True)
class Service:
    """One service at one version.

    inputs: a frozen dataclass of fields made by the functions of `audio.services.inputs`.
    outputs: JSON Schemas of the fields that it answers, by name. sometimes: those that not every answer has.
    compute: (inputs, state) -> (output, state), pure. Raises BadInput; the output is plain, finite JSON.
    skip: (state, gap) -> state: what the gap says was lost before the next chunk. None: the service does not mind.
    example: inputs and the answer they get, as JSON. requires: modules without which it is not offered. extra: the
        extra of this package that installs them.
    observe: (output, place, memory) -> (observed, memory): what a chunk of a session tells of the world, for events and
        sums; the memory is {} at first, plain and small. None: nothing.
    stored_by_default: whether that is stored where a job does not say.
    lasting: in place of `observe`, what goes on after a job of a session, by names of its own, from the state: what is
        new there has begun, and what is there no more has ended. None: nothing.
    visits: the rows of visits, by their ids, that the state after a job of a session holds: they are stored in the
        transaction of the job, if anything is. None: the service knows of no people.
    resources: URLs that it brings itself, beside its jobs.
    inline_seconds: up to how many seconds of stream its compute is so short (a few ms) that the server does it at once,
        between reading two requests. 0: never.
    check: raises AudioError where it cannot be offered though its modules are there; called as the gateway starts.
        None: it always can.
    prepare: loads what the first request would wait for; called once in each process that serves. None: nothing.
    """

    name: str
    version: int
    description: str
    inputs: type[Any]
    outputs: Mapping[str, Schema]
    compute: Callable[[Any, State | None], tuple[Output, State | None]]
    example: tuple[Mapping[str, Any], Mapping[str, Any]]
    skip: Callable[[State, Gap], State] | None = None
    requires: tuple[str, ...] = ()
    sometimes: frozenset[str] = frozenset()
    extra: str = "server"
    observe: Callable[[Output, Place, Memory], tuple[Observed, Memory]] | None = None
    lasting: Callable[[State], Mapping[str, Lasting]] | None = None
    stored_by_default: bool = True
    visits: Callable[[State], Mapping[str, Row]] | None = None
    resources: tuple[Resource, ...] = ()
    check: Callable[[], object] | None = None
    prepare: Callable[[], object] | None = None
    inline_seconds: float = 0.0

    @cached_property
    def _fields(self) -> tuple[dataclasses.Field[Any], ...]:
        return dataclasses.fields(self.inputs)

    @cached_property
    def declarations(self) -> dict[str, Declaration]:
        return {f.name: f.metadata["input"] for f in self._fields}

    @cached_property
    def files(self) -> dict[str, FileInput]:
        """Those of the inputs that are files, by name."""
        return {name: d for name, d in self.declarations.items() if isinstance(d, FileInput)}

    @cached_property
    def timed(self) -> Timed | None:
        """The first file with a clock; None where a session of this service has no time of its own."""
        return next((Timed(name, file.clock) for name, file in self.files.items() if file.clock is not None), None)

    def read(self, values: Mapping[str, object], received: float | None = None) -> Any:
        """Typed inputs from JSON values and Attachments. Unknown names are left alone, as old clients send some.

        received: when the request came, in Unix time, for a timestamp that is not given.
        """
        given: dict[str, Any] = {}
        for f in self._fields:
            value, declaration = values.get(f.name), f.metadata["input"]
            if value is not None:
                given[f.name] = declaration.read(f.name, value)
            elif f.default is MISSING:
                raise BadInput(f"'{f.name}' is missing. {declaration.about}", field=f.name)
            elif isinstance(declaration, Timestamp) and received is not None:
                given[f.name] = declaration.of(received)
        return self.inputs(**given)

    def input_schema(self) -> Schema:
        properties: Schema = {}
        required = []
        for f in self._fields:
            properties[f.name] = f.metadata["input"].schema()
            if f.default is MISSING:
                required.append(f.name)
            elif f.default is not None:
                properties[f.name]["default"] = f.default
        return {"type": "object", "properties": properties, "required": required}

    def output_schema(self) -> Schema:
        return {"type": "object", "properties": dict(self.outputs), "required": self.always}

    @property
    def always(self) -> list[str]:
        """The outputs that every answer has."""
        return [name for name in self.outputs if name not in self.sometimes]

    def missing(self) -> list[str]:
        """The required modules that are not installed."""
        return [name for name in self.requires if find_spec(name) is None]

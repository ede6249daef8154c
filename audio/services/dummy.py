"""Gives back what it is given: the smallest service, to check a connection with, and the pattern for the next one."""

from __future__ import annotations

import math
from dataclasses import dataclass

from audio.services.base import Output, Service, State
from audio.services.inputs import text


@dataclass(frozen=True)
class Inputs:
    echo: str = text("echo", about="The text to give back.")


def compute(inputs: Inputs, state: State | None) -> tuple[Output, State | None]:
    return {"echo": inputs.echo}, state


SERVICE = Service(
    name="dummy",
    version=1,
    description="Gives back the text that it is given. Use it to check that a connection works.",
    inputs=Inputs,
    outputs={"echo": {"type": "string", "description": "The text that was given, or 'echo' where none was."}},
    compute=compute,
    example=({"echo": "Hello world!"}, {"echo": "Hello world!"}),
    inline_seconds=math.inf,
)

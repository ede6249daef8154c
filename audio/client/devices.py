"""Input devices: what is known of them, and which one is meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from audio.errors import AudioError

SMALLEST_BLOCK, LONGEST_BLOCK = 128, 0.045  # of one callback: frames, and seconds


class MicrophoneError(AudioError):
    """There is no such microphone, or it cannot be opened."""

    code = "microphone"


@dataclass(frozen=True)
class Device:
    """An input device. channels: how many it has. rate: its own, in Hz. default: whether it is the system's choice."""

    index: int
    name: str
    channels: int
    rate: int
    default: bool


def find(inputs: Sequence[Device], wanted: int | str | None) -> Device:
    """The device of an index, a name, or a part of a name in any case; None: the default one."""
    if wanted is None:
        return _one([d for d in inputs if d.default], inputs, "No device is the default one: name one by its index.")
    if isinstance(wanted, int) or wanted.isdecimal():
        return _one([d for d in inputs if d.index == int(wanted)], inputs, f"There is no input device {wanted}.")
    exact = [d for d in inputs if d.name == wanted]
    part = [d for d in inputs if wanted.lower() in d.name.lower()]
    if len(exact or part) > 1:
        names = ", ".join(f"{d.index} ({d.name})" for d in exact or part)
        raise MicrophoneError(f"'{wanted}' fits more than one input device: {names}. Give the index.")
    return _one(exact or part, inputs, f"No input device has '{wanted}' in its name.")


def block_of(chunk: int, rate: int) -> int:
    """Frames a callback: within bounds, as many as go evenly into a chunk, which then waits for no part of one."""
    most = round(LONGEST_BLOCK * rate)
    return max((n for n in range(SMALLEST_BLOCK, most + 1) if chunk % n == 0), default=most)


def _one(fitting: Sequence[Device], inputs: Sequence[Device], complaint: str) -> Device:
    if fitting:
        return fitting[0]
    if not inputs:
        raise MicrophoneError("No input device was found. 'audio doctor' tells what to do.")
    there = "; ".join(f"{d.index} {d.name}" for d in inputs)
    raise MicrophoneError(f"{complaint} There is: {there}.")

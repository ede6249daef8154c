"""Speech part by part: the first sentence is heard while the others are made."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from itertools import islice
from typing import Any

from audio import wav
from audio.client.errors import BadReply
from audio.client.resources import Job
from audio.client.services import Service
from audio.pcm import Pcm

LARGEST = 64 * 2**20  # chosen: bytes of a WAV file, half an hour of speech
AHEAD = 2  # chosen: parts that are asked for before they are wanted; more would be lost where somebody stops


def sounds(service: Service, parameters: Mapping[str, Any]) -> Iterator[Pcm]:
    """The sounds of the parts of a text, in order, as they come; in a row they are the sound of the whole.

    Parameters
    ----------
    service
        text_to_speech; a gateway that knows no parts answers with the whole, as one.
    parameters
        Its inputs, `text` and `lang` at least; `format` must be wav.

    Raises
    ------
    GatewayError
        The gateway refuses the text, or a part of it.
    BadReply
        An answer holds no sound.
    """

    def ask(part: int) -> Future[Job]:
        return service.process_async({**parameters, "part": part})

    first = service.process({**parameters, "part": 0}).result
    later = iter(range(1, _count(first)))
    waiting = deque(map(ask, islice(later, AHEAD)))
    try:
        yield wav.decode(unpack(first))
        while waiting:
            result = waiting.popleft().result().result
            waiting.extend(map(ask, islice(later, 1)))
            yield wav.decode(unpack(result))
    finally:
        for future in waiting:
            future.cancel()


def unpack(result: Mapping[str, Any]) -> bytes:
    """The WAV file of an answer. Raises BadReply where there is none."""
    packed = result.get("sound")
    if not isinstance(packed, str):
        raise BadReply(
            "The gateway answered with no sound: is it a service that speaks, and a gateway of this version?"
        )
    return wav.unpack(packed, limit=LARGEST)


def _count(result: Mapping[str, Any]) -> int:
    parts = result.get("parts", 1)
    if not isinstance(parts, int):
        raise BadReply(
            "The gateway answered with 'parts' that is no number: has it, or a proxy before it, another version?"
        )
    return parts

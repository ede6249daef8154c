"""What the versions of text to speech share: their inputs, their answer, and the way from one to the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from audio.services import inputs, openai_speech
from audio.services.base import Output, Service, State
from audio.services.inputs import Schema
from audio.services.resources import Reply, Resource
from audio.speech.clean import MAX_LENGTH
from audio.speech.encode import FORMATS, TYPES
from audio.speech.engine import LANGUAGES
from audio.speech.speaker import MOST_PIECES, Request, Speaker

NAME = "text_to_speech"


@dataclass(frozen=True)
class Inputs:
    text: str = inputs.text(
        about="The text to speak. It is plain: markup in it is read as text.", max_length=MAX_LENGTH
    )
    lang: str = inputs.choice(about="The language of the text.", choices=LANGUAGES)
    voice: str | None = inputs.text(
        None, about="A name from the list of voices; none: the language's first.", max_length=40
    )
    rate: float = inputs.number(1.0, about="How fast to speak, as a factor: 1 is normal.", minimum=0.5, maximum=2.0)
    pitch: float = inputs.number(1.0, about="How high to speak, as a factor: 1 is normal.", minimum=0.5, maximum=2.0)
    volume: float = inputs.number(1.0, about="How loud to speak, as a factor: 1 is normal.", minimum=0.0, maximum=1.0)
    format: str = inputs.choice("wav", about="The format of the sound file.", choices=FORMATS)
    part: int | None = inputs.number(
        None,
        about=(
            "Speak only this part of the text, a sentence as a rule, from 0; none: all of it. The parts in a row are "
            "the sound of the whole: play one while the next is made."
        ),
        minimum=0,
        maximum=MOST_PIECES - 1,
        whole=True,
    )


OUTPUTS: dict[str, Schema] = {
    "sound": {"type": "string", "contentEncoding": "base64", "description": "The sound file: base64 of its zlib."},
    "format": {"type": "string", "enum": list(FORMATS), "description": "The format of the sound file."},
    "sample_rate": {"type": "integer", "description": "Its sampling rate in Hz."},
    "duration": {"type": "number", "description": "Its length in seconds."},
    "lang": {"type": "string", "enum": list(LANGUAGES), "description": "The language that is spoken."},
    "voice": {"type": "string", "description": "The voice that speaks."},
    "parts": {"type": "integer", "minimum": 1, "description": "How many parts the text has."},
}


def service(
    speaker: Speaker,
    *,
    version: int,
    description: str,
    sample_rate: int,
    requires: Sequence[str],
    models: Sequence[str],
    extra: str = "server",
    check: Callable[[], object] | None = None,
    engine: Callable[[str], str] | None = None,
) -> Service:
    """The service that speaks by this speaker. models: its names for OpenAI's clients.

    engine: the name of what speaks a language, where that is not one engine for all: the answer has it.
    """

    def compute(inputs: Inputs, state: State | None) -> tuple[Output, State | None]:
        how = (inputs.voice, inputs.rate, inputs.pitch, inputs.volume, inputs.format, inputs.part)
        speech = speaker.speak(Request(inputs.text, inputs.lang, *how))
        output = {
            "sound": speech.packed,
            "format": inputs.format,
            "sample_rate": speech.sample_rate,
            "duration": speech.duration,
            "lang": inputs.lang,
            "voice": speech.voice,
            "parts": speech.parts,
        }
        if engine:
            output["engine"] = engine(inputs.lang)
        return output, state

    outputs: dict[str, Schema] = dict(OUTPUTS)
    if engine:
        outputs["engine"] = {"type": "string", "description": "What speaks."}
    example = {"format": "wav", "sample_rate": sample_rate, "duration": 1.74, "lang": "en-US"}
    voices = tuple({"name": v.name, "lang": v.lang, "gender": v.gender} for v in speaker.voices())
    made = Service(
        name=NAME,
        version=version,
        description=description,
        inputs=Inputs,
        outputs=outputs,
        compute=compute,
        example=(
            {"text": "Hi guys, how are you today?", "lang": "en-US"},
            {
                "sound": "eAHsvQ...",
                **example,
                "voice": speaker.voice("en-US", None),
                "parts": 1,
                **({"engine": engine("en-US")} if engine else {}),
            },
        ),
        requires=tuple(requires),
        extra=extra,
        check=check,
    )
    by_openai = openai_speech.resource(made.input_schema(), voices, tuple(models), TYPES)
    return replace(made, resources=(_voices(voices), by_openai))


def _voices(voices: openai_speech.Voices) -> Resource:
    """The list of voices: those of a language together, its default first."""
    texts = {name: {"type": "string"} for name in ("name", "lang", "gender")}
    voice = {"type": "object", "properties": texts, "required": list(texts)}
    schema = {"type": "object", "properties": {"voices": {"type": "array", "items": voice}}}
    answer = {"description": "OK", "content": {"application/json": {"schema": schema}}}
    operation = {"summary": "List the voices", "responses": {"200": answer}}
    return Resource("GET", "voices", lambda _service, _values: Reply({"voices": list(voices)}), operation)

"""`POST /v1/audio/speech`, as OpenAI's clients send it, answered by the services that speak."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from audio import wav
from audio.errors import BadInput
from audio.services.base import Service
from audio.services.inputs import Schema, describe, or_null
from audio.services.resources import Reply, Resource

PATH = "/v1/audio/speech"
_LOW_VOICES = ("ash", "ballad", "cedar", "echo", "fable", "onyx", "verse")
_HIGH_VOICES = ("alloy", "coral", "marin", "nova", "sage", "shimmer")
_LANG = "en-US"

Voices = tuple[Mapping[str, str], ...]


def resource(inputs: Schema, voices: Voices, models: tuple[str, ...], media_types: Mapping[str, str]) -> Resource:
    """The resource of a service that speaks: its inputs, its voices, OpenAI's names for it, types of its formats."""

    def answer(service: Service, body: Mapping[str, Any]) -> Reply:
        with _in_their_words():
            output, _ = service.compute(service.read(translate(body, voices)), None)
        return Reply(wav.unpack(output["sound"]), media_types[output["format"]])

    return Resource("POST", PATH, answer, _operation(inputs, models, media_types), True, ("model", models))


def translate(body: Mapping[str, Any], voices: Voices) -> dict[str, Any]:
    """OpenAI's fields as inputs of a service with these voices.

    `voice` is one of OpenAI's names, one of ours, a language (de-DE), or both (de-DE-female). Raises BadInput, in terms
    of OpenAI's fields. `instructions` cannot be followed and are passed over, as models without them do.
    """
    if body.get("stream_format") not in (None, "audio"):
        raise BadInput("'stream_format' must be audio: events are not sent here.", field="stream_format")
    voice = body.get("voice")
    if not isinstance(voice, str):
        raise BadInput(f"'voice' must be the name of a voice; {describe(voice)} came.", field="voice")
    lang, name = (voice[:5], voice[6:]) if voice[2:3] == "-" else (_LANG, voice)
    return {
        "text": body.get("input"),
        "lang": lang,
        "voice": _voice(voices, lang, name),
        "rate": body.get("speed"),
        "format": "mp3" if body.get("response_format") is None else body["response_format"],
    }


def _voice(voices: Voices, lang: str, name: str) -> str | None:
    """The voice that is meant. One of OpenAI's is any of the same register, else the default."""
    if name in _LOW_VOICES or name in _HIGH_VOICES:
        gender = "male" if name in _LOW_VOICES else "female"
        return next((v["name"] for v in voices if v["lang"] == lang and v["gender"] == gender), None)
    return name or None


@contextmanager
def _in_their_words() -> Iterator[None]:
    """A refusal names the field by OpenAI's name."""
    names = {"text": "input", "rate": "speed", "format": "response_format", "lang": "voice"}
    try:
        yield
    except BadInput as exc:
        theirs = names.get(exc.field or "", exc.field)
        raise BadInput(exc.message.replace(f"'{exc.field}'", f"'{theirs}'"), field=theirs) from exc


def _operation(inputs: Schema, models: tuple[str, ...], media_types: Mapping[str, str]) -> Schema:
    properties = {
        "model": {"type": "string", "enum": list(models)},
        "input": inputs["properties"]["text"],
        "voice": {
            "type": "string",
            "description": "One of OpenAI's names, one of the list of voices, a language (de-DE), or both.",
        },
        "response_format": or_null({"type": "string", "enum": list(media_types), "default": "mp3"}),
        "speed": or_null(inputs["properties"]["rate"]),
        "stream_format": or_null({"type": "string", "enum": ["audio"]}),
    }
    schema = {"type": "object", "properties": properties, "required": ["model", "input", "voice"]}
    example = {"model": models[0], "voice": "alloy", "input": "Hello there.", "response_format": "wav"}
    return {
        "operationId": "openai_speech",
        "summary": "Speak, as OpenAI's clients ask for it; their API key is client_id:access_token",
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema, "example": example}}},
        "responses": {"200": {"description": "The file", "content": {kind: {} for kind in media_types.values()}}},
    }

"""Speech over HTTP beyond jobs: the list of voices, and `POST /v1/audio/speech` as OpenAI's clients send it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from audio import wav
from audio.engine.engine import Engine
from audio.errors import BadInput
from audio.gateway import inputs, presence
from audio.gateway.directory import service_of
from audio.gateway.errors import not_found
from audio.services import registry
from audio.services.inputs import describe
from audio.services.spoken import SpeechService

blueprint = Blueprint("speech", __name__)

_SERVICE = "text_to_speech"
MODELS = {"tts-1": 1, "tts-1-hd": 2, "gpt-4o-mini-tts": 2, "text_to_speech-1": 1, "text_to_speech-2": 2}
_LOW_VOICES = ("ash", "ballad", "cedar", "echo", "fable", "onyx", "verse")
_HIGH_VOICES = ("alloy", "coral", "marin", "nova", "sage", "shimmer")
_LANG = "en-US"


@blueprint.get("/services/<name>/<version>/voices")
def voices(name: str, version: str) -> Response:
    service = service_of(name, version)
    if not isinstance(service, SpeechService):
        raise not_found()
    return jsonify({"voices": [dict(voice) for voice in service.voices]})


@blueprint.post("/v1/audio/speech")
def speech() -> Response:
    body = inputs.read(request, lambda _: None)
    service, values = translate(body)
    engine: Engine = current_app.extensions["audio"]
    with engine.metrics.job(service), _in_their_words(), engine.runner.place(presence.check):
        output, _ = service.compute(service.read(values), None)
    return Response(wav.unpack(output["sound"]), content_type=service.media_types[output["format"]])


def translate(body: dict[str, Any]) -> tuple[SpeechService, dict[str, Any]]:
    """OpenAI's fields as ours: the service that is meant, and its inputs.

    `voice` is one of OpenAI's names, one of ours, a language (de-DE), or both (de-DE-female). Raises BadInput, in terms
    of OpenAI's fields. `instructions` cannot be followed and are passed over, as models without them do.
    """
    if body.get("stream_format") not in (None, "audio"):
        raise BadInput("'stream_format' must be audio: events are not sent here.", field="stream_format")
    voice = body.get("voice")
    if not isinstance(voice, str):
        raise BadInput(f"'voice' must be the name of a voice; {describe(voice)} came.", field="voice")
    lang, name = (voice[:5], voice[6:]) if voice[2:3] == "-" else (_LANG, voice)
    service = _service(body.get("model"))
    values = {
        "text": body.get("input"),
        "lang": lang,
        "voice": _voice(service, lang, name),
        "rate": body.get("speed"),
        "format": body.get("response_format") or "mp3",
    }
    return service, values


def _service(model: object) -> SpeechService:
    version = MODELS.get(model) if isinstance(model, str) else None
    service = registry.get(_SERVICE, version) if version else None
    if not isinstance(service, SpeechService):
        offered = [m for m, v in MODELS.items() if v in registry.versions(_SERVICE)]
        raise BadInput(f"'model' must be one of {', '.join(offered)}; {describe(model)} came.", field="model")
    return service


def _voice(service: SpeechService, lang: str, name: str) -> str | None:
    """The voice of this service that is meant. One of OpenAI's is any of the same register, else the default."""
    if name in _LOW_VOICES or name in _HIGH_VOICES:
        gender = "male" if name in _LOW_VOICES else "female"
        return next((v["name"] for v in service.voices if v["lang"] == lang and v["gender"] == gender), None)
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

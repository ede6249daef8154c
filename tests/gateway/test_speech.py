"""Speech over HTTP, as OpenAI's own client asks for it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import openapi_spec_validator
import pytest
import soundfile

from tests.conftest import RunningGateway

openai = pytest.importorskip("openai")


@pytest.fixture
def client(gateway: RunningGateway) -> Iterator[Any]:
    key = f"{gateway.client_id}:{gateway.access_token}"
    with openai.OpenAI(base_url=f"{gateway.url}/v1", api_key=key, max_retries=0) as client:
        yield client


@pytest.mark.parametrize(
    ("form", "kind"), [("mp3", "MP3"), ("opus", "OGG"), ("flac", "FLAC"), ("wav", "WAV"), ("ogg", "OGG")]
)
@pytest.mark.parametrize("model", ["tts-1", "tts-1-hd"])
def test_openai_gets_a_sound_file(client: Any, model: str, form: str, kind: str) -> None:
    answer = client.audio.speech.create(model=model, voice="alloy", input="Hello there.", response_format=form)
    info = soundfile.info(io.BytesIO(answer.content))
    assert info.format == kind
    assert 0.5 < info.duration < 2


def test_openai_gets_mp3_where_it_does_not_say(client: Any) -> None:
    answer = client.audio.speech.create(model="gpt-4o-mini-tts", voice="onyx", input="Hello.", instructions="Whisper.")
    assert answer.response.headers["Content-Type"] == "audio/mpeg"
    assert soundfile.info(io.BytesIO(answer.content)).format == "MP3"


def test_openai_gets_samples_as_they_come(client: Any) -> None:
    with client.audio.speech.with_streaming_response.create(
        model="tts-1", voice="nova", input="Hello there.", response_format="pcm"
    ) as answer:
        data = b"".join(answer.iter_bytes())
    assert 0.5 < len(data) / 2 / 24000 < 2


def test_voice_and_speed_matter(client: Any) -> None:
    def seconds(**values: Any) -> float:
        given = {"model": "tts-1", "voice": "male", "input": "One two three four five.", **values}
        return soundfile.info(io.BytesIO(client.audio.speech.create(response_format="wav", **given).content)).duration

    assert seconds(speed=2.0) < 0.7 * seconds()
    assert seconds(voice="de-DE") != seconds(voice="en-GB")
    assert seconds(voice="de-DE-male") == seconds(voice="de-DE")
    assert seconds(voice="onyx") == seconds(voice="male")


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("model", {"model": "whisper-1"}),
        ("input", {"input": ""}),
        ("input", {"input": "a" * 5001}),
        ("input", {"input": "a\0b"}),
        ("voice", {"voice": "nobody"}),
        ("voice", {"voice": "xx-YY"}),
        ("voice", {"voice": "de-DE-nobody"}),
        ("response_format", {"response_format": "aac"}),
        ("speed", {"speed": 4.0}),
        ("stream_format", {"stream_format": "sse"}),
    ],
)
def test_a_bad_field_is_refused_by_the_name_it_came_under(client: Any, field: str, values: dict[str, Any]) -> None:
    with pytest.raises(openai.BadRequestError) as refusal:
        client.audio.speech.create(**{"model": "tts-1", "voice": "alloy", "input": "Hello.", **values})
    body = refusal.value.response.json()
    assert (body["status"], body["field"]) == (400, field)
    assert f"'{field}'" in body["error"]


def test_a_wrong_token_is_refused(gateway: RunningGateway) -> None:
    for key in (f"{gateway.client_id}:wrong", "nonsense"):
        client = openai.OpenAI(base_url=f"{gateway.url}/v1", api_key=key, max_retries=0)
        with client, pytest.raises(openai.AuthenticationError):
            client.audio.speech.create(model="tts-1", voice="alloy", input="Hello.")


def test_voices_are_listed(gateway: RunningGateway) -> None:
    with gateway.http() as http:
        body = http.get(f"{gateway.url}/services/text_to_speech/2/voices").json()
        assert {"name": "female", "lang": "it-IT", "gender": "female"} in body["voices"]
        assert http.get(f"{gateway.url}/services/dummy/1/voices").status_code == 404
        assert http.get(f"{gateway.url}/services/text_to_speech/9/voices").status_code == 404


def test_a_job_speaks(gateway: RunningGateway) -> None:
    with gateway.http() as http:
        values = {"text": "Hi guys, how are you today?", "lang": "en-US", "async": False}
        answer = http.post(f"{gateway.url}/services/text_to_speech/1/jobs", json=values)
        assert (answer.status_code, answer.json()["status"]) == (201, 201)
        assert http.get(answer.json()["url"]).json()["sound"] == answer.json()["sound"]


def test_it_is_documented(gateway: RunningGateway) -> None:
    with gateway.http() as http:
        document = http.get(f"{gateway.url}/openapi.json").json()
    paths = document["paths"]
    assert "post" in paths["/v1/audio/speech"]
    assert "get" in paths["/services/text_to_speech/1/voices"]
    openapi_spec_validator.validate(document)

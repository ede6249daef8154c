from __future__ import annotations

import numpy as np
import pytest

from audio import wav
from audio.client import BadReply, connect, speech
from audio.pcm import Pcm
from tests.client.needs import needs
from tests.client.scripted import Answer, ScriptedServer, answer
from tests.conftest import RunningGateway

TEXT = "Good morning to all of you.\nPlease mind the gap at the doors. It is late in the evening, and it is dark."


@needs("text_to_speech")
@pytest.mark.parametrize("version", [1, 2])
def test_the_parts_in_a_row_are_the_whole(gateway: RunningGateway, version: int) -> None:
    with connect(gateway.url, client_id=gateway.client_id, access_token=gateway.access_token) as root:
        service = root.services.get_service("text_to_speech", version)
        parameters = {"text": TEXT, "lang": "en-GB"}
        parts = [sound.samples for sound in speech.sounds(service, parameters)]
        result = service.process(parameters).result
    assert len(parts) == result["parts"] == version + 1
    assert np.array_equal(np.concatenate(parts), wav.decode(speech.unpack(result)).samples)


def scripted(server: ScriptedServer, result: dict[str, object]) -> list[Answer]:
    return [
        answer(200, {"services": {"text_to_speech": {"url": "/t"}}}),
        answer(200, {"versions": {"1": {"url": "/t/1"}}}),
        answer(200, {"jobs": f"{server.url}/t/1/jobs"}),
        answer(201, {"url": "/j", "status": 201, **result}),
    ]


def test_a_gateway_that_knows_no_parts_answers_with_the_whole() -> None:
    sound = Pcm(np.arange(100, dtype=np.int16)[:, None], 8000)
    with ScriptedServer() as server:
        server.script = scripted(server, {"sound": wav.pack(wav.encode(sound))})
        with connect(server.url, client_id="a", access_token="b") as root:
            (only,) = speech.sounds(root.services.get_service("text_to_speech"), {"text": TEXT})
    assert np.array_equal(only.samples, sound.samples)


def test_what_no_gateway_answers_is_said() -> None:
    with ScriptedServer() as server:
        server.script = scripted(server, {"sound": "x", "parts": "many"})
        with connect(server.url, client_id="a", access_token="b") as root, pytest.raises(BadReply, match="'parts'"):
            list(speech.sounds(root.services.get_service("text_to_speech"), {"text": TEXT}))

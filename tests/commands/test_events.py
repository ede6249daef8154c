from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from audio import client
from audio.commands.events import line
from tests.commands.conftest import Run
from tests.conftest import FIXTURES, RunningGateway

pytestmark = pytest.mark.usefixtures("configured")


def test_what_was_heard_is_printed(audio: Run, configured: RunningGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    http = configured.new_stream()
    client_id, token = http.auth  # type: ignore[misc]
    monkeypatch.setenv("AUDIO_CLIENT_ID", str(client_id))
    monkeypatch.setenv("AUDIO_ACCESS_TOKEN", str(token))
    assert audio("events") == (0, "", "")
    assert audio("process", "sound_detection", FIXTURES / "sounds.wav", "--session")[0] == 0
    code, out, _ = audio("events", "--type", "sound_on,sound_off")
    assert (code, len(out.splitlines())) == (0, 12)
    assert "sound_on" in out.splitlines()[0]
    assert "duration" in out.splitlines()[1]
    found = [json.loads(text) for text in audio("events", "--json")[1].splitlines()]
    assert [e["type"] for e in found[:2]] == ["stream_online", "sound_on"]
    later = audio("events", "--json", "--after", found[4]["id"])[1]
    assert [json.loads(text) for text in later.splitlines()] == found[5:]
    code, _, err = audio("events", "--from", "yesterday")
    assert (code, "'from_date' must be a date" in err) == (1, True)


def test_following_begins_now_and_loses_nothing(configured: RunningGateway) -> None:
    http = configured.new_stream()
    client_id, token = http.auth  # type: ignore[misc]
    there = client.connect(configured.url, client_id=str(client_id), access_token=str(token))
    service = there.services.get_service("sound_detection")
    sound = Path(FIXTURES / "sounds.wav")
    service.process({"sound": sound}, session=service.create_session())
    before = list(there.events.read())
    came, done = [], threading.Event()

    def follow() -> None:
        for event in there.events.follow():
            came.append(event)
            if len(came) == 12:
                done.set()
                return

    reader = threading.Thread(target=follow, daemon=True)
    reader.start()
    # It may begin before or behind what comes now: behind all that was there it begins in any case.
    while not done.wait(0.05):
        if not came:
            service.process({"sound": sound}, session=service.create_session())
    reader.join(10)
    assert [e["type"] for e in came] == ["sound_on", "sound_off"] * 6
    assert int(came[0]["id"]) > int(before[-1]["id"])
    there.close()


def test_a_line_says_what_is_known() -> None:
    event = {"time": "2026-11-28T16:20:41.120Z", "type": "voice_off", "data": {"duration": 3.7, "reason": "idle"}}
    assert line(event).endswith("41.1  voice_off       duration 3.7 s, reason idle")

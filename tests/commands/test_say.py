from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from audio import wav
from audio.client import speech
from audio.commands import say
from audio.errors import AudioError
from audio.pcm import Pcm
from tests.client.needs import needs
from tests.client.scripted import Answer, ScriptedServer, answer
from tests.commands.conftest import Run
from tests.conftest import RunningGateway


@needs("text_to_speech")
@pytest.mark.usefixtures("configured")
def test_a_text_becomes_a_file(audio: Run) -> None:
    code, out, _ = audio("say", "Good evening.", "--lang", "en-GB", "--output", "evening.wav")
    sound = wav.decode(Path("evening.wav").read_bytes())
    assert code == 0
    assert sound.seconds > 0.3
    assert out == f"evening.wav: {sound.seconds:.2f} s at {sound.rate} Hz\n"


@needs("text_to_speech")
@pytest.mark.usefixtures("configured")
def test_a_language_that_is_not_spoken(audio: Run) -> None:
    code, _, err = audio("say", "Goeden avond.", "--lang", "nl-NL")
    assert code == 1
    assert "en-US" in err
    assert not Path("speech.wav").exists()


def speaking(server: ScriptedServer, sound: str | None) -> list[Answer]:
    """The answers of a gateway that says this, whatever it is asked to say."""
    return [
        answer(200, {"services": {"text_to_speech": {"url": "/t"}}}),
        answer(200, {"versions": {"1": {"url": "/t/1"}}}),
        answer(200, {"jobs": f"{server.url}/t/1/jobs"}),
        answer(201, {"url": "/j", "status": 201, "sound": sound}),
    ]


@pytest.mark.parametrize(
    ("sound", "complaint"),
    [
        (wav.pack(b"no sound"), "wanted is a WAV file"),
        ("no base64!", "base64"),
        (wav.pack(bytes(speech.LARGEST + 1)), "larger than"),
        (None, "no sound"),
    ],
)
def test_what_is_no_speech_is_not_written(audio: Run, sound: str | None, complaint: str) -> None:
    with ScriptedServer() as server:
        server.script = speaking(server, sound)
        code, _, err = audio("say", "x", "--url", server.url, "--client-id", "a", "--access-token", "b")
    assert code == 1
    assert complaint in err
    assert not Path("speech.wav").exists()


def test_speech_can_go_to_a_program() -> None:
    speech = wav.encode(Pcm(np.arange(100, dtype=np.int16)[:, None], 8000))
    with ScriptedServer() as server:
        server.script = speaking(server, wav.pack(speech))
        command = [sys.executable, "-m", "audio.cli", "say", "x", "--output", "-", "--url", server.url]
        ran = subprocess.run([*command, "--client-id", "a", "--access-token", "b"], capture_output=True, timeout=60)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, speech, b"")


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="cannot be written"):
        say.write(tmp_path / "none" / "speech.wav", b"x")


@needs("text_to_speech")
def test_text_from_stdin(audio: Run, configured: RunningGateway) -> None:
    assert audio("say", "-", "--output", "x.wav", stdin="Good night.\n")[0] == 0
    assert Path("x.wav").exists()

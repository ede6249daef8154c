"""The examples that hear and speak, on sound cards made of software."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.client.needs import needs
from tests.conftest import FIXTURES, RunningGateway
from tests.program import Program, clean_environment
from tests.scenes import bursts, from_angle
from tests.sound_system import VirtualMicrophone, loudspeaker, needs_alsa

EXAMPLES = FIXTURES.parent / "examples"
RATE = 44_100  # which ALSA's null device gives as its own


def start(name: str, gateway: RunningGateway, sound: dict[str, str], *arguments: str) -> Program:
    env = clean_environment(
        AUDIO_GATEWAY=gateway.url, AUDIO_CLIENT_ID=gateway.client_id, AUDIO_ACCESS_TOKEN=gateway.access_token
    )
    return Program([str(EXAMPLES / name), *arguments], {**env, **sound})


def run(name: str, gateway: RunningGateway, sound: dict[str, str], *arguments: str) -> list[str]:
    program = start(name, gateway, sound, *arguments)
    try:
        assert program.end() == 0, program.err
    finally:
        program.kill()
    return program.out


@pytest.mark.parametrize("name", ["sound_detection", "voice_detection", "sound_localization"])
def test_without_a_microphone_it_says_so(name: str, gateway: RunningGateway) -> None:
    metres = ["0.2"] if name == "sound_localization" else []
    program = start(f"microphone_{name}.py", gateway, {}, *metres, "no such device")
    try:
        assert program.end() == 1
    finally:
        program.kill()
    (line,) = program.err
    assert line.startswith(("No input device ", "There is no PyAudio"))
    assert program.out == []


@needs("sound_detection")
def test_sound_detection(tmp_path: Path, gateway: RunningGateway) -> None:
    needs_alsa()
    microphone = VirtualMicrophone(tmp_path, RATE, bursts(1.0, RATE))
    lines = run("microphone_sound_detection.py", gateway, microphone.sound, "testmic", "2")
    microphone.close()
    assert [line.split()[1] for line in lines] == ["sound_on", "sound_off"]
    assert all(re.fullmatch(r"\d\d:\d\d:\d\d \w+", line) for line in lines)


@needs("voice_detection")
def test_voice_detection(tmp_path: Path, gateway: RunningGateway) -> None:
    """No voice is in it: only that it runs to its end is shown here."""
    needs_alsa()
    microphone = VirtualMicrophone(tmp_path, RATE, bursts(0.5, RATE))
    assert run("microphone_voice_detection.py", gateway, microphone.sound, "testmic", "1") == []
    microphone.close()


@needs("sound_localization")
def test_sound_localization(tmp_path: Path, gateway: RunningGateway) -> None:
    needs_alsa()
    microphone = VirtualMicrophone(tmp_path, 48_000, from_angle(-20, 1.5, 0.14))
    lines = run("microphone_sound_localization.py", gateway, microphone.sound, "0.14", "testmic", "1.5")
    microphone.close()
    assert lines
    assert all(abs(int(line.split()[0]) + 20) <= 4 for line in lines)


@needs("text_to_speech")
@pytest.mark.skipif(shutil.which("aplay") is None, reason="aplay is not installed: apt-get install alsa-utils")
def test_text_to_speech(tmp_path: Path, gateway: RunningGateway) -> None:
    assert run("loudspeaker_text_to_speech.py", gateway, {"ALSA_CONFIG_PATH": loudspeaker(tmp_path)}, "Hello.") == []
    assert (tmp_path / "played.wav").stat().st_size > 10_000

"""Each example runs as its first lines say."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import cv2
import numpy as np
import pytest

from audio.events import signing, webhooks
from audio.stores.events import Event
from tests.client.needs import needs
from tests.client.scripted import closed_port
from tests.conftest import FIXTURES, RunningGateway

EXAMPLES = FIXTURES.parent / "examples"


def example(name: str, gateway: RunningGateway, directory: Path, *arguments: object) -> list[str]:
    """What an example prints, line by line."""
    ran = subprocess.run(
        [sys.executable, str(EXAMPLES / name), *map(str, arguments)],
        env={
            **os.environ,
            "AUDIO_GATEWAY": gateway.url,
            "AUDIO_CLIENT_ID": gateway.client_id,
            "AUDIO_ACCESS_TOKEN": gateway.access_token,
        },
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


@pytest.mark.parametrize("text", ["Hello world!", "Grüße"])
def test_dummy(gateway: RunningGateway, tmp_path: Path, text: str) -> None:
    assert example("dummy.py", gateway, tmp_path, text) == [text]


@pytest.mark.parametrize(
    "name", ["dummy", "sound_detection", "sound_localization", "text_to_speech", "voice_detection", "scene_analysis"]
)
def test_without_a_gateway_it_says_so(tmp_path: Path, name: str) -> None:
    ran = subprocess.run(
        [sys.executable, str(EXAMPLES / f"{name}.py")],
        env={
            **os.environ,
            "AUDIO_GATEWAY": f"http://127.0.0.1:{closed_port()}",
            "AUDIO_CLIENT_ID": "a",
            "AUDIO_ACCESS_TOKEN": "b",
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (ran.returncode, ran.stdout, len(ran.stderr.splitlines())) == (1, "", 1), ran.stderr


@needs("sound_detection")
def test_sound_detection(gateway: RunningGateway, tmp_path: Path) -> None:
    lines = example("sound_detection.py", gateway, tmp_path)
    middle = lines.index("Chunk by chunk:")
    whole, chunked = [
        [(float(line.split()[0]), line.split()[-1]) for line in part] for part in (lines[1:middle], lines[middle + 1 :])
    ]
    assert [kind for _, kind in whole[:4]] == ["sound_on", "sound_off"] * 2
    assert [kind for _, kind in chunked] == [kind for _, kind in whole[: len(chunked)]]
    assert [time for time, _ in chunked] == pytest.approx([time for time, _ in whole[: len(chunked)]], abs=0.002)


@needs("voice_detection")
def test_voice_detection(gateway: RunningGateway, tmp_path: Path) -> None:
    words = [line.split()[-1] for line in example("voice_detection.py", gateway, tmp_path)]
    assert words[0] == "SILENCE"
    assert {"ON", "VOICE", "OFF"} <= set(words)


@needs("sound_localization")
def test_sound_localization(gateway: RunningGateway, tmp_path: Path) -> None:
    lines = example("sound_localization.py", gateway, tmp_path)
    degrees = [float(line.split()[2]) for line in lines]
    assert median(degrees[:5]) > 30
    assert median(degrees[-5:]) < -30


@needs("text_to_speech")
def test_text_to_speech(gateway: RunningGateway, tmp_path: Path) -> None:
    (line,) = example("text_to_speech.py", gateway, tmp_path, "Good evening.", "en-GB", "evening.wav")
    assert line.startswith("evening.wav: ")
    assert (tmp_path / "evening.wav").read_bytes().startswith(b"RIFF")


def test_webhook_receiver(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """It takes what is signed, and nothing else."""
    pytest.importorskip("standardwebhooks")
    secret = signing.new_secret()
    monkeypatch.setenv("SECRET", secret)
    spec = importlib.util.spec_from_file_location("webhook_receiver", EXAMPLES / "webhook_receiver.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    body = webhooks.body_of(Event("c", "", "test", time.time(), {}, 7))
    headers = signing.headers([secret], "evt_7", time.time(), body)
    caller = module.app.test_client()
    assert caller.post("/hook", data=body, headers=headers).status_code == 204
    assert " test {}" in capsys.readouterr().out
    module.app.testing = False
    assert caller.post("/hook", data=body + b" ", headers=headers).status_code == 500


def test_scene_analysis(gateway: RunningGateway, tmp_path: Path) -> None:
    """Somebody stands there for two seconds, and is gone."""
    path = tmp_path / "somebody.avi"
    person = cv2.imread(str(FIXTURES / "astronaut.jpg"))[::2, ::2]
    height, width = person.shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 5, (width, height))
    for k in range(20):
        writer.write(person if k < 10 else np.full_like(person, 110))
    writer.release()
    printed = example("scene_analysis.py", gateway, tmp_path, path)
    kinds = [line.split()[2] for line in printed[:-1]]
    assert kinds[0] == "appearance:" and kinds[-1] == "disappearance:"
    assert printed[-1].startswith("0 pictures were lost")

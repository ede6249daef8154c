"""`audio demo` as it is run by hand: a real gateway, the real client, the real recordings."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import audio
from audio import image, wav
from audio.commands import _gateway, demo
from audio.commands._draw import LONGEST_LINE, Pen
from audio.errors import AudioError

DEMO = [sys.executable, "-m", "audio.cli", "demo"]


def environment(**more: str) -> dict[str, str]:
    """Ours, with settings that would do harm if they were followed."""
    nowhere = "http://127.0.0.1:1"
    return {**os.environ, "AUDIO_PORT": "1", "AUDIO_GATEWAY": nowhere, "http_proxy": nowhere, **more}


def listens(url: str) -> bool:
    address = urlsplit(url)
    with socket.socket() as probe:
        return probe.connect_ex((str(address.hostname), address.port or 0)) == 0


def test_it_shows_everything_and_ends_its_gateway(tmp_path: Path) -> None:
    command = [*DEMO, "--keep", str(tmp_path / "speech")]
    done = subprocess.run(command, capture_output=True, env=environment(PYTHONIOENCODING="ascii"), timeout=120)
    said = done.stdout.decode("ascii")
    assert done.returncode == 0, said + done.stderr.decode()
    assert done.stderr == b""
    assert "\x1b" not in said
    for directory in (demo._fixtures(), tmp_path):
        said = said.replace(str(directory), "directory")
    assert max(map(len, said.splitlines())) <= LONGEST_LINE
    for service in ("sound_detection", "voice_detection", "sound_localization", "text_to_speech", "scene_analysis"):
        assert service in said
    assert re.search(r"people who passed +2 +2\n +stopped and looked +1 +1\n", said)
    assert re.search(r"expression +happiness", said)
    drawn = image.decode((tmp_path / "speech" / "astronaut.png").read_bytes()).rgb
    assert (drawn != image.decode((demo._fixtures() / "astronaut.jpg").read_bytes()).rgb).any()
    for lang, _ in demo.SENTENCES:
        assert wav.decode((tmp_path / "speech" / f"{lang}.wav").read_bytes()).seconds > 0.5
    (url,) = re.findall(r"listens on (http://127\.0\.0\.1:\d+)", said)
    assert not listens(url)


def test_told_to_end_it_ends_its_gateway(tmp_path: Path) -> None:
    command = [*DEMO, "--keep", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment(), text=True) as running:
        assert running.stdout is not None
        url = next(m[1] for line in running.stdout if (m := re.search(r"listens on (http://[\w.:]+\w)", line)))
        assert listens(url)
        running.send_signal(signal.SIGTERM)
        assert running.wait(60) == 128 + signal.SIGTERM
    assert not listens(url)


def test_a_service_that_fails_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    def fails() -> list[str]:
        raise AudioError("It is out of order.")

    show = demo.Show(Pen())
    show.scene("Sounds", fails)
    show.scene("Voices", lambda: ["all is well"])
    show.end(Path("fixtures"))
    said = capsys.readouterr().out
    assert show.failures == ["Sounds"]
    assert "FAILED  It is out of order." in said
    assert "all is well" in said
    assert said.endswith("This failed: Sounds.\n")


def test_without_what_sees_a_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "_sees", lambda: False)
    lines = demo._picture(Pen(), None, Path("fixtures"), Path("keep"))  # type: ignore[arg-type]
    assert max(map(len, lines)) <= LONGEST_LINE and "[vision]" in lines[-1]


def test_without_the_recordings_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(audio, "__file__", str(tmp_path / "audio" / "__init__.py"))
    with pytest.raises(AudioError, match="make run"):
        demo._fixtures()


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(AudioError, match="cannot be made"):
        demo._directory(tmp_path / "file" / "speech")


def test_a_gateway_that_does_not_start_says_why(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; print('starting'); sys.exit('the disk is full')"]
    with (
        (tmp_path / "log").open("w+") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log) as child,
        pytest.raises(AudioError, match="did not start: the disk is full"),
    ):
        _gateway._url(child, log)


def test_a_gateway_that_will_not_end_is_killed() -> None:
    command = [sys.executable, "-c", "import signal; signal.signal(15, signal.SIG_IGN); print('ready'); input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        _gateway._end(child, patience=0.1)
        assert child.returncode == -signal.SIGKILL

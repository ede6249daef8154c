"""`audio say` from the loudspeaker, which is one of ALSA's that records."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.client.needs import needs
from tests.commands.conftest import Run
from tests.sound_system import loudspeaker

pytestmark = [needs("text_to_speech"), pytest.mark.usefixtures("configured")]


@pytest.mark.skipif(shutil.which("aplay") is None, reason="aplay is not installed: apt-get install alsa-utils")
def test_what_is_heard_is_what_would_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, audio: Run) -> None:
    monkeypatch.setenv("ALSA_CONFIG_PATH", loudspeaker(tmp_path))
    text = "Good evening to all of you. The shop is open until ten. Please come in!"
    assert audio("say", text, "--output", "evening.wav") == (0, audio_line("evening.wav"), "")
    assert audio("say", text) == (0, "", "")
    assert Path("evening.wav").read_bytes()[44:] in (tmp_path / "played.wav").read_bytes()


def audio_line(path: str) -> str:
    from audio import wav

    sound = wav.decode(Path(path).read_bytes())
    return f"{path}: {sound.seconds:.2f} s at {sound.rate} Hz\n"


def test_a_busy_device_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, audio: Run) -> None:
    (tmp_path / "aplay").write_text("#!/bin/sh\necho 'audio open error: Device or resource busy' >&2\nexit 1\n")
    (tmp_path / "aplay").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    code, out, err = audio("say", "Good evening.")
    assert (code, out) == (3, "")
    assert err == "audio: The sound device is busy: another program plays on it. Try again when that has ended.\n"


def test_another_player(audio: Run, tmp_path: Path) -> None:
    assert audio("say", "Good evening.", "--player", f"cp --target-directory={tmp_path}") == (0, "", "")
    assert (tmp_path / "sound.wav").read_bytes()[:4] == b"RIFF"
    code, _, err = audio("say", "Good evening.", "--player", "nonesuch")
    assert code == 3
    assert "no player 'nonesuch'" in err

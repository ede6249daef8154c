from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from audio import wav
from audio.client.player import Player, PlayerError
from audio.errors import DamagedSound, UnsupportedFormat
from audio.pcm import Pcm
from tests.sound_system import loudspeaker


def tone() -> Pcm:
    return Pcm((8000 * np.sin(np.arange(4000) * 0.2)).astype(np.int16)[:, None], 16_000)


def stub(directory: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """An aplay that does what the script says, before the real one on the path."""
    program = directory / "aplay"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(directory), prepend=":")


@pytest.mark.skipif(shutil.which("aplay") is None, reason="aplay is not installed: apt-get install alsa-utils")
@pytest.mark.parametrize("as_bytes", [False, True])
def test_the_loudspeaker_gets_the_very_samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_bytes: bool) -> None:
    monkeypatch.setenv("ALSA_CONFIG_PATH", loudspeaker(tmp_path))
    sound = tone()
    with Player() as player:
        player.play(wav.encode(sound) if as_bytes else sound)
    played = (tmp_path / "played.wav").read_bytes()
    assert sound.samples.tobytes() in played


@pytest.mark.skipif(shutil.which("aplay") is None, reason="aplay is not installed: apt-get install alsa-utils")
def test_no_device_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "alsa.conf").write_text("")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(tmp_path / "alsa.conf"))
    with pytest.raises(PlayerError, match="no sound device to play on"):
        Player().play(tone())


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("echo 'aplay: main:831: audio open error: Device or resource busy' >&2; exit 1", "The sound device is busy"),
        ("echo 'aplay: main:831: audio open error: Permission denied' >&2; exit 1", "usermod -aG audio"),
        ("echo 'a first line' >&2; echo 'out of luck' >&2; exit 1", "could not play the sound: out of luck"),
        ("exit 3", "it did not say why"),
    ],
)
def test_why_it_cannot_be_played_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, complaint: str
) -> None:
    stub(tmp_path, monkeypatch, script)
    with pytest.raises(PlayerError, match=complaint):
        Player().play(tone())


def test_no_player_is_said_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PlayerError, match="apt-get install -y alsa-utils"):
        Player().play(tone())
    with pytest.raises(PlayerError, match="no player 'ffplay'"):
        Player("ffplay -nodisp").play(tone())
    with pytest.raises(PlayerError, match="empty"):
        Player(" ")


@pytest.mark.parametrize(("data", "kind"), [(b"\x00" * 5000, UnsupportedFormat), (b"RIFF", UnsupportedFormat)])
def test_what_is_no_wav_file_never_reaches_the_player(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes, kind: type[Exception]
) -> None:
    stub(tmp_path, monkeypatch, f"touch {tmp_path}/was_run")
    with pytest.raises(kind):
        Player().play(data)
    with pytest.raises(DamagedSound):
        Player().play(wav.encode(tone())[:100])
    assert not (tmp_path / "was_run").exists()


def test_another_player_gets_a_wav_file_as_its_last_argument(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub(tmp_path, monkeypatch, f'shift; cp "$1" {tmp_path}/copy.wav')
    Player("aplay --option").play(tone())
    assert (tmp_path / "copy.wav").read_bytes() == wav.encode(tone())


def test_leaving_silences_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub(tmp_path, monkeypatch, f"touch {tmp_path}/plays; exec tail -f /dev/null")
    raised: list[PlayerError] = []

    def play(player: Player) -> None:
        try:
            player.play(tone())
        except PlayerError as exc:
            raised.append(exc)

    with Player() as player:
        thread = threading.Thread(target=play, args=(player,))
        thread.start()
        tick = threading.Event()
        while not (tmp_path / "plays").exists():
            assert thread.is_alive()
            tick.wait(0.01)
    thread.join(10)
    assert not thread.is_alive()
    assert raised


@pytest.mark.skipif(shutil.which("aplay") is None, reason="aplay is not installed: apt-get install alsa-utils")
def test_sounds_in_a_row_have_nothing_between_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALSA_CONFIG_PATH", loudspeaker(tmp_path))
    sounds = [tone(), Pcm(tone().samples[::-1], 16_000), tone()]
    with Player() as player:
        player.play_in_a_row(iter(sounds))
    played = (tmp_path / "played.wav").read_bytes()
    assert b"".join(sound.samples.tobytes() for sound in sounds) in played


def test_the_first_sound_is_out_before_the_second_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub(tmp_path, monkeypatch, f'echo "$@" > {tmp_path}/arguments; exec cat > {tmp_path}/heard')
    heard, tick = tmp_path / "heard", threading.Event()
    first = tone().samples.tobytes()

    def sounds() -> Iterator[Pcm]:
        yield tone()
        for _ in range(1000):
            if heard.exists() and heard.read_bytes() == first:
                break
            tick.wait(0.01)
        else:
            raise AssertionError("the first sound waits for the second")
        yield tone()

    with Player() as player:
        player.play_in_a_row(sounds())
    assert heard.read_bytes() == 2 * first
    assert "--rate=16000 --channels=1" in (tmp_path / "arguments").read_text()


def test_a_row_that_breaks_off_is_silent_and_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub(tmp_path, monkeypatch, "exec cat > /dev/null")

    def sounds() -> Iterator[Pcm]:
        yield tone()
        raise DamagedSound("cut off")

    with Player() as player, pytest.raises(DamagedSound, match="cut off"):
        player.play_in_a_row(sounds())
    assert player._process is not None
    assert player._process.returncode is not None
    Player().play_in_a_row([])


def test_why_a_row_cannot_be_played_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub(tmp_path, monkeypatch, "echo 'audio open error: Device or resource busy' >&2; exit 1")
    minute = Pcm(np.zeros((16_000 * 60, 1), np.int16), 16_000)
    with pytest.raises(PlayerError, match="The sound device is busy"):
        Player().play_in_a_row([minute, minute])
    stub(tmp_path, monkeypatch, "exec tail -f /dev/null")
    monkeypatch.setattr("audio.client.player.PATIENCE", 0.2)
    with Player() as player, pytest.raises(PlayerError, match="seems to hang"):
        player.play_in_a_row([minute])


def test_another_player_gets_a_row_as_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stub(tmp_path, monkeypatch, "exit 9")
    Player(f"cp --target-directory={tmp_path}").play_in_a_row([tone(), tone()])
    assert wav.decode((tmp_path / "sound.wav").read_bytes()).samples.tobytes() == 2 * tone().samples.tobytes()

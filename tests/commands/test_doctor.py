from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from audio.commands import doctor
from audio.speech import espeak
from tests.commands.conftest import Run
from tests.conftest import RunningGateway
from tests.sound_system import VirtualMicrophone, loudspeaker, needs_alsa

needs_aplay = pytest.mark.skipif(shutil.which("aplay") is None, reason="aplay is not installed")


def marks(out: str) -> dict[str, str]:
    """The mark of each finding, by its name."""
    return {line[6:20].strip(): line[:4].strip() for line in out.splitlines() if line[:1].strip()}


@needs_aplay
def test_all_is_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, audio: Run, configured: RunningGateway) -> None:
    needs_alsa()
    microphone = VirtualMicrophone(tmp_path, 16_000, np.zeros((0, 1), np.int16))
    for name, value in microphone.sound.items():
        monkeypatch.setenv(name, value)
    code, out, err = audio("doctor")
    microphone.close()
    found = marks(out)
    del found["espeak-ng"]
    assert found == {"microphone": "ok", "loudspeaker": "ok", "configuration": "ok", "gateway": "ok"}
    assert (code, err) == (0, "")
    assert "to do: sudo usermod" not in out


def test_a_pair_of_channels_is_heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, audio: Run) -> None:
    """Of six channels 3 and 4 are one microphone, 5 is silent, 2 is far quieter."""
    needs_alsa()
    sound = np.random.default_rng(3).integers(-9000, 9000, (44_100, 6)).astype(np.int16)
    sound[:, 2] //= 100
    sound[:, 4], sound[:, 5] = sound[:, 3], 0
    said = {}
    for channel in ("1,3", "3,4", "5,1", "1,2", "1,6"):
        # One for each: who closes it may leave half a frame in its pipe, which turns the channels for the next.
        directory = tmp_path / channel.replace(",", "_")
        directory.mkdir()
        microphone = VirtualMicrophone(directory, 44_100, sound, board=True, again=True)
        for name, value in microphone.sound.items():
            monkeypatch.setenv(name, value)
        _, out, _ = audio("doctor", "--device", "board", "--channel", channel)
        microphone.close()
        said[channel] = next(line for line in out.splitlines() if "channels   " in line)
    assert "5: silent" in said["1,3"]
    assert "0: -16" in said["1,3"]
    assert [line[:4].strip() for line in said.values()] == ["ok", "FAIL", "FAIL", "--", "FAIL"]
    assert "the same microphone" in said["3,4"]
    assert "Channel 5 is silent" in said["5,1"]
    assert "differ by more than 10 dB" in said["1,2"]
    assert "no channel 6" in said["1,6"]


@needs_aplay
def test_a_sound_system_that_crashes_and_a_gateway_that_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, audio: Run
) -> None:
    """A configuration of ALSA without a default device makes PortAudio abort."""
    needs_alsa()
    (tmp_path / "alsa.conf").write_text("")
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(tmp_path / "alsa.conf"))
    code, out, _ = audio("doctor", "--url", "http://127.0.0.1:9", "--client-id", "a", "--access-token", "b")
    found = marks(out)
    assert (code, found["microphone"], found["loudspeaker"], found["gateway"]) == (1, "FAIL", "FAIL", "FAIL")
    assert "PortAudio crashes while it looks at the devices (signal 6)" in out
    assert "to do: look at ~/.asoundrc" in out
    assert "to do: audio serve" in out


def test_what_is_not_installed_comes_with_the_line_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, audio: Run
) -> None:
    (tmp_path / "pyaudio.py").write_text("raise ImportError\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(espeak, "_SONAME", "libnowhere.so.1")
    monkeypatch.setattr(espeak, "find_spec", lambda _: None)
    code, out, _ = audio("doctor")
    found = marks(out)
    assert (code, found["microphone"], found["loudspeaker"], found["espeak-ng"]) == (1, "FAIL", "FAIL", "--")
    assert "to do: sudo apt-get install -y portaudio19-dev gcc python3-dev && pip install PyAudio" in out
    assert "to do: sudo apt-get install -y alsa-utils" in out
    assert "to do: sudo apt-get install -y espeak-ng" in out
    assert "to do: audio configure" in out


def test_the_library_that_speaks_is_named_without_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("espeakng_loader")
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("ESPEAK_DATA_PATH", "")  # which the wheel's is put into, and out of again
    monkeypatch.setattr(espeak, "_SONAME", "libnowhere.so.1")
    finding = doctor._espeak()
    assert finding.ok
    assert "(of the wheel espeakng-loader)" in finding.text


@pytest.mark.usefixtures("configured")
def test_wrong_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, audio: Run) -> None:
    monkeypatch.setenv("ALSA_CONFIG_PATH", loudspeaker(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("AUDIO_ACCESS_TOKEN", "wrong")
    (tmp_path / "pyaudio.py").write_text("raise ImportError\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    code, out, _ = audio("doctor")
    assert (code, marks(out)["gateway"]) == (1, "FAIL")
    assert "to do: audio streams create NAME on the gateway" in out

"""`audio listen` as a person runs it: a process of its own, a microphone of ALSA's, a gateway over HTTP."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audio import wav
from audio.pcm import Pcm, Samples
from tests.commands.conftest import Run
from tests.conftest import FIXTURES, RunningGateway, running_gateway
from tests.program import Program, audio, clean_environment
from tests.scenes import bursts, from_angle
from tests.served import Served
from tests.sound_system import PulseAudio, VirtualMicrophone, needs_alsa
from tests.troubled import trouble_before

RATE = 16_000


@pytest.fixture
def env(gateway: RunningGateway) -> dict[str, str]:
    return naming(gateway)


def naming(gateway: RunningGateway) -> dict[str, str]:
    return clean_environment(
        AUDIO_GATEWAY=gateway.url, AUDIO_CLIENT_ID=gateway.client_id, AUDIO_ACCESS_TOKEN=gateway.access_token
    )


@pytest.fixture
def audio_here(audio: Run) -> Run:
    """The command in this process, beside the one in a process of its own."""
    return audio


@pytest.fixture
def hanging(tmp_path: Path) -> Iterator[RunningGateway]:
    """A gateway that takes requests and never answers."""
    with running_gateway(tmp_path / "data") as gateway, trouble_before(gateway.app) as trouble:
        trouble.hanging = True
        yield gateway


def written(path: Path, samples: Samples, rate: int = RATE) -> Path:
    path.write_bytes(wav.encode(Pcm(samples, rate)))
    return path


def covers(results: list[dict[str, Any]]) -> tuple[int, int]:
    """How many frames were answered and how many are known to be lost; fails where they leave a gap or overlap."""
    end = answered = lost = 0
    for number, chunk in enumerate(result["chunk"] for result in results):
        assert chunk["number"] == number
        assert chunk["offset"] == end + chunk["lost"]
        end = chunk["offset"] + chunk["frames"]
        answered += chunk["frames"]
        lost += chunk["lost"]
    return answered, lost


def time_of_day(line: str) -> float:
    """Seconds since midnight at the beginning of a line."""
    hours, minutes, seconds = line.split()[0].split(":")
    return 3600 * int(hours) + 60 * int(minutes) + float(seconds)


def test_a_voice_before_the_microphone_is_told_with_its_times(tmp_path: Path, env: dict[str, str]) -> None:
    """From speech that is played to lines on a terminal, and Ctrl-C."""
    needs_alsa()
    expected = json.loads((FIXTURES / "voice.json").read_text())["voice"][0]
    speech = wav.decode((FIXTURES / "voice.wav").read_bytes())
    microphone = VirtualMicrophone(tmp_path, speech.rate, speech.samples[: 6 * RATE])
    arguments = ["--device", "testm", "--rate", RATE, "--save", tmp_path / "heard.wav"]
    program = audio("listen", "voice_detection", *arguments, env={**env, **microphone.sound}, terminal=True)
    try:
        program.until(lambda: any("OFF" in line for line in program.out))
        program.interrupt()
        code = program.end()
    finally:
        program.kill()
        microphone.close()
    on, off = program.out
    assert microphone.started_at is not None
    began = time_of_day(time.strftime("%H:%M:%S", time.localtime(microphone.started_at))) + microphone.started_at % 1
    assert "ON   voice" in on
    assert "OFF  voice" in off
    assert time_of_day(on) - began == pytest.approx(expected["start"], abs=0.4)
    assert time_of_day(off) - began == pytest.approx(expected["end"], abs=0.5)
    assert code == 0
    assert program.said("nothing lost")
    heard = wav.decode((tmp_path / "heard.wav").read_bytes()).samples
    assert np.array_equal(heard[: 5 * RATE], speech.samples[: 5 * RATE])


def test_the_angles_that_are_told_are_those_of_the_sound(tmp_path: Path, env: dict[str, str]) -> None:
    needs_alsa()
    scene = np.concatenate([from_angle(32, 2.0, 0.14), from_angle(-50, 2.0, 0.14)])
    microphone = VirtualMicrophone(tmp_path, 48_000, scene)
    arguments = ["--device", "testmic", "--rate", 48_000, "--channels", 2, "--baseline", 0.14, "--duration", 4]
    program = audio("listen", "sound_localization", *arguments, env={**env, **microphone.sound}, terminal=True)
    try:
        assert program.end() == 0
    finally:
        program.kill()
        microphone.close()
    found = re.findall(r"a source at (\d+) degrees to the (left|right)", "\n".join(program.out))
    angles = [int(degrees) * (1 if side == "left" else -1) for degrees, side in found]
    assert angles
    assert [angle for angle in angles if abs(angle - 32) > 4 and abs(angle + 50) > 4] == []
    assert {angle > 0 for angle in angles} == {True, False}


def test_a_gateway_that_is_killed_and_comes_back_goes_on_with_the_session(tmp_path: Path) -> None:
    """Away for 8 seconds: nothing is lost, and each sound is told once, at its time."""
    needs_alsa()
    served = Served(tmp_path / "data")
    microphone = VirtualMicrophone(tmp_path, RATE, bursts(60.0))
    program: Program | None = None
    try:
        served.start()
        env = clean_environment(**{**served.env, **microphone.sound})
        arguments = ["--device", "testmic", "--rate", RATE, "--queue-seconds", 30]
        program = audio("listen", "sound_detection", *arguments, env=env)
        program.until(lambda: len(program.out) >= 2)
        served.kill()
        fed = microphone.fed
        program.until(lambda: program.said("Trying again until it answers"))
        microphone.until(fed + 8 * RATE)
        served.start()
        program.until(lambda: program.said("answers again after"))
        program.interrupt()
        assert program.end() == 0
    finally:
        if program is not None:
            program.kill()
        served.kill()
        microphone.close()
    answered, lost = covers(program.results)
    assert lost == 0
    assert answered > 9 * RATE
    assert program.said("nothing lost")
    events = [(event["type"], event["time"]) for result in program.results for event in result["events"]]
    expected = [
        (kind, at) for n in range(6) for kind, at in (("sound_on", 0.5 + 1.5 * n), ("sound_off", 1.0 + 1.5 * n))
    ]
    assert events[:12] == [(kind, pytest.approx(at, abs=0.15)) for kind, at in expected]


def test_a_full_queue_is_told_while_it_lasts_and_counted_at_the_end(tmp_path: Path, hanging: RunningGateway) -> None:
    file = written(tmp_path / "sound.wav", bursts(3.0))
    arguments = ["--queue-seconds", 1, "--timeout", 30]
    program = audio("listen", "sound_detection", file, *arguments, env=naming(hanging))
    try:
        program.until(lambda: program.said("queue: the 1 s that may wait are full, so the oldest sound goes"))
        hanging.app.wsgi_app.hanging = False
        hanging.app.wsgi_app.released.set()
        assert program.end() == 0
    finally:
        program.kill()
    answered, lost = covers(program.results)
    assert answered + lost == 3 * RATE
    assert lost > 0
    assert program.err[-1].startswith("3.0 s heard")
    assert f"{lost / RATE:.2f} s ({lost} frames) had to go for want of room" in program.err[-1]


def test_ctrl_c_while_the_gateway_hangs_ends_and_counts_what_is_left(tmp_path: Path, hanging: RunningGateway) -> None:
    file = written(tmp_path / "sound.wav", bursts(30.0))
    program = audio("listen", "sound_detection", file, "--timeout", 1, env=naming(hanging))
    program.until(lambda: program.said("gave no answer within 1 s"))
    program.interrupt()
    assert program.end() == 4
    assert program.said("Stopping")
    assert "are left that the gateway did not get" in program.err[-1]


def test_ctrl_c_while_the_gateway_is_away(tmp_path: Path) -> None:
    env = clean_environment(AUDIO_GATEWAY="http://127.0.0.1:9", AUDIO_CLIENT_ID="a", AUDIO_ACCESS_TOKEN="b")
    file = written(tmp_path / "sound.wav", bursts(30.0))
    program = audio("listen", "sound_detection", file, "--timeout", 1, env=env)
    program.until(lambda: program.said("No gateway answers at http://127.0.0.1:9"))
    program.interrupt()
    assert program.end() == 4
    assert sum("No gateway answers" in line for line in program.err) == 1


def test_a_device_that_hangs_leaves_a_hole_and_ctrl_c_ends_it_all_the_same(tmp_path: Path, env: dict[str, str]) -> None:
    needs_alsa()
    microphone = VirtualMicrophone(tmp_path, RATE, np.tile(bursts(1.5), (20, 1)))
    arguments = ["--device", "testmic", "--rate", RATE, "--chunk", 1024]
    program = audio("listen", "sound_detection", *arguments, env={**env, **microphone.sound})
    try:
        program.until(lambda: bool(program.out))
        microphone.pause()
        program.until(lambda: program.said("testmic is gone: nothing has come from it"))
        before = len(program.out)
        microphone.resume()
        program.until(lambda: program.said("testmic is back") and len(program.out) > before + 2)
        microphone.pause()
        program.interrupt()
        assert program.end() == 0
    finally:
        program.kill()
        microphone.close()
    holes = [result["chunk"]["lost"] for result in program.results if result["chunk"]["lost"]]
    assert len(holes) == 1
    assert 3 * RATE <= holes[0] < 20 * RATE
    assert covers(program.results)[1] == holes[0]
    missed = re.search(r"\((\d+) frames\) were missed by the microphone", program.err[-1])
    assert missed is not None
    assert int(missed[1]) >= holes[0]


def test_digital_silence_and_a_dead_sound_system_are_told_and_ctrl_c_ends_it(
    tmp_path: Path, env: dict[str, str]
) -> None:
    needs_alsa()
    pulse = PulseAudio(tmp_path)
    program: Program | None = None
    try:
        pulse.start()
        program = audio("listen", "sound_detection", "--device", "pulsemic", env={**env, **pulse.sound})
        program.until(lambda: program.said("gives nothing but the value 0 for 5 s: is it muted, or unplugged?"))
        pulse.kill()
        # ALSA's plug-in either ends with its server or hangs in it.
        reasons = ("the sound system has closed it", "nothing has come from it for")
        program.until(lambda: any(program.said(f"pulsemic is gone: {reason}") for reason in reasons))
        program.interrupt()
        assert program.end() == 0
    finally:
        if program is not None:
            program.kill()
        pulse.kill()
    assert "were missed by the microphone" in program.err[-1]
    assert not program.said("Expression")
    assert not program.said("ALSA")


@pytest.mark.usefixtures("configured")
def test_a_file_and_raw_sound_from_a_pipe_give_the_same_lines(
    tmp_path: Path, env: dict[str, str], audio_here: Run
) -> None:
    samples = bursts(3.0)
    code, out, _ = audio_here("listen", "sound_detection", written(tmp_path / "s.wav", samples), "--fast")
    reading, writing = os.pipe()
    raw = audio("listen", "sound_detection", "-", "--rate", RATE, "-q", env=env, stdin=reading)
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        pipe.write(samples.tobytes())
    assert (code, raw.end()) == (0, 0)
    fast = [json.loads(line) for line in out.splitlines()]
    events = [[event for result in results for event in result["events"]] for results in (fast, raw.results)]
    assert events[0] == events[1]
    assert [event["type"] for event in events[0]] == ["sound_on", "sound_off"] * 2
    assert covers(fast) == covers(raw.results) == (3 * RATE, 0)
    assert raw.err == []


def test_the_reader_may_leave(tmp_path: Path, env: dict[str, str]) -> None:
    """As `audio listen ... | head -1` does."""
    file = written(tmp_path / "s.wav", bursts(60.0))
    command = [sys.executable, "-m", "audio.cli", "listen", "sound_detection", str(file)]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["chunk"]["number"] == 0
        process.stdout.close()
        assert process.wait(30) == 141
        assert b"Traceback" not in process.stderr.read()


@pytest.mark.parametrize(
    ("arguments", "environment", "code", "complaint"),
    [
        (["sound_localization", "FILE"], {}, 2, "needs --baseline"),
        (["sound_detection", "FILE", "--chunk", "0"], {}, 2, "must be from 1"),
        (["sound_detection", "FILE", "--queue-seconds", "nan"], {}, 2, "above 0"),
        (["sound_detection", "none.wav"], {}, 1, "none.wav cannot be read"),
        (["sound_detection", "--device", "nonesuch"], {}, 3, "input device"),
        (["sound_detection", "FILE"], {"AUDIO_ACCESS_TOKEN": "wrong"}, 5, ""),
        (["sound_detection", "FILE"], {"AUDIO_GATEWAY": ""}, 5, "No gateway is configured"),
        (["bird_detection", "FILE"], {}, 6, "offers no service 'bird_detection'"),
        (["sound_detection", "FILE", "--sensitivity", "7"], {}, 6, "sensitivity"),
    ],
)
@pytest.mark.usefixtures("configured")
def test_each_way_to_fail_has_its_own_exit_code(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    audio_here: Run,
    arguments: list[str],
    environment: dict[str, str],
    code: int,
    complaint: str,
) -> None:
    needs_alsa()
    file = str(written(tmp_path / "sound.wav", bursts(1.0)))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    found, out, err = audio_here("listen", *[file if argument == "FILE" else argument for argument in arguments])
    assert (found, out) == (code, "")
    assert complaint in err

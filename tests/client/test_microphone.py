"""A microphone, as PortAudio and ALSA know it, made of software: see tests/sound_system.py."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from audio.client.microphone import Device, MicrophoneError, find
from audio.pcm import Samples
from tests.program import Program, audio
from tests.sound_system import PulseAudio, VirtualMicrophone, needs_alsa

CAPTURE = """
import json, sys
from audio.client.microphone import Microphone

path, settings = sys.argv[1], json.loads(sys.argv[2])

def notice(said):
    print(said.text, file=sys.stderr, flush=True)

with Microphone(on_notice=notice, **settings) as microphone, open(path, "wb") as file:
    print(json.dumps({"rate": microphone.rate, "channels": microphone.channels}), flush=True)
    for block in microphone:
        file.write(block.data)
        print(json.dumps({"position": block.position, "frames": block.frames}), flush=True)
print(json.dumps(vars(microphone.counts)), flush=True)
"""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    needs_alsa()
    return tmp_path


@pytest.fixture
def pulse(directory: Path) -> Iterator[PulseAudio]:
    daemon = PulseAudio(directory)
    try:
        daemon.start()
        yield daemon
    finally:
        daemon.kill()


def capture(env: dict[str, str], path: Path, **settings: object) -> Program:
    return Program(["-c", CAPTURE, str(path), json.dumps(settings)], env)


def noise(frames: int, channels: int) -> Samples:
    return np.random.default_rng(frames).integers(-32_768, 32_767, (frames, channels)).astype(np.int16)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
def test_captured_is_what_was_played_bit_for_bit(directory: Path, rate: int, channels: int) -> None:
    sound = noise(rate // 2, channels)
    microphone = VirtualMicrophone(directory, rate, sound)
    program = capture(
        microphone.env, directory / "got", device="testmic", rate=rate, channels=channels, duration=len(sound) / rate
    )
    try:
        assert program.end() == 0
    finally:
        program.kill()
        microphone.close()
    assert (directory / "got").read_bytes() == sound.tobytes()
    assert program.results[0] == {"rate": rate, "channels": channels}
    assert program.results[-1] == {"captured": len(sound), "missed": 0, "dropped": 0}
    assert program.err == []


def test_a_device_that_hangs_is_noticed_and_its_silence_is_a_hole(directory: Path) -> None:
    microphone = VirtualMicrophone(directory, 16_000, noise(160_000, 1))
    program = capture(microphone.env, directory / "got", device="testmic", rate=16_000)
    try:
        program.until(lambda: len(program.out) > 5)
        microphone.pause()
        program.until(lambda: program.said("testmic is gone: nothing has come from it"))
        microphone.resume()
        program.until(lambda: program.said("testmic is back"))
    finally:
        program.kill()
        microphone.close()
    blocks = program.results[1:]
    jumps = [b["position"] - a["position"] - a["frames"] for a, b in itertools.pairwise(blocks)]
    (hole,) = [jump for jump in jumps if jump]
    assert 3 * 16_000 <= hole < 10 * 16_000


def test_an_unplugged_source_and_a_dead_sound_system_are_noticed(directory: Path, pulse: PulseAudio) -> None:
    program = capture(pulse.env, directory / "got", device="pulsemic", rate=48_000)
    gone, back = "is gone: the sound system has closed it", "is back after"

    def times(words: str) -> int:
        return sum(words in line for line in list(program.err))

    try:
        program.until(lambda: len(program.out) > 2)
        pulse.unplug()
        program.until(lambda: times(gone) == 1)
        pulse.plug()
        program.until(lambda: times(back) == 1)
        pulse.kill()
        program.until(lambda: times(gone) == 2)
        pulse.start()
        program.until(lambda: times(back) == 2)
    finally:
        program.kill()


def test_digital_silence_is_not_taken_for_a_quiet_room(directory: Path, pulse: PulseAudio) -> None:
    program = capture(pulse.env, directory / "got", device="pulsemic", rate=48_000)
    try:
        program.until(lambda: program.said("gives nothing but the value 0 for 5 s: is it muted, or unplugged?"))
    finally:
        program.kill()


def test_devices_are_listed_without_noise(directory: Path) -> None:
    microphone = VirtualMicrophone(directory, 16_000, noise(0, 1))
    program = audio("devices", "--json", env=microphone.env)
    code = program.end()
    microphone.close()
    assert (code, program.err) == (0, [])
    names = {device["name"]: device["default"] for device in json.loads("".join(program.out))}
    assert names == {"testmic": False, "testspk": False, "default": True}


def test_without_pyaudio_it_says_how_to_install_it() -> None:
    without = "import sys; sys.modules['pyaudio'] = None; from audio.cli import main; sys.exit(main(['devices']))"
    program = Program(["-c", without], {})
    assert program.end() == 3
    assert "apt-get install -y portaudio19-dev" in program.err[0]
    assert len(program.err) == 1


DEVICES = [Device(0, "USB Audio", 1, 48_000, False), Device(2, "USB Camera", 2, 16_000, True)]


@pytest.mark.parametrize(
    ("wanted", "index"), [(None, 2), (0, 0), ("2", 2), ("USB Audio", 0), ("camera", 2), ("audio", 0)]
)
def test_a_device_is_found_by_index_name_or_part_of_it(wanted: int | str | None, index: int) -> None:
    assert find(DEVICES, wanted).index == index


@pytest.mark.parametrize(
    ("wanted", "complaint"),
    [
        ("usb", "more than one input device: 0 (USB Audio), 2 (USB Camera)"),
        ("1", "0 USB Audio; 2 USB Camera"),
        (7, "7"),
    ],
)
def test_a_device_that_is_not_clear_is_refused_with_what_there_is(wanted: int | str, complaint: str) -> None:
    with pytest.raises(MicrophoneError) as caught:
        find(DEVICES, wanted)
    assert complaint in caught.value.message


def test_no_device_at_all_is_said() -> None:
    with pytest.raises(MicrophoneError, match="no input device at all"):
        find([], None)

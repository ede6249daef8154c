"""A microphone, as PortAudio and ALSA know it, made of software: see tests/sound_system.py."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from audio.client.devices import Device, MicrophoneError, block_of, find
from audio.client.microphone import Microphone
from audio.errors import BadInput
from audio.pcm import Samples
from tests.program import Program, audio
from tests.sound_system import PulseAudio, VirtualMicrophone, needs_alsa

CAPTURE = """
import json, sys
from audio.client.microphone import Microphone

path, runs = sys.argv[1], json.loads(sys.argv[2])

def notice(said):
    print(said.text, file=sys.stderr, flush=True)

for settings in runs:
    with Microphone(on_notice=notice, **settings) as microphone, open(path, "ab") as file:
        print(json.dumps({"rate": microphone.rate, "channels": microphone.channels}), flush=True)
        for block in microphone:
            file.write(block.data)
            print(json.dumps({"position": block.position}), flush=True)
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


def capture(env: dict[str, str], path: Path, *settings: dict[str, object]) -> Program:
    return Program(["-c", CAPTURE, str(path), json.dumps(settings)], env)


def noise(frames: int, channels: int) -> Samples:
    return np.random.default_rng(frames).integers(-32_768, 32_767, (frames, channels)).astype(np.int16)


def test_captured_is_what_was_played_bit_for_bit(directory: Path) -> None:
    """Mono and stereo at three rates, one after the other in one process."""
    formats = [(rate, channels) for rate in (16_000, 44_100, 48_000) for channels in (1, 2)]
    sounds = {f"mic-{rate}-{channels}": (rate, noise(rate // 4, channels)) for rate, channels in formats}
    microphones = [VirtualMicrophone(directory, rate, sound, name) for name, (rate, sound) in sounds.items()]
    files = ":".join(str(microphone.configuration) for microphone in microphones)
    settings = [
        {"device": name, "rate": rate, "channels": sound.shape[1], "duration": len(sound) / rate}
        for name, (rate, sound) in sounds.items()
    ]
    program = capture({**microphones[0].env, "ALSA_CONFIG_PATH": files}, directory / "got", *settings)
    try:
        assert program.end() == 0
    finally:
        program.kill()
        for microphone in microphones:
            microphone.close()
    assert program.err == []
    assert (directory / "got").read_bytes() == b"".join(sound.tobytes() for _, sound in sounds.values())
    opened = [line for line in program.results if "rate" in line]
    assert opened == [{"rate": rate, "channels": channels} for rate, channels in formats]
    counted = [line for line in program.results if "captured" in line]
    assert counted == [{"captured": len(sound), "missed": 0, "dropped": 0} for _, sound in sounds.values()]


@pytest.mark.parametrize("channel", [[1, 3], [3, 1], 4])
def test_chosen_channels_of_a_board_come_bit_for_bit(directory: Path, channel: list[int] | int) -> None:
    """A board of six is opened with all six, whatever is taken of them."""
    sound = noise(12_000, 6)
    microphone = VirtualMicrophone(directory, 48_000, sound, board=True)
    settings = {"device": "board", "rate": 48_000, "channel": channel, "duration": 0.25}
    program = capture(microphone.env, directory / "got", settings)
    try:
        assert program.end() == 0
    finally:
        program.kill()
        microphone.close()
    picked = [channel] if isinstance(channel, int) else channel
    assert (directory / "got").read_bytes() == sound[:, picked].tobytes()
    assert program.results[0] == {"rate": 48_000, "channels": len(picked)}
    assert program.results[-1] == {"captured": 12_000, "missed": 0, "dropped": 0}


def test_a_channel_that_a_board_lacks_is_told_and_one_named_twice(directory: Path) -> None:
    microphone = VirtualMicrophone(directory, 48_000, noise(100, 6), board=True)
    program = capture(microphone.env, directory / "got", {"device": "board", "channel": [1, 6]})
    assert program.end() == 1
    microphone.close()
    assert "7 channels are wanted; the device board has 6" in program.err[-1]
    with pytest.raises(BadInput, match="differ"):
        Microphone(channel=(2, 2))


def test_an_unplugged_source_and_a_dead_sound_system_are_noticed(directory: Path, pulse: PulseAudio) -> None:
    program = capture(pulse.env, directory / "got", {"device": "pulsemic", "rate": 48_000})
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


@pytest.mark.parametrize(
    ("chunk", "rate", "block"),
    [
        (8192, 48_000, 2048),
        (8192, 16_000, 512),
        (8192, 44_100, 1024),
        (1000, 16_000, 500),
        (160, 16_000, 160),
        (7, 16_000, 720),
    ],
)
def test_blocks_go_evenly_into_a_chunk(chunk: int, rate: int, block: int) -> None:
    assert block_of(chunk, rate) == block


def test_no_device_at_all_is_said() -> None:
    with pytest.raises(MicrophoneError, match="No input device was found"):
        find([], None)

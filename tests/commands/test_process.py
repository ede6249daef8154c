from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from audio import image, wav
from audio.pcm import Pcm
from tests import brightness
from tests.client.needs import needs
from tests.commands.conftest import Run
from tests.conftest import FIXTURES, RunningGateway

pytestmark = pytest.mark.usefixtures("configured")


@pytest.fixture
def sound() -> Path:
    """One second of near silence, a second of tone, and one of near silence, at 16 kHz."""
    noise = np.random.default_rng(1).normal(0, 3, 48000)
    noise[16000:32000] += 8000 * np.sin(2 * np.pi * 440 / 16000 * np.arange(16000))
    path = Path("sound.wav")
    path.write_bytes(wav.encode(Pcm(noise.astype(np.int16)[:, None], 16000)))
    return path


def test_without_a_file(audio: Run) -> None:
    assert audio("process", "dummy", "--param", "echo=Hello world!") == (0, "echo: Hello world!\n", "")


def test_json_is_what_the_gateway_said(audio: Run, configured: RunningGateway) -> None:
    code, out, _ = audio("process", "dummy", "--param", 'echo="5"', "--json", "--version", 1)
    result = json.loads(out)
    assert (code, result["echo"], result["status"]) == (0, "5", 201)
    assert result["url"].startswith(configured.url)


def test_a_refusal(audio: Run) -> None:
    code, out, err = audio("process", "dummy", "--param", "echo=5")
    assert (code, out, err) == (1, "", "audio: 'echo' must be a text; 5 came.\n")


@pytest.mark.parametrize("arguments", [("nope",), ("dummy", "--version", "9")])
def test_what_is_not_offered(audio: Run, arguments: tuple[str, ...]) -> None:
    code, _, err = audio("process", *arguments)
    assert code == 1
    assert "It offers: " in err


@pytest.mark.parametrize(
    "arguments", [("--param", "echo"), ("--param", "=5"), ("--chunk", "0"), ("--chunk", "x"), ("--sensitivity", "x")]
)
def test_wrong_usage(audio: Run, arguments: tuple[str, ...]) -> None:
    code, _, err = audio("process", "dummy", *arguments)
    assert code == 2
    assert "usage: audio process" in err


def test_a_file_that_is_not_there(audio: Run) -> None:
    code, _, err = audio("process", "dummy", "none.wav")
    assert (code, err) == (1, "audio: none.wav: It cannot be read: No such file or directory.\n")


@needs("sound_detection")
def test_events_of_a_whole_file(audio: Run, sound: Path) -> None:
    code, out, _ = audio("process", "sound_detection", sound, "--sensitivity", 0.5)
    head, on, off = out.splitlines()
    assert code == 0
    assert head.startswith("    0.000 s  3.000 s of sound")
    assert on.endswith("sound_on")
    assert off.endswith("sound_off")
    assert float(on.split()[0]) == pytest.approx(1, abs=0.1)
    assert float(off.split()[0]) == pytest.approx(2, abs=0.3)


@needs("sound_detection")
@pytest.mark.parametrize("options", [("--session",), ("--chunk", "1000")])
def test_chunks_in_one_session_find_the_same_events(audio: Run, sound: Path, options: tuple[str, ...]) -> None:
    code, out, _ = audio("process", "sound_detection", sound, "--json", *options)
    results = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert len(results) == (6 if options == ("--session",) else 48)
    assert [r["offset"] for r in results[:2]] == [0, results[0]["input_size"]]
    assert sum(r["input_size"] for r in results) == 48000
    events = [event for r in results for event in r["events"]]
    assert [event["type"] for event in events] == ["sound_on", "sound_off"]
    assert events[0]["time"] == pytest.approx(1, abs=0.1)


@needs("sound_detection")
@pytest.mark.parametrize("options", [(), ("--session",)])
def test_a_bad_file_does_not_stop_the_others(audio: Run, sound: Path, options: tuple[str, ...]) -> None:
    Path("music.wav").write_bytes(b"fLaC" + bytes(100))
    code, out, err = audio("process", "sound_detection", "music.wav", sound, *options)
    assert code == 1
    assert err == (
        "audio: music.wav: This is a FLAC file; wanted is a WAV file of 16 bit PCM. "
        "To make one: ffmpeg -i music.wav -ac 1 -ar 16000 -c:a pcm_s16le NEW.wav\n"
    )
    assert out.startswith("music.wav:\nsound.wav:\n")
    assert ("ON   sound" if options else "sound_on") in out


@needs("sound_localization")
@pytest.mark.parametrize("options", [(), ("--session",)])
def test_two_of_six_channels(audio: Run, options: tuple[str, ...]) -> None:
    noise = np.random.default_rng(2).normal(0, 3000, 48000)
    six = np.zeros((47_980, 6), np.int16)
    six[:, 3], six[:, 1] = noise[20:], noise[:-20]  # that of channel 3 hears it 20 frames earlier
    Path("six.wav").write_bytes(wav.encode(Pcm(six, 48000)))
    for channel, sign in (("3,1", 1), ("1,3", -1)):
        code, out, _ = audio(
            "process", "sound_localization", "six.wav", "--baseline", 0.2, "--channel", channel, "--json", *options
        )
        angles = [s["yaw"] for line in out.splitlines() for s in json.loads(line)["sources"]]
        assert code == 0
        assert np.median(angles) == pytest.approx(sign * np.arcsin(20 / 48000 * 343.2 / 0.2), abs=0.05)
    code, _, err = audio("process", "sound_localization", "six.wav", "--baseline", 0.2, "--channel", "1,6", *options)
    assert (code, err) == (1, "audio: six.wav: There is no channel 6: there are 6, counted from 0.\n")


@pytest.mark.parametrize("channel", ["a", "1,1", "1,", "-1", ""])
def test_what_is_no_channel_is_wrong_usage(audio: Run, channel: str) -> None:
    for command in ("process", "listen"):
        assert audio(command, "sound_localization", "x.wav", f"--channel={channel}")[0] == 2


@needs("sound_localization")
def test_angles(audio: Run) -> None:
    noise = np.random.default_rng(2).normal(0, 3000, 48000)
    left_first = np.stack([noise[20:], noise[:-20]], axis=1)  # the left microphone hears it 20 frames earlier
    Path("stereo.wav").write_bytes(wav.encode(Pcm(left_first.astype(np.int16), 48000)))
    code, out, _ = audio("process", "sound_localization", "stereo.wav", "--baseline", 0.2)
    lines = out.splitlines()[1:]
    assert code == 0
    assert lines
    degrees = np.median([float(line.split("yaw")[1].split()[0]) for line in lines])
    assert degrees == pytest.approx(np.degrees(np.arcsin(20 / 48000 * 343 / 0.2)), abs=4)


@pytest.fixture
def pictures() -> Iterator[list[Path]]:
    """Two pictures for a service of a kind of file that no command knows."""
    paths = [Path(f"{name}.pgm") for name in "ab"]
    for path, picture in zip(paths, brightness.Pictures().chunks(brightness.Pgm("")), strict=False):
        path.write_bytes(brightness.Pictures().encode(picture))
    with brightness.registered():
        yield paths


def test_a_service_of_another_kind_of_file(audio: Run, pictures: list[Path]) -> None:
    code, out, _ = audio("process", "brightness", *pictures, "--session", "--json")
    assert code == 0
    assert [json.loads(line)["changes"][0]["picture"] for line in out.splitlines()] == [0, 1]
    told = 'mean: 40.0\nchanges: [{"index": 0, "picture": 0, "mean": 40.0}]\n'
    assert audio("process", "brightness", pictures[0]) == (0, told, "")
    code, _, err = audio("process", "brightness")
    assert (code, err) == (
        1,
        "audio: 'image' is missing. The picture to look at. For example: audio process brightness FILE.pgm\n",
    )
    code, _, err = audio("listen", "brightness", "x.wav")
    assert code == 2
    assert "takes image/x-portable-graymap, not sound" in err


@needs("face_detection")
def test_a_folder_of_photographs_is_seen_and_drawn(audio: Run) -> None:
    folder = Path("photos")
    folder.mkdir()
    code, _, err = audio("process", "face_detection", folder)
    assert (code, err) == (1, "audio: There is no .jpg or .jpeg or .png file in 'photos'.\n")
    photo = (FIXTURES / "astronaut.jpg").read_bytes()
    for name in ("b.JPG", "a.jpeg"):
        (folder / name).write_bytes(photo)
    (folder / "notes.txt").write_text("no picture")
    code, out, err = audio("process", "face_detection", folder, "--json", "--draw", "seen")
    assert (code, err) == (0, "")
    assert [json.loads(line)["file"] for line in out.splitlines()] == ["photos/a.jpeg", "photos/b.JPG"]
    drawn = image.decode(Path("seen/b.png").read_bytes())
    left, top, width, _ = json.loads(out.splitlines()[1])["faces"][0]["roi"]
    assert drawn.size == [512, 512]
    assert drawn.rgb[top, left + width // 2].tolist() == [255, 179, 0]
    assert audio("process", "face_detection", folder / "a.jpeg", "--draw", "one.jpg")[0] == 0
    assert Path("one.jpg").read_bytes().startswith(b"\xff\xd8")


@needs("face_detection")
def test_a_drawing_that_cannot_be_written(audio: Run) -> None:
    Path("file").write_text("no folder")
    code, _, err = audio("process", "face_detection", FIXTURES / "astronaut.jpg", "--draw", "file/seen.png")
    assert code == 1
    assert "'file/seen.png' cannot be written" in err

from __future__ import annotations

import json
import math
import struct
from typing import Any

import jsonschema
import numpy as np
import pytest
from jsonschema import Draft202012Validator

from audio import wav
from audio.pcm import Pcm
from audio.services.base import Service
from tests.contract import samples
from tests.contract.client import Client

SENTENCE_STARTS = ("This ", "The ", "'")


def hear(service: Service, pcm: Pcm, state: dict[str, Any] | None = None) -> dict[str, Any]:
    """The answer, which is plain, finite JSON that fits its schema."""
    output, _ = service.compute(samples.typed(service, pcm), state)
    json.dumps(output, allow_nan=False)
    jsonschema.validate(output, service.output_schema(), cls=Draft202012Validator)
    assert_plain(output)
    return output


def assert_plain(value: object) -> None:
    if isinstance(value, dict):
        assert all(type(k) is str for k in value)
        for inner in value.values():
            assert_plain(inner)
    elif isinstance(value, list):
        for inner in value:
            assert_plain(inner)
    else:
        assert value is None or type(value) in (str, int, float, bool), type(value)
        assert not isinstance(value, float) or math.isfinite(value)


def lists(output: dict[str, Any]) -> list[Any]:
    return [value for value in output.values() if isinstance(value, list)]


@pytest.mark.parametrize("state", [None, {}], ids=["alone", "session"])
def test_no_frame(hearing: Service, state: dict[str, Any] | None) -> None:
    output = hear(hearing, samples.constant(hearing, 0), state)
    assert not any(lists(output))


@pytest.mark.parametrize("state", [None, {}], ids=["alone", "session"])
def test_one_frame(hearing: Service, state: dict[str, Any] | None) -> None:
    for value in (0, 1, 32767, -32768):
        hear(hearing, samples.constant(hearing, 1, value), state)


@pytest.mark.parametrize("state", [None, {}], ids=["alone", "session"])
def test_silence(hearing: Service, state: dict[str, Any] | None) -> None:
    output = hear(hearing, samples.constant(hearing, 2 * samples.rate(hearing)), state)
    assert not any(lists(output))


@pytest.mark.parametrize("value", [1, -1, 32767, -32768])
def test_direct_current(hearing: Service, value: int) -> None:
    hear(hearing, samples.constant(hearing, samples.rate(hearing), value))


def test_full_scale(hearing: Service) -> None:
    frames, count = samples.rate(hearing), samples.channels(hearing)
    square = np.where(np.arange(frames) // 37 % 2, 32767, -32768)
    noise = np.random.default_rng(1).integers(-32768, 32768, (frames, count))
    for values in (np.tile(square[:, None], (1, count)), noise):
        hear(hearing, Pcm(values.astype(np.int16), frames))


def test_one_channel_is_dead(hearing: Service) -> None:
    pcm = samples.lively(hearing, 1.0)
    for channel in range(pcm.channels):
        dead = pcm.samples.copy()
        dead[:, channel] = 0
        hear(hearing, Pcm(dead, pcm.rate))


def test_every_rate_that_is_promised(hearing: Service) -> None:
    declared = samples.sound_declaration(hearing)
    usual = (8000, 11025, 16000, 22050, 44100, 48000, 96000)
    rates = {declared.minimum_rate, declared.minimum_rate + 1, declared.maximum_rate - 1, declared.maximum_rate}
    for rate in sorted(rates | {r for r in usual if declared.minimum_rate <= r <= declared.maximum_rate}):
        hear(hearing, samples.bursts(rate, samples.channels(hearing), 0.3))


def test_the_same_values_over_http(client: Client, hearing: Service) -> None:
    for pcm in (samples.constant(hearing, 0), samples.constant(hearing, 1), samples.lively(hearing, 2.0)):
        assert client.answer(hearing, pcm) == hear(hearing, pcm)


def test_it_is_pure(hearing: Service) -> None:
    """Twice the same is the same; neither the sound nor the state is changed, nor need they be writable."""
    pcm = samples.lively(hearing, 1.0)
    pcm.samples.flags.writeable = False
    first, state = hearing.compute(samples.typed(hearing, pcm), {})
    assert state is not None
    before = repr(state)
    again, other = hearing.compute(samples.typed(hearing, pcm), {})
    assert (first, before) == (again, repr(other))
    hearing.compute(samples.typed(hearing, pcm), state)
    assert repr(state) == before


def header(pcm: Pcm, **lies: int) -> bytes:
    """A WAV file in whose header some fields hold what they should not."""
    block = 2 * pcm.channels
    size = pcm.samples.nbytes
    true = {"riff": 36 + size, "fmt": 16, "tag": 1, "channels": pcm.channels, "rate": pcm.rate}
    true |= {"byte_rate": pcm.rate * block, "block": block, "bits": 16, "data": size}
    f = true | lies
    return (
        struct.pack("<4sI4s4sI", b"RIFF", f["riff"], b"WAVE", b"fmt ", f["fmt"])
        + struct.pack("<HHIIHH", f["tag"], f["channels"], f["rate"], f["byte_rate"], f["block"], f["bits"])
        + struct.pack("<4sI", b"data", f["data"])
        + pcm.samples.tobytes()
    )


def refused(client: Client, service: Service, data: bytes) -> str:
    """Bad input that names the sound, in a sentence for a person."""
    body = client.refused(service, data)
    assert body["field"] == samples.file_name(service)
    assert body["code"] in ("unsupported_format", "damaged_sound")
    assert body["error"].startswith(SENTENCE_STARTS)
    sentence: str = body["error"]
    return sentence


@pytest.mark.parametrize(
    ("tag", "bits", "named"),
    [
        (1, 8, "PCM of 8 bits"),
        (1, 24, "PCM of 24 bits"),
        (1, 32, "PCM of 32 bits"),
        (3, 32, "floating point of 32 bits"),
        (3, 64, "floating point"),
        (2, 4, "ADPCM"),
        (6, 8, "A-law"),
        (7, 8, "mu-law"),
        (0x55, 0, "MP3"),
        (0xFFFF, 16, "0xffff"),
    ],
)
def test_other_encodings(client: Client, hearing: Service, tag: int, bits: int, named: str) -> None:
    pcm = samples.lively(hearing, 0.1)
    count = pcm.channels
    said = refused(client, hearing, header(pcm, tag=tag, bits=bits, block=count * bits // 8))
    assert named in said
    assert "16 bit" in said


def test_extensible(client: Client, hearing: Service) -> None:
    """The header of files with more than two channels, or of those who write it always: PCM in it is taken."""
    pcm = samples.lively(hearing, 0.5)
    usual = wav.encode(pcm)
    guid = bytes.fromhex("0100000000001000800000aa00389b71")
    extra = struct.pack("<HHI", 22, 16, 3)
    extensible = usual[:16] + struct.pack("<IH", 40, 0xFFFE) + usual[22:36] + extra + guid + usual[36:]
    assert client.answer(hearing, extensible) == client.answer(hearing, pcm)
    floating = extensible.replace(guid, b"\x03" + guid[1:])
    assert "floating point" in refused(client, hearing, floating)


def test_other_channels(client: Client, hearing: Service) -> None:
    declared = samples.sound_declaration(hearing)
    rate = samples.rate(hearing)
    for count in (1, 2, 3, 6):
        pcm = Pcm(np.zeros((rate // 10, count), np.int16), rate)
        if declared.channels in (None, count):
            client.answer(hearing, pcm)
        else:
            assert {1: "mono", 2: "stereo"}[declared.channels or 0] in refused(client, hearing, wav.encode(pcm))


def test_other_rates(client: Client, hearing: Service) -> None:
    declared = samples.sound_declaration(hearing)
    for rate in (1, declared.minimum_rate - 1, declared.maximum_rate + 1, 2**32 - 1):
        data = header(samples.constant(hearing, 100), rate=rate)
        assert f"{rate} Hz" in refused(client, hearing, data)


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"", "empty"),
        (b"fLaC\0\0\0\x22" + bytes(200), "FLAC"),
        (b"OggS" + bytes(200), "Ogg"),
        (b"ID3\x03" + bytes(200), "MP3"),
        (b"\xff\xfb\x90\x64" + bytes(200), "MP3"),
        (b"FORM\0\0\0\xc8AIFF" + bytes(200), "AIFF"),
        (b"RIFX" + bytes(200), "big-endian"),
        (b"RF64\xff\xff\xff\xffWAVE" + bytes(200), "RF64"),
        (b"\0\0\0\x20ftypM4A " + bytes(200), "MP4"),
        (b"\x1aE\xdf\xa3" + bytes(200), "WebM"),
        (b"RIFF\xc8\0\0\0AVI " + bytes(200), "no sound file"),
        (b"\0" * 1000, "no sound file"),
        (b"<html>", "no sound file"),
    ],
)
def test_other_files_with_the_name_of_a_wav(client: Client, hearing: Service, data: bytes, named: str) -> None:
    assert named in refused(client, hearing, data)


def test_a_file_that_is_cut_short_anywhere(hearing: Service, client: Client) -> None:
    whole = wav.encode(samples.lively(hearing, 0.1))
    for length in [*range(45), 46, 100, len(whole) - 2, len(whole) - 1]:
        if length != 44 or len(whole) == 44:
            refused(client, hearing, whole[:length])


def test_a_header_that_lies(client: Client, hearing: Service) -> None:
    """In each field: either the truth can be told from the rest, or it is refused."""
    pcm = samples.lively(hearing, 0.2)
    usual = client.answer(hearing, pcm)
    for harmless in ({"riff": 0}, {"riff": 2**32 - 1}, {"byte_rate": 1}, {"byte_rate": 2**32 - 1}):
        assert client.answer(hearing, header(pcm, **harmless)) == usual, harmless
    # Who writes to a pipe does not know the length.
    for unknown in (2**32 - 1, 0x7FFFF000, 0x7FFFFFFF, 0x80000000):
        assert client.answer(hearing, header(pcm, data=unknown)) == usual, unknown
    # Nor who writes the header with the first block, or never.
    size = pcm.samples.nbytes
    for fewer in (0, 2, 1024, size - 64, size - 2):
        assert client.answer(hearing, header(pcm, data=fewer, riff=36 + fewer)) == usual, fewer
    for lie in (
        {"tag": 0},
        {"channels": 0},
        {"channels": pcm.channels + 1},
        {"channels": 65535},
        {"channels": 65535, "block": 65534},
        {"rate": 0},
        {"block": 0},
        {"block": 1},
        {"block": 65535},
        {"bits": 0},
        {"bits": 15},
        {"bits": 65535},
        {"data": size + 1},
        {"data": 0x7FFF0000 - 1},
        {"fmt": 0},
        {"fmt": 14},
        {"fmt": 17},
        {"fmt": 2**31},
        {"fmt": 2**32 - 1},
    ):
        refused(client, hearing, header(pcm, **lie))


def test_more_chunks_than_sound(client: Client, hearing: Service) -> None:
    """What is between the header and the samples is stepped over, as many programs write something there."""
    pcm = samples.lively(hearing, 0.2)
    whole = wav.encode(pcm)
    odd = b"LIST" + struct.pack("<I", 5) + b"INFOx\0"
    assert client.answer(hearing, whole[:12] + odd + whole[12:36] + odd * 3 + whole[36:]) == client.answer(hearing, pcm)
    refused(client, hearing, whole[:12] + whole[36:] + whole[12:36])


def test_samples_in_two_chunks_or_two_files_are_all_heard(client: Client, hearing: Service) -> None:
    pcm = samples.lively(hearing, 0.4)
    usual, half = client.answer(hearing, pcm), pcm.frames // 2
    one, other = (wav.encode(Pcm(part, pcm.rate)) for part in (pcm.samples[:half], pcm.samples[half:]))
    assert client.answer(hearing, one + other[36:]) == usual
    assert client.answer(hearing, one + other) == usual
    assert "different formats" in refused(client, hearing, one + wav.encode(Pcm(pcm.samples, pcm.rate // 2)))

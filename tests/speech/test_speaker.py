from __future__ import annotations

import pytest

from audio import wav
from audio.errors import BadInput, SpeechFailed
from audio.speech.engine import Speech, Utterance
from audio.speech.speaker import EncodedSpeech, Request, Speaker

GREETING, WARNING = "Good morning to all of you.", "Please mind the gap at the doors."


class Pool:
    """Speaks its text as samples, and keeps what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.silent: list[str] = []  # how texts begin that it has no sound for

    def speak(self, pieces: list[Utterance]) -> list[Speech]:
        self.asked.append([p.text for p in pieces])
        return [Speech((b"\0" * 16000 if self._is_silent(p.text) else p.text.encode() * 500), 16000) for p in pieces]

    def _is_silent(self, text: str) -> bool:
        return text.startswith(tuple(self.silent))


@pytest.fixture
def pool() -> Pool:
    return Pool()


@pytest.fixture
def speaker(pool: Pool) -> Speaker:
    return speaker_with(pool)


def speaker_with(pool: Pool) -> Speaker:
    speaker = Speaker("pico")
    speaker.pool = pool
    return speaker


def test_a_sentence_is_spoken_once(speaker: Speaker, pool: Pool) -> None:
    speaker.speak(Request(f"{GREETING} {WARNING} {GREETING}", "en-US"))
    speaker.speak(Request(f"{WARNING} It is late in the evening.", "en-US"))
    speaker.speak(Request(f"{GREETING} {WARNING}", "en-US"))
    assert pool.asked == [[GREETING, WARNING], ["It is late in the evening."]]


def test_another_way_to_speak_is_another_sentence(speaker: Speaker, pool: Pool) -> None:
    for request in (Request(GREETING, "en-US"), Request(GREETING, "en-GB"), Request(GREETING, "en-US", rate=1.5)):
        speaker.speak(request)
    assert pool.asked == [[GREETING]] * 3


def test_the_sound_is_the_same_whatever_is_known_of_it(speaker: Speaker, pool: Pool) -> None:
    request = Request(f"{GREETING} {WARNING}", "en-US")
    speaker.speak(Request(WARNING, "en-US"))
    known = speaker.speak(request)
    assert speaker_with(pool).speak(request) == known
    assert pool.asked == [[WARNING], [GREETING], [GREETING, WARNING]]


def test_the_parts_of_a_text_in_a_row_are_its_whole(speaker: Speaker, pool: Pool) -> None:
    text = f"{GREETING} {WARNING}\nIt is late in the evening, and it is dark, and nobody is in the street any more."
    whole = speaker.speak(Request(text, "en-US"))
    alone = [speaker.speak(Request(text, "en-US", part=i)) for i in range(whole.parts)]
    assert whole.parts == 3
    assert b"".join(map(samples, alone)) == samples(whole)
    assert len(pool.asked) == 1


def test_a_text_is_written_out_once_for_all_its_parts(speaker: Speaker, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[tuple[str, str]] = []

    def normalise(text: str, lang: str) -> str:
        written.append((text, lang))
        return text

    monkeypatch.setattr("audio.speech.speaker.normalise", normalise)
    text = f"{GREETING} {WARNING}"
    for part in (0, 1, None):
        speaker.speak(Request(text, "en-US", part=part))
    speaker.speak(Request(text, "en-GB", part=0))
    assert written == [(text, "en-US"), (text, "en-GB")]


def samples(speech: EncodedSpeech) -> bytes:
    return wav.decode(wav.unpack(speech.packed)).samples.tobytes()


def test_one_part_is_spoken_alone(speaker: Speaker, pool: Pool) -> None:
    speaker.speak(Request(f"{GREETING} {WARNING}", "en-US", part=1))
    assert pool.asked == [[WARNING]]
    with pytest.raises(BadInput, match="must be less than 2") as refusal:
        speaker.speak(Request(f"{GREETING} {WARNING}", "en-US", part=2))
    assert refusal.value.field == "part"


def test_a_silent_part_of_a_text_that_is_heard_is_silence(speaker: Speaker, pool: Pool) -> None:
    long = ", ".join(["Nothing of this is heard by anybody in the whole of the wide world"] * 14) + "."
    pool.silent = ["Nothing"]
    alone = speaker.speak(Request(f"{GREETING} {long}", "en-US", part=1))
    assert len(pool.asked[0]) >= alone.parts == 2
    assert not any(samples(alone))


@pytest.mark.parametrize("part", [None, 0])
def test_a_whole_text_that_is_silent_has_failed(speaker: Speaker, pool: Pool, part: int | None) -> None:
    pool.silent = [GREETING]
    with pytest.raises(SpeechFailed, match="silence"):
        speaker.speak(Request(GREETING, "en-US", part=part))

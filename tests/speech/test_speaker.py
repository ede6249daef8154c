from __future__ import annotations

import pytest

from audio.speech.engine import Speech, Utterance
from audio.speech.speaker import Speaker, Wish

GREETING, WARNING = "Good morning to all of you.", "Please mind the gap at the doors."


class Pool:
    """Speaks its text as samples, and keeps what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def speak(self, pieces: list[Utterance]) -> list[Speech]:
        self.asked.append([p.text for p in pieces])
        return [Speech(p.text.encode() * 500, 16000) for p in pieces]


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
    speaker.say(Wish(f"{GREETING} {WARNING} {GREETING}", "en-US"))
    speaker.say(Wish(f"{WARNING} It is late in the evening.", "en-US"))
    speaker.say(Wish(f"{GREETING} {WARNING}", "en-US"))
    assert pool.asked == [[GREETING, WARNING], ["It is late in the evening."]]


def test_another_way_to_speak_is_another_sentence(speaker: Speaker, pool: Pool) -> None:
    for wish in (Wish(GREETING, "en-US"), Wish(GREETING, "en-GB"), Wish(GREETING, "en-US", rate=1.5)):
        speaker.say(wish)
    assert pool.asked == [[GREETING]] * 3


def test_the_sound_is_the_same_whatever_is_known_of_it(speaker: Speaker, pool: Pool) -> None:
    wish = Wish(f"{GREETING} {WARNING}", "en-US")
    speaker.say(Wish(WARNING, "en-US"))
    known = speaker.say(wish)
    assert speaker_with(pool).say(wish) == known
    assert pool.asked == [[WARNING], [GREETING], [GREETING, WARNING]]

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from audio.speech.split import PARAGRAPH, SENTENCE, split


def test_a_short_text_is_one_piece() -> None:
    assert [p.text for p in split("One. Two! Three?")] == ["One. Two! Three?"]


def test_a_long_text_is_cut_between_sentences() -> None:
    sentence = "This is a sentence of some length, with a clause."
    pieces = split(" ".join([sentence] * 20), longest=120)
    assert [p.text for p in pieces] == [f"{sentence} {sentence}"] * 10
    assert {p.pause for p in pieces[:-1]} == {SENTENCE}


def test_a_long_sentence_is_cut_between_clauses_and_words() -> None:
    pieces = split("one two three, four five six, seven eight nine ten eleven", longest=20)
    assert [p.text for p in pieces] == ["one two three,", "four five six,", "seven eight nine ten", "eleven"]


def test_paragraphs_are_apart() -> None:
    pieces = split("Title\nText.")
    assert [(p.text, p.pause) for p in pieces] == [("Title", PARAGRAPH), ("Text.", PARAGRAPH)]


def test_one_endless_word_is_cut_too() -> None:
    assert [len(p.text) for p in split("a" * 1000, longest=400)] == [400, 400, 200]


@given(st.text(alphabet="ab1 ,.!\n'", max_size=300), st.integers(5, 50))
def test_nothing_that_sounds_is_lost(text: str, longest: int) -> None:
    pieces = split(text, longest)
    assert all(0 < len(p.text) <= longest for p in pieces)
    spoken = "".join(c for p in pieces for c in p.text if c.isalnum())
    assert spoken == "".join(c for c in text if c.isalnum())


def test_sentences_can_be_apart() -> None:
    first, second = "This is the first sentence.", "Is this the second sentence?"
    pieces = split(f"{first} {second}\nAnd a line!", apart=True)
    assert [p.text for p in pieces] == [first, second, "And a line!"]
    assert [p.pause for p in pieces] == [SENTENCE, PARAGRAPH, PARAGRAPH]


def test_a_very_short_sentence_goes_with_the_next() -> None:
    pieces = split("No. No! Never again, I say. It was dreadful from the start. Yes.", apart=True)
    assert [p.text for p in pieces] == ["No. No! Never again, I say.", "It was dreadful from the start.", "Yes."]

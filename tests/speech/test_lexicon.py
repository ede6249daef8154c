from __future__ import annotations

import pytest

from audio.speech import lexicon


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en-US", "first strength north exit tsunami"),
        ("de-DE", "nicht rechts hauptbahnhof fünf"),
        ("es-ES", "salida club zinc"),
        ("fr-FR", "sortie cinq jazz"),
        ("it-IT", "uscita sport quiz"),
    ],
)
def test_words_are_known(lang: str, words: str) -> None:
    assert all(lexicon.of(lang).has(w) for w in words.split())


@pytest.mark.parametrize("lang", ["en-US", "de-DE", "es-ES", "fr-FR", "it-IT"])
def test_initials_are_no_words(lang: str) -> None:
    words = lexicon.of(lang)
    assert not any(words.has(w) or words.pronounceable(w) for w in ["hdmi", "fbi", "dvd", "html", "bbc", "tv"])


def test_names_that_no_list_has_are_pronounceable() -> None:
    english = lexicon.of("en-US")
    assert not english.count("brindlewick")
    assert english.pronounceable("brindlewick")
    assert not english.pronounceable("bxrtwk")
    assert not english.pronounceable("")


def test_accents_that_capitals_lack_come_back() -> None:
    french = lexicon.of("fr-FR")
    assert french.accented("ecole") == "école"
    assert french.accented("ferme") == "ferme"  # a word as it is
    assert french.accented("qqqqq") == "qqqqq"
    assert lexicon.of("es-ES").accented("estacion") == "estación"


def test_a_count_is_that_of_the_whole_word() -> None:
    english = lexicon.of("en-GB")
    assert english.count("the") > english.count("tomorrow") > 0
    assert english.count("th e") == english.count("zzyzzy") == 0
    assert english.share("you") <= 1

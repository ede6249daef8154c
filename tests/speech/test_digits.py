from __future__ import annotations

import pytest

from audio.speech.normalise import normalise

EIGHT_GROUPS = "five five zero zero, zero zero zero zero, zero zero zero zero, zero zero zero four"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ring 202.555.0143", "ring two zero two, five five five, zero one four three"),
        ("202 555 0143", "two zero two, five five five, zero one four three"),
        ("5500 0000 0000 0004", EIGHT_GROUPS),
        ("5500-0000-0000-0004", EIGHT_GROUPS),
        ("3714 496353 98431", "three seven one four, four nine six three five three, nine eight four three one"),
        ("dial 999, code 7712", "dial nine nine nine, code seven seven one two"),
        ("ISBN 978-0-306-40615-7", "I S B N nine seven eight, zero, three zero six, four zero six one five, seven"),
        (
            "GB29 NWBK 6016 1331 9268 19",
            "G B two nine, N W B K, six zero one six, one three three one, nine two six eight, one nine",
        ),
        ("2025550143", "two zero two, five five five, zero one four three"),
        ("Salem, OR 97301", "Salem, O R nine seven three zero one"),
    ],
)
def test_numbers_that_are_names_are_read_digit_by_digit(text: str, words: str) -> None:
    assert normalise(text, "en-US") == words


@pytest.mark.parametrize(
    ("lang", "text", "words"),
    [
        ("de-DE", "0151 2345678", "null eins fünf eins, zwei drei vier, fünf sechs sieben acht"),
        ("de-DE", "Notruf 110", "Notruf eins eins null"),
        ("es-ES", "llame al 911234567", "llame al nueve uno uno, dos tres cuatro, cinco seis siete"),
        ("fr-FR", "06 11 22 33 44", "zéro six, onze, vingt-deux, trente-trois, quarante-quatre"),
        ("fr-FR", "06.11.22.33.44", "zéro six, onze, vingt-deux, trente-trois, quarante-quatre"),
        ("it-IT", "347 1234567", "tre quattro sette, uno due tre, quattro cinque sei sette"),
        ("en-GB", "020 7946 0018", "zero two zero, seven nine four six, zero zero one eight"),
    ],
)
def test_each_country_dials_its_way(lang: str, text: str, words: str) -> None:
    assert normalise(text, lang) == words


@pytest.mark.parametrize(
    ("lang", "text", "words"),
    [
        ("en-US", "2,500 people, 3000000000 stars", "two thousand five hundred people, three billion stars"),
        ("de-DE", "1.250.000 Euro", "eine Million zweihundert fünfzigtausend Euro"),
        ("fr-FR", "1 500 000 euros", "un million cinq cent mille euros"),
    ],
)
def test_amounts_stay_amounts(lang: str, text: str, words: str) -> None:
    assert normalise(text, lang) == words

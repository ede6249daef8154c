from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.errors import BadInput
from audio.speech.clean import clean
from audio.speech.engine import LANGUAGES
from audio.speech.normalise import normalise


def read(text: str, lang: str = "en-US") -> str:
    return normalise(clean(text, lang), lang)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("9 > 8 and 1 < 7", "nine is greater than eight and one is less than seven"),
        (
            "x >= 5, y ≤ 6, a != b",
            "x is greater than or equal to five, y is less than or equal to six, a is not equal to b",
        ),
        ("if a <b and c> d", "if a is less than b and c is greater than d"),
        ("135/85", "one hundred thirty five over eighty five"),
        ("$8/hour, 3 €/kg, 5 mg/l", "eight dollars per hour, three euros per kilogram, five milligrams per liter"),
        ("two at $5/lb, 3 pills/day, $/kg", "two at five dollars per pound, three pills per day, dollars per kilogram"),
        ("90 km/h", "ninety kilometers per hour"),
        ("10^6, x^2, 10⁻³", "ten to the power of six, x squared, ten to the power of minus three"),
        ("6*7, 6 * 7, 6 × 7, 42 ÷ 6", "six times seven, six times seven, six times seven, forty two divided by six"),
        ("5-3=2, 9 - 4 = 5", "five minus three equals two, nine minus four equals five"),
        ("~40 people, ± 3, 7 ‰", "about forty people, plus or minus three, seven per mille"),
        ("input/output, and/or", "input slash output, and or"),
        ("Paris -> Rome", "Paris to Rome"),
        ("√9, 5 kΩ, 3 µm, α", "the square root of nine, five kilohms, three micrometers, alpha"),
        ("snake_case", "snake underscore case"),
        ('a 24" screen, 5\'11"', "a twenty four inch screen, five feet eleven"),
        ('"Room 7" is left', '"Room seven" is left'),
        ("C# and C++, #4, #fun", "C sharp and C plus plus, number four, hashtag fun"),
        ("*67 or *100#", "star six seven or star one zero zero hash"),
    ],
)
def test_a_sign_that_says_something_is_said(text: str, words: str) -> None:
    assert read(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("> what he wrote", "what he wrote"),
        ("*very* **bold**", "very bold"),
        ("Name: ____ here", "Name: here"),
        ("Home | News", "Home, News"),
        ("press <Enter>", "press Enter"),
        ("^^ nice ~", "nice"),
    ],
)
def test_ornament_is_passed_over(text: str, words: str) -> None:
    assert read(text) == words


@pytest.mark.parametrize(
    ("lang", "text", "words"),
    [
        ("de-DE", "7 > 6, 130/90, 3^4", "sieben größer als sechs, einhundert dreißig zu neunzig, drei hoch vier"),
        ("de-DE", "9 €/Stunde, 2 €/kg", "neun Euro pro Stunde, zwei Euro pro Kilogramm"),
        ("de-DE", "Lehrer:innen, er/sie, 3x", "Lehrer innen, er Schrägstrich sie, drei mal"),
        ("es-ES", "7 < 8, 130/90, 3^4", "siete menor que ocho, ciento treinta sobre noventa, tres elevado a cuatro"),
        ("es-ES", "9 €/hora, y/o", "nueve euros por hora, y o"),
        ("fr-FR", "7 > 6, 13/9, 3^4", "sept supérieur à six, treize sur neuf, trois puissance quatre"),
        ("fr-FR", "9 €/heure, 90 km/h", "neuf euros par heure, quatre-vingt-dix kilomètres heure"),
        (
            "it-IT",
            "7 ≥ 6, 130/90, 3^4",
            "sette maggiore o uguale a sei, cento trenta su novanta, tre elevato a quattro",
        ),
        ("it-IT", "90 km/h, 3 €/kg", "novanta chilometri all'ora, tre euro per chilogrammo"),
        ("en-GB", "£9/week", "nine pounds per week"),
    ],
)
def test_each_language_has_its_words(lang: str, text: str, words: str) -> None:
    assert read(text, lang) == words


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "sign",
    [
        ">",
        "<",
        "≥",
        "≤",
        "≠",
        "≈",
        "=",
        "+",
        "×",
        "÷",
        "±",
        "/",
        "^",
        "&",
        "@",
        "%",
        "√",
        "→",
        "\\",
        "_",
        "$",
        "€",
        "£",
    ],
)
def test_no_sign_between_numbers_is_dropped(lang: str, sign: str) -> None:
    assert read(f"7{sign}4", lang) != read("7 4", lang)


@given(st.text(alphabet="<>[]{}|\\^~_*/=-+ .\n'\"ab1Z€$%&#@≥→²µ", max_size=60), st.sampled_from(LANGUAGES))
def test_an_engine_meets_no_sign_that_it_could_take_for_a_command(text: str, lang: str) -> None:
    try:
        words = read(text, lang)
    except BadInput:
        return
    assert not set(words) & set("<>[]{}|\\^~_*=/#@$€")

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.errors import BadInput
from audio.speech.clean import MAX_LENGTH, clean


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (" \t\n ", "empty"),
        ("abc\0def", r"U\+0000"),
        ("\x010A hello", r"U\+0001"),
        ("abc\x7f", r"U\+007F"),
        ("abc\ud800def", "surrogate"),
        ("... !!! ---", "nothing that can be spoken"),
        ("\N{GRINNING FACE}", "nothing that can be spoken"),
        ("Привет, как дела?", "nothing that can be spoken"),
        ("ª º", "nothing that can be spoken"),
        ("a" * (MAX_LENGTH + 1), "at most 5000"),
    ],
)
def test_what_cannot_be_spoken_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(BadInput, match=reason) as refusal:
        clean(text, "en-US")
    assert refusal.value.field == "text"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Hello\t\tworld.", "Hello world."),
        ("One.\r\n\r\n Two.", "One.\nTwo."),
        ("It’s “fine” – really…", 'It\'s "fine" – really...'),
        ("hello \N{GRINNING FACE} world", "hello world"),
        ("zero\N{ZERO WIDTH JOINER}width", "zerowidth"),
        ("cafe\N{COMBINING ACUTE ACCENT}", "café"),
        ("ＡＢＣ １２", "ABC 12"),
        ("Привет, hello", ", hello"),
        ("\N{CIRCLED DIGIT ONE} \N{ROMAN NUMERAL EIGHT} \N{VULGAR FRACTION SEVEN EIGHTHS}", "1 VIII 7/8"),
        ("20\N{DEGREE CELSIUS}, H\N{SUBSCRIPT TWO}O, x²", "20°C, H2O, x²"),
        ("Audio\N{TRADE MARK SIGN} works", "Audio works"),
        ("Wait......... what?????", "Wait... what???"),
        ("a" * 200, " ".join(["a" * 80, "a" * 80, "a" * 40])),
    ],
)
def test_characters_become_plain(text: str, plain: str) -> None:
    assert clean(text, "en-US") == plain


def test_markup_is_read_as_text() -> None:
    assert clean('Hello <break time="60s"/> world.', "en-US") == "Hello break time 60s world."
    assert clean("Hello [[aaa]] world.", "en-US") == "Hello aaa world."


@given(st.text(max_size=200))
def test_nothing_dangerous_is_left(text: str) -> None:
    try:
        plain = clean(text, "de-DE")
    except BadInput:
        return
    assert not set(plain) & set("[]{}")
    assert all(c == "\n" or c.isprintable() for c in plain)
    assert any(c.isalnum() for c in plain)

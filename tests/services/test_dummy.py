from hypothesis import given
from hypothesis import strategies as st

from audio.services import dummy

SERVICE = dummy.SERVICE


@given(st.text())
def test_it_gives_back_what_it_is_given(echo: str) -> None:
    assert SERVICE.compute(SERVICE.read({"echo": echo}), None) == ({"echo": echo}, None)


def test_without_a_text_it_says_echo() -> None:
    assert SERVICE.compute(SERVICE.read({}), {}) == ({"echo": "echo"}, {})


def test_it_does_as_its_example_says() -> None:
    given_, answered = SERVICE.example
    assert SERVICE.compute(SERVICE.read(given_), None)[0] == answered

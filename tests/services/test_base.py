"""Declarations, as JSON meets them. What services make of them is in tests/contract."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from audio import wav
from audio.errors import BadInput, UnsupportedFormat
from audio.pcm import Pcm
from audio.services.base import Service
from audio.services.inputs import choice, describe, number, sound, text

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@dataclass(frozen=True, kw_only=True)
class Inputs:
    heard: Pcm = sound(about="Any sound.", minimum_rate=1000, maximum_rate=9000)
    needed: float = number(about="A number.", minimum=-1, maximum=1, unit="m")
    count: int = number(1, about="A count.", minimum=0, maximum=9, whole=True)
    share: float = number(0.5, about="A share.", minimum=0, maximum=1)
    maybe: float | None = number(None, about="Perhaps a number.", minimum=0, maximum=1)
    words: str = text("hm", about="Words.", max_length=5)
    side: str = choice(about="A side.", choices=("left", "right"))


SERVICE = Service(
    name="sample",
    version=3,
    description="A sample.",
    inputs=Inputs,
    outputs={"x": {"type": "integer"}},
    compute=lambda inputs, state: ({"x": 1}, state),
    example=({}, {}),
    requires=("json", "no_such_module_anywhere"),
)


class Part:
    data = wav.encode(Pcm(np.zeros((3, 2), np.int16), 8000))


LEAST = {"heard": Part(), "needed": 0, "side": "left"}


def test_what_is_left_out_has_its_default() -> None:
    inputs = SERVICE.read(LEAST)
    assert (inputs.needed, inputs.share, inputs.maybe, inputs.words, inputs.side) == (0.0, 0.5, None, "hm", "left")
    assert type(inputs.needed) is float
    assert inputs.heard.frames == 3


def test_null_is_as_good_as_left_out() -> None:
    assert SERVICE.read({**LEAST, "share": None, "maybe": None}).share == 0.5


@pytest.mark.parametrize("name", LEAST)
def test_what_is_needed_is_named(name: str) -> None:
    with pytest.raises(BadInput, match=f"'{name}' is missing") as caught:
        SERVICE.read({**LEAST, name: None})
    assert caught.value.field == name


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("needed", 1.001, "a number from -1 to 1 m; 1.001 came"),
        ("needed", math.nan, "from -1 to 1 m; nan came"),
        ("count", 1.5, "a whole number from 0 to 9; 1.5 came"),
        ("needed", 10**400, "a number too large came"),
        ("needed", -math.inf, "a number too large came"),
        ("needed", True, "true came"),
        ("needed", "0", 'the text "0" came'),
        ("needed", [0], "a list came"),
        ("needed", {}, "an object came"),
        ("needed", Part(), "a file came"),
        ("words", 1, "must be a text; 1 came"),
        ("words", "too long", "at most 5 characters; 8 came"),
        ("words", "\ud800", "surrogate"),
        ("side", "Left", "one of left, right"),
        ("side", ["left"], "a list came"),
        ("side", "x" * 500, "x" * 40 + '..." came'),
        ("heard", "file:///etc/passwd", "attachment://"),
        ("heard", {"data": "x"}, "an object came"),
    ],
)
def test_what_is_refused(name: str, value: object, said: str) -> None:
    with pytest.raises(BadInput) as caught:
        SERVICE.read({**LEAST, name: value})
    assert said in caught.value.message
    assert caught.value.field == name


VALIDATORS = {n: Draft202012Validator(s) for n, s in SERVICE.input_schema()["properties"].items()}


@given(JSON.filter(lambda value: value is not None))
def test_json_is_refused_or_fits_its_schema(value: object) -> None:
    """What is taken is what the schema allows."""
    for name in ("needed", "share", "words", "side"):
        fits = VALIDATORS[name].is_valid(value)
        try:
            SERVICE.read({**LEAST, name: value})
        except BadInput:
            finite = not isinstance(value, float) or math.isfinite(value)
            lone = isinstance(value, str) and any("\ud800" <= c <= "\udfff" for c in value)
            assert lone or not (finite and fits), (name, value)
        else:
            assert fits, (name, value)


@pytest.mark.parametrize(("rate", "taken"), [(999, False), (1000, True), (9000, True), (9001, False)])
def test_rates(rate: int, taken: bool) -> None:
    part = Part()
    part.data = wav.encode(Pcm(np.zeros((3, 1), np.int16), rate))
    if taken:
        assert SERVICE.read({**LEAST, "heard": part}).heard.rate == rate
    else:
        with pytest.raises(UnsupportedFormat, match=f"from 1000 to 9000 Hz; {rate} Hz came"):
            SERVICE.read({**LEAST, "heard": part})


def test_the_schema_says_it_all() -> None:
    schema = SERVICE.input_schema()
    Draft202012Validator.check_schema(schema)
    assert schema["required"] == ["heard", "needed", "side"]
    properties = schema["properties"]
    assert properties["share"]["default"] == 0.5
    assert "default" not in properties["maybe"]
    assert properties["needed"]["description"] == "A number. In m."
    assert properties["words"]["maxLength"] == 5
    assert properties["side"]["enum"] == ["left", "right"]
    assert "1000 to 9000 Hz" in properties["heard"]["description"]
    assert SERVICE.output_schema() == {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}


def test_a_service_knows_its_sound_and_what_it_lacks() -> None:
    assert SERVICE.timed is not None
    assert SERVICE.timed.name == "heard"
    assert SERVICE.missing() == ["no_such_module_anywhere"]
    assert dataclasses.replace(SERVICE, requires=()).missing() == []


@given(JSON)
def test_descriptions_are_short(value: object) -> None:
    assert 1 <= len(describe(value)) < 60

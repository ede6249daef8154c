from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.audience.metrics import METRICS, Sums, answer, interested, passing_by
from audio.audience.visit import Row


def row(**given: object) -> Row:
    values = {"first": 0.0, "last": 10.0, "seen": 10.0, "stop": 4.0, "still_total": 5.0, "look": 2.0}
    return Row(**{**values, **given})  # type: ignore[arg-type]


rows = st.builds(
    Row,
    first=st.just(0.0),
    last=st.just(60.0),
    seen=st.floats(0, 60),
    stop=st.floats(0, 30),
    still_total=st.floats(0, 60),
    look=st.floats(0, 60),
    age=st.none() | st.floats(1, 90),
    gender=st.sampled_from([None, "female", "male"]),
    happiness=st.none() | st.floats(0, 1),
)


@pytest.mark.parametrize(
    ("given", "passes", "counts"),
    [
        ({}, True, True),
        ({"seen": 0.9}, False, False),
        ({"seen": 1.0, "stop": 0.0, "look": 0.0}, True, False),
        ({"stop": 2.9}, True, False),
        ({"stop": 3.0, "look": 1.01}, True, True),
        ({"look": 1.0}, True, False),
        ({"look": 1.0 + 1e-7}, True, False),  # what is left of Unix times that are added up
    ],
)
def test_who_passes_by_and_who_is_interested(given: dict[str, float], passes: bool, counts: bool) -> None:
    assert passing_by(row(**given)) is passes
    assert interested(row(**given)) is counts


def test_nobody_gives_zeros_and_nulls() -> None:
    assert answer(Sums(), list(METRICS)) == {
        "passing_by": {"value": 0},
        "interested": {"value": 0},
        "stop_time": {"value": None},
        "attention_time": {"value": None},
        "category": {"senior_female": 0, "senior_male": 0, "young_female": 0, "young_male": 0},
        "gender": {"?": 0, "female": 0, "male": 0},
        "satisfaction": {"value": None},
    }


def total(day: list[Row]) -> Sums:
    return sum(map(Sums.of, day), Sums())


def test_a_day() -> None:
    day = [
        row(seen=0.5, gender="male", age=20.0),
        row(stop=1.0, gender="male", age=20.0),
        row(still_total=4.0, look=1.5, gender="female", age=50.0, happiness=0.9),
        row(still_total=9.0, look=2.5, gender="female", age=49.9, happiness=0.4),
        row(still_total=4.5, look=3.0, gender="male"),
        row(still_total=4.5, look=3.0, age=70.0),
    ]
    assert answer(total(day), list(METRICS)) == {
        "passing_by": {"value": 5},
        "interested": {"value": 4},
        "stop_time": {"value": 5.5},
        "attention_time": {"value": 2.5},
        "category": {"senior_female": 1, "senior_male": 0, "young_female": 1, "young_male": 0},
        "gender": {"?": 1, "female": 2, "male": 1},
        "satisfaction": {"value": 0.65},
    }


def test_no_order_of_adding_up_settles_a_half() -> None:
    above, below = Sums(interested=1, still=0.25, happy=1, happiness=0.555), Sums(interested=1, still=0.25, happy=1)
    below = replace(below, happiness=0.555 - 1e-15)
    assert answer(above, ["satisfaction"]) == answer(below, ["satisfaction"])


def test_only_what_is_asked_is_answered_and_an_unknown_name_is_an_error() -> None:
    assert list(answer(Sums(), ["interested"])) == ["interested"]
    with pytest.raises(KeyError):
        answer(Sums(), ["happiness"])


@given(st.lists(rows, max_size=20), st.integers(0, 20))
def test_sums_of_parts_are_the_sums_of_the_whole(day: list[Row], cut: int) -> None:
    parts, whole = total(day[:cut]) + total(day[cut:]), total(day)
    for name, metric in METRICS.items():
        for key, value in metric(whole).items():
            assert metric(parts)[key] == (value if value is None else pytest.approx(value, abs=0.11)), name


@given(st.lists(rows, max_size=20))
def test_counts_agree_with_each_other(day: list[Row]) -> None:
    figures = answer(total(day), list(METRICS))
    gender, category = figures["gender"], figures["category"]
    assert sum(gender.values()) == figures["interested"]["value"] <= figures["passing_by"]["value"] <= len(day)
    assert category["senior_female"] + category["young_female"] <= gender["female"]
    assert category["senior_male"] + category["young_male"] <= gender["male"]

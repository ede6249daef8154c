"""What is added up frame by frame is what the definitions say of the whole visit, at the thresholds and at any time."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.audience import metrics
from audio.audience.observation import Observation
from audio.audience.visit import Row, Visit
from audio.dsp.plain import pack, unpack
from tests.audience import definitions
from tests.audience.definitions import TICK, Glimpse

# 1970; a day of these years; the end of 2038's clocks: seconds lose their last digits the later they are.
STARTS = (0.0, 1_795_000_000.0, 2.0**31 - 3)
FACE = 40


def row(them: Sequence[Glimpse], start: float) -> Row:
    """As the service adds up: frame by frame, the visit packed into the session's state in between."""
    visit: Visit | None = None
    for one in them:
        seen = Observation(start + one.tick / TICK, one.x, 100, one.height, one.face, one.looking)
        now = visit.add(seen) if visit else Visit.begin(seen)
        visit = unpack(Visit, pack(now))
    assert visit is not None
    return visit.row


# Frames come up to two seconds apart, mostly a tick or two; with the same time where a clock stood still.
steps = st.sampled_from([0, 1, 1, 1, 2, 2, 3, 5, 9, 10, 11, 15, 19, 20])
# None of them meets a threshold of speed or growth exactly: there the last digit of a float decides.
moves = st.sampled_from([0, 0, 0, 0, 1, -1, 3, 9, -23, 27, 101])
pieces = st.tuples(st.integers(1, 30), steps, moves, st.sampled_from([0, 0, 0, 7, -7]), st.booleans())


@st.composite
def walks(draw: st.DrawFn) -> list[Glimpse]:
    """Somebody who goes on in one way for a while, then in another."""
    tick, x, height = 0, 301, 281
    them = [Glimpse(0, x, height, FACE + 1, draw(st.booleans()))]
    for count, step, move, grow, looking in draw(st.lists(pieces, min_size=1, max_size=8)):
        for _ in range(count):
            tick, x, height = tick + step, x + move, min(max(height + grow, 106), 995)
            them.append(Glimpse(tick, x, height, FACE + 1, looking))
    return them


@given(walks(), st.sampled_from(STARTS))
def test_a_visit_is_what_its_definitions_say(them: list[Glimpse], start: float) -> None:
    found = row(them, start)
    assert found.seen == pytest.approx(float(definitions.seen(them)), abs=1e-5)
    assert found.look == pytest.approx(float(definitions.look(them)), abs=1e-5)
    assert found.stop == pytest.approx(float(definitions.stop(them)), abs=1e-5)
    assert found.still_total == pytest.approx(float(definitions.still_total(them)), abs=1e-5)
    assert metrics.passing_by(found) is (definitions.seen(them) >= 1)
    assert metrics.interested(found) is definitions.interested(them)


def stands(stay: int, looks: int, step: int = 1) -> list[Glimpse]:
    """Somebody who stands for so many ticks, and looks in the first of them."""
    return [Glimpse(tick, 300, 280, FACE, tick < looks) for tick in range(0, stay + 1, step)]


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize(
    ("them", "passes", "counts"),
    [
        (stands(9, 9), False, False),
        (stands(10, 10), True, False),  # a second in view is one
        (stands(29, 29), True, False),
        (stands(30, 11), True, True),  # so are three of standing
        (stands(30, 10), True, False),  # a second of looking is not more than one
        (stands(40, 40, step=10), True, True),
        (stands(60, 1, step=20), True, False),  # between two frames at most a second counts
        (stands(60, 21, step=20), True, False),
    ],
)
def test_the_thresholds_are_met_exactly(them: list[Glimpse], passes: bool, counts: bool, start: float) -> None:
    found = row(them, start)
    assert (metrics.passing_by(found), metrics.interested(found)) == (passes, counts)
    assert definitions.interested(them) is counts


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize(("stay", "total"), [(8, 0), (9, 0), (10, 1), (11, 1.1)])
def test_a_spell_of_a_second_counts_and_a_shorter_one_does_not(stay: int, total: float, start: float) -> None:
    assert row(stands(stay, 0), start).still_total == pytest.approx(total)


@pytest.mark.parametrize("start", STARTS)
def test_a_clock_that_stands_adds_no_time(start: float) -> None:
    once, often = stands(30, 11), [one for one in stands(30, 11) for _ in range(3)]
    assert row(often, start) == row(once, start)


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("offset", range(10))
def test_a_break_of_half_a_second_ends_a_spell_at_any_time(start: float, offset: int) -> None:
    """A step aside is seen as long as it lies in the last second: in two looks, half a second apart."""
    ticks = [0, *range(offset or 5, 100, 5)]
    them = [Glimpse(tick, 300 if tick < 50 else 401, 280, FACE, False) for tick in ticks]
    assert len(definitions.spells(them)) == 2
    assert row(them, start).stop == pytest.approx(float(definitions.stop(them)))

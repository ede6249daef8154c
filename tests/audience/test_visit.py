from __future__ import annotations

import pytest

from audio.audience.observation import observe
from audio.audience.visit import Visit
from tests.audience.people import FACE, Entity, held, person, visit

LOOKS = {"gaze": [0.1, 0.05]}
AWAY = {"gaze": [1.2, 0.0]}


def test_who_walks_by_never_stands_still() -> None:
    row = visit(5, lambda t: person(6 * FACE * t))
    assert (row.first, row.last, row.seen, row.stop, row.still_total) == (0, 5, 5, 0, 0)


def test_who_walks_to_the_camera_never_stands_still() -> None:
    assert visit(5, lambda t: person(height=150 * 1.2**t)).stop == 0
    assert visit(5, lambda t: person(height=150 * 1.1**t, y=100 - 75 * (1.1**t - 1))).stop == pytest.approx(5)


def test_who_stands_is_still_from_the_first_second_on() -> None:
    row = visit(5, lambda _: person())
    assert row.stop == pytest.approx(5) and row.still_total == pytest.approx(5)


def walks_between(start: float, end: float) -> float:
    """Stands from 0 to 4 s and from 6 s; between these walks, from `start` to `end`."""
    return visit(10, lambda t: person(300 + 8 * FACE * (min(max(t, start), end) - start))).stop


def test_a_short_break_ends_no_spell_and_a_longer_one_does() -> None:
    # One step of 26 px is out of the window 1 s later: seen as a break while more than half a face size lies in it.
    step = visit(8, lambda t: person(300 + (26 if 4 <= t < 4.3 else 0)))
    assert step.stop > 7
    assert 3.5 < walks_between(4, 6) < 5


def test_all_spells_of_a_second_add_up() -> None:
    row = visit(14, lambda t: person(300 + 8 * FACE * (min(max(t, 4), 7) - 4)))
    assert row.stop == pytest.approx(7, abs=0.6)
    assert row.still_total == pytest.approx(4 + 7, abs=0.6)
    assert row.still_total > row.stop


def test_looking_adds_up_over_the_whole_visit() -> None:
    row = visit(10, lambda t: person(**(LOOKS if t % 2 < 0.95 else AWAY)))
    assert row.look == pytest.approx(5)


def test_what_was_so_in_a_frame_counts_until_the_next_but_for_a_second_at_most() -> None:
    frames = [(0.0, LOOKS), (0.5, AWAY), (1.0, LOOKS), (3.0, AWAY)]
    seen = [observe(time, person(**gaze)) for time, gaze in frames]
    now = Visit.begin(seen[0])  # type: ignore[arg-type]
    for one in seen[1:]:
        now = now.add(one)  # type: ignore[arg-type]
    assert now.row.look == 0.5 + 1.0
    assert now.row.seen == 3.0


def test_frames_in_which_nobody_saw_the_person_count_in_no_time() -> None:
    def at(t: float) -> Entity:
        entity = person(**LOOKS)
        return held(entity) if t > 3 else entity

    row = visit(5, at)
    assert (row.last, row.seen) == (3, 3) and row.look == pytest.approx(3)


def test_age_and_gender_are_those_at_the_end() -> None:
    def at(t: float) -> Entity:
        return person(age=30 if t < 3 else 41, gender="male" if t < 3 else "female") if t > 1 else person()

    row = visit(5, at)
    assert (row.age, row.gender) == (41, "female")
    assert visit(0.5, at).age is None


def test_happiness_is_the_mean_while_looking_and_unknown_under_a_second() -> None:
    def smiles(t: float) -> Entity:
        return person(**(LOOKS if t < 2 else AWAY), emotion_happiness=0.9 if t < 1 else 0.1, emotion_confidence=0.8)

    assert visit(4, smiles).happiness == pytest.approx(0.5)
    assert visit(1.0, smiles).happiness is not None
    assert visit(0.9, smiles).happiness is None


def test_one_frame_is_a_visit_of_no_time() -> None:
    row = visit(0, lambda _: person(**LOOKS))
    assert (row.seen, row.stop, row.still_total, row.look) == (0, 0, 0, 0)

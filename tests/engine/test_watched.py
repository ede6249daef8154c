"""Whether anybody watches, in any process of a data directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from audio.engine import watched
from audio.engine.drainer import Drainer
from audio.engine.proof import Proof
from audio.engine.watched import EVENTS, STATES, Watched
from audio.stores.database import Database


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(watched.time, "monotonic", lambda: now[0])
    return now


def test_who_watches_in_one_process_is_known_in_all(tmp_path: Path, clock: list[float]) -> None:
    mine, other, else_ = (Watched(tmp_path, name, kind) for name, kind in (("a", EVENTS), ("b", EVENTS), ("b", STATES)))
    assert not mine.any()
    other.begin()
    other.begin()
    clock[0] += 1.0
    assert mine.any() and other.any() and not else_.any()
    other.end()
    clock[0] += 1.0
    assert mine.any()
    other.end()
    assert mine.any()  # believed for a second
    clock[0] += 1.0
    assert not mine.any()


def test_a_process_that_was_killed_watches_no_more(tmp_path: Path) -> None:
    Watched(tmp_path, "killed", EVENTS).begin()
    Watched(tmp_path, "killed", STATES).begin()
    mine = Watched(tmp_path, "mine", EVENTS)
    mine.begin()
    proof = Proof(tmp_path, "mine")
    proof.forget_dead()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.followed", "mine.lock"]
    proof.end()


@pytest.mark.parametrize("followed", [True, False])
def test_events_are_written_at_once_where_somebody_follows_them(tmp_path: Path, followed: bool) -> None:
    database = Database(f"sqlite:///{tmp_path}/audio.db")
    drainer = Drainer(database, lambda _what, _exc: None)
    drainer.is_followed = lambda: followed
    drainer.note(urgent=True)
    assert (drainer._urgent.is_set(), drainer._dirty.is_set()) == (followed, True)
    database.close()

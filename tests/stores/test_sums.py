"""Sums: what many chunks add is what one by one adds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.engine.config import Settings
from audio.engine.prepare import prepare
from audio.stores import sums
from audio.stores.database import Database
from audio.stores.sums import Piece, Sum


def _counts(bins: int) -> st.SearchStrategy[dict[int, int]]:
    return st.dictionaries(st.integers(0, bins - 1), st.integers(1, 9000), max_size=5)


def _sums(quarters: st.SearchStrategy[int]) -> st.SearchStrategy[Sum]:
    seconds = st.integers(0, 900).map(float)  # whole: added up in any order they give the same
    counts = (_counts(sums.LEVELS), _counts(sums.DIRECTIONS))
    return st.builds(Sum, quarters, seconds, seconds, st.integers(0, 50), *counts)


PIECES = st.lists(
    st.tuples(st.sampled_from(["us", "them"]), st.sampled_from(["a/1", "b/2"]), _sums(st.integers(100, 104))),
    max_size=20,
)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Database:
    settings = Settings(data_dir=str(tmp_path_factory.mktemp("sums")))
    prepare(settings)
    return Database(settings.database_url)


def _kept(database: Database) -> dict[tuple[str, str, int], Sum]:
    with database.read() as connection:
        both = [(one, *found) for one in ("us", "them") for found in sums.read(connection, one, 0, 2**31)]
    return {(client_id, service, found.quarter): found for client_id, service, found in both}


def _by_hand(pieces: list[Piece]) -> dict[tuple[str, str, int], Sum]:
    whole: dict[tuple[str, str, int], Sum] = {}
    for client_id, service, one in pieces:
        key = (client_id, service, one.quarter)
        whole[key] = whole[key].plus(one) if key in whole else one
    return whole


@given(PIECES, st.integers(0, 20))
def test_pieces_add_up_however_they_come(database: Database, pieces: list[Piece], cut: int) -> None:
    with database.write() as connection:
        for one in ("us", "them"):
            sums.erase(connection, one)
    with database.write_prepared() as direct:
        sums.add_all(direct, pieces[:cut])
    with database.write_prepared() as direct:
        for piece in pieces[cut:]:
            sums.add(direct, *piece)
    assert _kept(database) == _by_hand(pieces)


@given(PIECES)
def test_folded_says_the_same_in_fewer(pieces: list[Piece]) -> None:
    few = sums.folded(pieces)
    assert _by_hand(few) == _by_hand(pieces)
    assert len(few) == len({(client_id, service, one.quarter) for client_id, service, one in pieces})


def test_folded_leaves_what_it_was_given_alone() -> None:
    one = Sum(1, levels={3: 1})
    sums.folded([("us", "a/1", one), ("us", "a/1", one)])
    assert one.levels == {3: 1}

"""Sums: what is read is what was added, however it came and wherever it is kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from audio.engine import retention
from audio.engine.config import Settings
from audio.engine.prepare import prepare
from audio.stores import sums
from audio.stores.database import Database
from audio.stores.packed_sums import Packed
from audio.stores.sums import Piece, Sum
from audio.stores.tables import STREAMS, SUMS


def _counts(bins: int) -> st.SearchStrategy[dict[int, int]]:
    return st.dictionaries(st.integers(0, bins - 1), st.integers(1, 9000), max_size=5)


def _sums(quarters: st.SearchStrategy[int]) -> st.SearchStrategy[Sum]:
    seconds = st.integers(0, 900).map(float)  # whole: added up in any order they give the same
    counts = (_counts(sums.LEVELS), _counts(sums.DIRECTIONS))
    return st.builds(Sum, quarters, seconds, seconds, st.integers(0, 50), *counts)


NOW = 1_795_882_842.0  # of a Saturday afternoon
TODAY = int(NOW // 86400) * 96
# Of today, of the evening before and of a day long ago.
QUARTERS = st.one_of(*(st.integers(first, first + 3) for first in (TODAY, TODAY - 4, 96 * 100 + 94)))
PIECES = st.lists(
    st.tuples(st.sampled_from(["us", "them"]), st.sampled_from(["a/1", "b/2"]), _sums(QUARTERS)), max_size=20
)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    settings = Settings(data_dir=str(tmp_path_factory.mktemp("sums")))
    prepare(settings)
    database = Database(settings.database_url)
    with database.write() as connection:
        for client_id in ("us", "them"):
            row = {"client_id": client_id, "name": client_id, "token_hash": "", "created_at": 0.0}
            connection.execute(STREAMS.insert().values(row))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sums.time, "time", lambda: NOW)
        yield database
    database.close()


Kept = dict[tuple[str, str, int], Sum]


def _kept(database: Database) -> Kept:
    found: Kept = {}
    with database.read() as connection:
        for client_id in ("us", "them"):
            table = sums.table(connection, client_id, 0, 2**31 - 1)
            for i, service in enumerate(table.names):
                packed = sums.of_service(connection, client_id, service, 0, 2**31 - 1)
                assert packed.numbers.tobytes() == table.numbers[table.services == i].tobytes()
                found |= {(client_id, service, one.quarter): one for one in _by_arrays(packed)}
    return found


def _by_arrays(packed: Packed) -> list[Sum]:
    """As who reads a month does."""
    numbers, found, counted = packed.numbers, list[Piece](), []
    for name, h in (("levels", packed.levels), ("directions", packed.directions)):
        sizes = numbers[sums.BINS[name]]
        parts = [slice(end - int(n), end) for end, n in zip(sizes.cumsum(dtype=int), sizes, strict=True)]
        counted.append([dict(zip(h.bins[p].tolist(), h.counts[p].tolist(), strict=True)) for p in parts])
    for row, levels, directions in zip(numbers, *counted, strict=True):
        assert (sum(levels.values()), sum(directions.values())) == (row["levels"], row["directions"])
        quarter, sounds, heard, voice = (row[name].item() for name in ("quarter", "sounds", "heard", "voice"))
        found.append(("", "", Sum(quarter, heard, voice, sounds, levels, directions)))
    return [one for _, _, one in sums.folded(found)]


def _by_hand(pieces: list[Piece]) -> Kept:
    whole: Kept = {}
    for client_id, service, one in pieces:
        key = (client_id, service, one.quarter)
        whole[key] = whole[key].plus(one) if key in whole else one
    return whole


def _erase(database: Database) -> None:
    with database.write() as connection:
        for client_id in ("us", "them"):
            sums.erase(connection, client_id)


@given(PIECES, st.integers(0, 20))
def test_pieces_add_up_however_they_come(database: Database, pieces: list[Piece], cut: int) -> None:
    _erase(database)
    with database.write_prepared() as direct:
        sums.add_all(direct, pieces[:cut])
    with database.write_prepared() as direct:
        for piece in pieces[cut:]:
            sums.add(direct, *piece)
    assert _kept(database) == _by_hand(pieces)


@given(PIECES, PIECES)
def test_a_day_that_has_ended_is_packed(database: Database, before: list[Piece], after: list[Piece]) -> None:
    _erase(database)
    with database.write_prepared() as direct:
        sums.add_all(direct, before)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sums.time, "time", lambda: NOW + 86400)
        retention.pack_sums(database)
        with database.write_prepared() as direct:
            sums.add_all(direct, after)
    with database.read() as connection:
        assert connection.execute(sa.select(SUMS)).all() == []
    assert _kept(database) == _by_hand([*before, *after])


def test_a_day_to_which_much_comes_late_stays_small(database: Database) -> None:
    _erase(database)
    pieces = [("us", "a/1", Sum(TODAY - 1 - n % 96, 1.0, levels={n % 7: 1})) for n in range(500)]
    with database.write_prepared() as direct:
        for piece in pieces:
            sums.add(direct, *piece)
    with database.read() as connection:
        assert len(sums.table(connection, "us", TODAY - 96, TODAY).numbers) <= 192
    assert _kept(database) == _by_hand(pieces)


def test_today_is_not_packed_nor_yesterday_at_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    _erase(database)
    with database.write_prepared() as direct:
        sums.add(direct, "us", "a/1", Sum(TODAY + 95, 1.0))
    midnight = (TODAY + 96) * 900.0
    for at, days in ((NOW, []), (midnight + 60, []), (midnight + 3600, [("us", TODAY // 96)])):
        monkeypatch.setattr(sums.time, "time", lambda at=at: at)
        with database.read() as connection:
            assert sums.ended(connection) == days


def test_a_day_is_whole_while_it_is_packed(database: Database) -> None:
    """Between two reads of one moment the rows of the day go from one table to the other."""
    _erase(database)
    with database.write_prepared() as direct:
        sums.add(direct, "us", "a/1", Sum(TODAY, 5.0))
    with database.snapshot() as connection:
        before = sums.table(connection, "us", TODAY, TODAY + 96).numbers
        with database.write() as other:
            sums.pack(other, "us", TODAY // 96)
        again = sums.table(connection, "us", TODAY, TODAY + 96).numbers
    with database.snapshot() as connection:
        after = sums.table(connection, "us", TODAY, TODAY + 96).numbers
    assert before["heard"].tolist() == again["heard"].tolist() == after["heard"].tolist() == [5.0]


def test_what_is_old_is_forgotten(database: Database) -> None:
    _erase(database)
    with database.write_prepared() as direct:
        sums.add_all(direct, [("us", "a/1", Sum(quarter, 1.0)) for quarter in (96, 192, TODAY)])
    with database.write() as connection:
        sums.forget_old(connection, 192)
    assert [quarter for _, _, quarter in _kept(database)] == [192, TODAY]
    with database.write() as connection:
        sums.forget_old(connection, TODAY + 1)
    assert _kept(database) == {}


@given(PIECES)
def test_folded_says_the_same_in_fewer(pieces: list[Piece]) -> None:
    few = sums.folded(pieces)
    assert _by_hand(few) == _by_hand(pieces)
    assert len(few) == len({(client_id, service, one.quarter) for client_id, service, one in pieces})


def test_folded_leaves_what_it_was_given_alone() -> None:
    one = Sum(1, levels={3: 1})
    sums.folded([("us", "a/1", one), ("us", "a/1", one)])
    assert one.levels == {3: 1}

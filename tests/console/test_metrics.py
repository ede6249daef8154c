"""The figures of buckets: what the sums of their quarters add up to, of the service that has the most."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.console import metrics
from audio.engine.config import Settings
from audio.engine.prepare import prepare
from audio.stores import sums
from audio.stores.database import Database
from audio.stores.sums import Sum

BEGIN = 20_786 * 96  # quarters: a midnight of UTC
SERVICES = ("a/1", "b/1")


def _filled(database: Database) -> dict[tuple[str, int], Sum]:
    """Three days of two services, of which now one and now the other has more."""
    random, made = np.random.default_rng(1), dict[tuple[str, int], Sum]()
    for quarter in range(BEGIN, BEGIN + 3 * 96):
        for service in SERVICES:
            if random.random() < 0.7:
                heard, voice, sounds = random.integers(0, 900, 3)
                levels, directions = random.integers(0, sums.LEVELS, 3), random.integers(0, sums.DIRECTIONS, 2)
                counts = ({int(b): int(random.integers(1, 99)) for b in bins} for bins in (levels, directions))
                made[service, quarter] = Sum(quarter, float(heard), float(voice), int(sounds), *counts)
    with database.write_prepared() as direct:
        sums.add_all(direct, [("us", service, one) for (service, _), one in made.items()])
    return made


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, dict[tuple[str, int], Sum]]]:
    """The last of the three days is today: it has a row for each quarter."""
    settings = Settings(data_dir=str(tmp_path_factory.mktemp("metrics")))
    prepare(settings)
    database = Database(settings.database_url)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sums.time, "time", lambda: (BEGIN + 2 * 96) * 900.0 + 60)
        yield database, _filled(database)
    database.close()


def _dense(counts: sums.Counts, width: int) -> list[int]:
    return [counts.get(place, 0) for place in range(width)]


@given(st.lists(st.integers(-9, 3 * 96 + 9), min_size=2, max_size=9, unique=True).map(sorted), st.sampled_from([0, 1]))
def test_buckets_are_what_their_quarters_add_up_to(
    stored: tuple[Database, dict[tuple[str, int], Sum]], edges: list[int], late: int
) -> None:
    database, made = stored
    bounds = [(BEGIN + edge) * 900.0 - late for edge in edges]
    with database.snapshot() as connection:
        found = metrics.heard(connection, "us", bounds)
        plain = metrics.heard(connection, "us", bounds, histograms=False)
    assert not plain.levels.any() and plain.sounds.tolist() == found.sounds.tolist()
    for i, (first, end) in enumerate(itertools.pairwise(edges)):
        begin = BEGIN + first - (late if i == 0 else 0)
        whole = []
        for service in SERVICES:
            one = Sum(0)
            for quarter in range(begin, BEGIN + end):
                one = one.plus(made.get((service, quarter), Sum(0)))
            whole.append(one)
        for name in ("heard", "voice", "sounds"):
            assert getattr(found, name)[i] == max(getattr(one, name) for one in whole)
        for name, width in (("levels", sums.LEVELS), ("directions", sums.DIRECTIONS)):
            most = max(whole, key=lambda one: sum(getattr(one, name).values()))
            assert getattr(found, name)[i].tolist() == _dense(getattr(most, name), width)


def test_the_range_of_levels_of_each_bucket() -> None:
    levels = np.zeros((3, sums.LEVELS))
    levels[0, [10, 20, 120]] = 1, 2, 1
    levels[2, 0] = 1
    nothing = np.zeros(3)
    heard = metrics.Heard(nothing, nothing, nothing, levels, np.zeros((3, sums.DIRECTIONS)))
    assert heard.level_range == [(-110.0, -100.0, 0.0), None, (-120.0, -120.0, -120.0)]

"""What the database adds up is what the definitions add up."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

from audio.audience.metrics import Sums
from audio.audience.visit import Row
from audio.stores import visits
from audio.stores.database import Database

BEGIN = 1_795_000_000.0


def test_sums_are_those_of_the_definitions(database: Database) -> None:
    rng = np.random.default_rng(5)

    def one() -> Row:
        first = BEGIN + float(rng.uniform(0, 7200))
        age, gender, happy = rng.choice([None, 20.0, 50.0, 70.0]), rng.choice([None, "female", "male"]), rng.random()
        near = [float(rng.choice([0.0, 0.9999999, 1.0, 2.9999999, 3.0, 30.0])) for _ in range(4)]
        return Row(first, first + 9, *near, age, gender, None if happy < 0.3 else happy)

    rows = [one() for _ in range(500)]
    wanted: dict[int, Sums] = defaultdict(Sums)
    with database.write_prepared() as connection:
        for i, row in enumerate(rows):
            visits.put(connection, "us", str(i), row)
            visits.put(connection, "them", f"t{i}", row)
            visits.put(connection, "us", str(i), row)  # refreshed: the same visit
            if BEGIN + 100 <= row.first < BEGIN + 7000:
                wanted[int(row.first // 900)] += Sums.of(row)
    with database.read() as connection:
        found = dict(visits.sums(connection, "us", BEGIN + 100, BEGIN + 7000))
        assert visits.sums(connection, "nobody", 0, BEGIN * 2) == []
    assert found.keys() == wanted.keys()
    for quarter, sums in found.items():
        assert list(vars(sums).values()) == pytest.approx(list(vars(wanted[quarter]).values()))

"""Over which services the tests of the contract are run."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from audio.services.base import Service
from audio.services.inputs import Sound


def parametrize(metafunc: pytest.Metafunc, services: Sequence[Service]) -> None:
    """`service` is each, `filed` each that takes a file, `timed` each whose sessions have a clock, `hearing` each that
    takes sound.
    """
    fixtures = {
        "service": services,
        "filed": [s for s in services if s.files],
        "timed": [s for s in services if s.timed],
        "hearing": [s for s in services if any(isinstance(d, Sound) for d in s.files.values())],
    }
    for name, found in fixtures.items():
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, found, ids=[f"{s.name}-{s.version}" for s in found])

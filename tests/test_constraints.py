"""constraints.txt has a version that fits for each dependency of setup.cfg and each Python that is supported."""

from __future__ import annotations

from configparser import ConfigParser

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import FIXTURES

ROOT = FIXTURES.parent
PYTHONS = ("3.10", "3.11", "3.12", "3.13")


def wanted() -> list[Requirement]:
    """What the client and its extras depend on; `dev` is for who works on the project."""
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    extras = {name: text for name, text in config["options.extras_require"].items() if name != "dev"}
    texts = [config["options"]["install_requires"], *extras.values()]
    return [Requirement(line) for text in texts for line in text.splitlines() if line]


def kept() -> list[Requirement]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return [Requirement(line) for line in lines if not line.startswith("#")]


@pytest.mark.parametrize("python", PYTHONS)
def test_each_dependency_has_a_version_that_fits(python: str) -> None:
    environment = {"python_version": python, "python_full_version": f"{python}.0"}
    here = [one for one in kept() if one.marker is None or one.marker.evaluate(environment)]
    versions = {canonicalize_name(one.name): next(iter(one.specifier)).version for one in here}
    assert len(versions) == len(here), "one line each"
    for one in wanted():
        if one.marker is None or one.marker.evaluate(environment):
            assert one.specifier.contains(versions[canonicalize_name(one.name)]), one

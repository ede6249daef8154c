"""What is installed is all that the source tree has: data files are left out without a word where nobody names them."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SETUP = configparser.ConfigParser()
SETUP.read(ROOT / "setup.cfg")
PATTERNS = {package: [p.strip() for p in value.split(",")] for package, value in SETUP["options.package_data"].items()}


def is_package(folder: Path) -> bool:
    return (folder / "__init__.py").is_file()


def installed() -> set[Path]:
    """The modules of packages, and what the patterns name."""
    modules = {path for path in (ROOT / "audio").rglob("*.py") if is_package(path.parent)}
    folders = {package: ROOT.joinpath(*package.split(".")) for package in PATTERNS}
    return modules | {path for package, folder in folders.items() for p in PATTERNS[package] for path in folder.glob(p)}


def test_every_file_of_the_package_is_installed() -> None:
    there = {p for p in (ROOT / "audio").rglob("*") if p.is_file() and "__pycache__" not in p.parts}
    assert sorted(str(p.relative_to(ROOT)) for p in there - installed()) == []


@pytest.mark.parametrize("package", PATTERNS)
def test_every_pattern_names_something_in_a_package(package: str) -> None:
    """setuptools passes over both without a word."""
    folder = ROOT.joinpath(*package.split("."))
    assert is_package(folder)
    for pattern in PATTERNS[package]:
        assert list(folder.glob(pattern)), f"{package}: {pattern}"

"""Tests of the client see no configuration but their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from audio.client.config import ENVIRONMENT


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, which is not the working directory either."""
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    work.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(work)
    for name in ENVIRONMENT.values():
        monkeypatch.delenv(name, raising=False)
    return home

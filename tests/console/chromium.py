"""A real Chromium for tests, driven by Playwright; skipped with the reason where there is none."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def executable() -> str:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"no browser is installed: one of {', '.join(NAMES)}")
    return found


@contextmanager
def chromium(*arguments: str) -> Iterator[Any]:
    """A browser that has just been started, for as long as it is needed."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright, of the extra dev, is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=["--no-sandbox", *arguments])
        try:
            yield browser
        finally:
            browser.close()


def microphone(recording: Path) -> tuple[str, ...]:
    """Options by which a recording is the microphone, and pages may hear it unasked."""
    return (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={recording}",
    )

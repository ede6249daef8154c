"""A day of known visitors, through the gateway: every row and every figure is as the definitions have it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import FIXTURES
from tests.program import clean_environment

pytest.importorskip("cv2")


@pytest.mark.parametrize("more", [(), ("--kill",)], ids=["as it is", "killed amid the day"])
def test_two_workers_store_and_sum_a_day_exactly(more: tuple[str, ...]) -> None:
    shop = ["--visits", "50", "--workers", "2", "--seed", "3", *more]
    command = [sys.executable, "-m", "benchmarks.busy_shop", *shop]
    root = FIXTURES.parent
    ended = subprocess.run(
        command, cwd=root, env=clean_environment(), capture_output=True, text=True, timeout=300, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "rows that are wrong: 0; figures that are: 0 of" in ended.stdout

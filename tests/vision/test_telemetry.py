"""Nothing is told to the makers of libraries: onnxruntime's telemetry would begin with an id in ~/.cache."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("onnxruntime")
_PROGRAM = "from audio.vision.models import load; load('face_detection')"


def files(home: Path, program: str) -> list[str]:
    """What a program leaves in an empty HOME."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ORT_", "XDG_"))}
    subprocess.run([sys.executable, "-c", program], env={**kept, "HOME": str(home)}, check=True, timeout=60)
    return [str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()]


def test_a_network_leaves_no_trace(tmp_path: Path) -> None:
    assert files(tmp_path, _PROGRAM) == []

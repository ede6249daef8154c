"""The client does without what the server needs, and the command says what is missing."""

from __future__ import annotations

import subprocess
import sys

import pytest

SERVER = ("flask", "werkzeug", "sqlalchemy", "alembic", "msgpack", "multipart", "uvicorn", "onnxruntime")


def without_server(code: str) -> subprocess.CompletedProcess[str]:
    """Code run where nothing that the server alone needs can be imported."""
    block = f"import sys; sys.modules.update(dict.fromkeys({SERVER!r}))\n"
    return subprocess.run([sys.executable, "-c", block + code], capture_output=True, text=True, timeout=60)


def test_the_client_needs_no_server() -> None:
    ran = without_server(
        "import audio.client\n"
        "from audio.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "sys.exit(main(['check', '--url', 'http://127.0.0.1:1', '--client-id', 'a', '--access-token', 'b']))"
    )
    assert ran.returncode == 1
    assert "usage: audio" in ran.stdout
    assert ran.stderr.startswith("audio: No gateway answers")


@pytest.mark.parametrize("arguments", [["serve"], ["streams", "list"]])
def test_the_server_says_what_it_needs(arguments: list[str]) -> None:
    ran = without_server(f"from audio.cli import main; sys.exit(main({arguments!r}))")
    assert ran.returncode == 1
    assert ran.stderr.startswith("audio: ")
    assert "pip install 'audio-gateway[server]' (in a clone: pip install '.[server]')" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1

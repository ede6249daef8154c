"""What `audio serve` says before it serves; the rest is in tests/gateway/test_processes.py."""

from __future__ import annotations

import socket
import sqlite3
from pathlib import Path

import pytest

from audio.cli import main
from audio.engine.config import NAMES


def failed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What it says where it cannot do its work: one line, and no traceback."""
    assert main(["serve", *arguments]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("audio: ")
    assert said.err.count("\n") == 1
    return said.err


def test_show_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("AUDIO_THREADS", "7")
    assert main(["serve", "--show-config", "--port", "9", "--data-dir", str(tmp_path / "new")]) == 0
    said = capsys.readouterr().out
    lines = {line.split(" =")[0]: line for line in said.splitlines()}
    assert set(lines) == set(NAMES)
    assert "$AUDIO_THREADS" in lines["threads"]
    assert "--port" in lines["port"]
    assert not (tmp_path / "new").exists()


def test_an_address_that_is_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = failed(capsys, "--port", port, "--data-dir", str(tmp_path))
    assert f"127.0.0.1 port {port}: Address already in use. Choose another: --host, --port." in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--port", "70000"], "port must be from 0 to 65535"),
        (["--port", "-1"], "port must be from 0 to 65535"),
        (["--host", "no.such.host.invalid"], "no.such.host.invalid"),
        (["--config", "none.toml"], "no configuration file 'none.toml'"),
        (["--certfile", "x"], "both certfile and keyfile"),
    ],
)
def test_bad_arguments(tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    assert said in failed(capsys, "--data-dir", str(tmp_path), *arguments)


def test_a_log_level_that_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AUDIO_LOG_LEVEL", "loud")
    assert "log_level must be one of" in failed(capsys, "--data-dir", str(tmp_path))


def test_a_data_directory_that_is_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        assert "cannot be used" in failed(capsys, "--data-dir", str(path))


def test_a_database_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "audio.db").write_bytes(b"something else entirely" * 100)
    assert "cannot be used: file is not a database" in failed(capsys, "--data-dir", str(tmp_path))


def test_a_database_of_a_later_version(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["streams", "list", "--data-dir", str(tmp_path)]) == 0
    capsys.readouterr()
    with sqlite3.connect(tmp_path / "audio.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    assert "made by a later version" in failed(capsys, "--data-dir", str(tmp_path))

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from tests.commands.conftest import Run
from tests.conftest import running_gateway
from tests.contract.client import Client


def test_what_is_kept_comes_back(audio: Run, tmp_path: Path) -> None:
    """A copy that is made while the gateway runs, put into another place, is the gateway as it was."""
    file = tmp_path / "backup.tar"
    with running_gateway(tmp_path / "data") as gateway:
        client = Client(gateway.url, gateway.http())
        url = client.blob(b"kept")
        code, out, _ = audio("backup", file, "--data-dir", tmp_path / "data")
        assert (code, out.startswith(f"Kept in {file}: ")) == (0, True)
        credentials = gateway.http().auth
    assert file.stat().st_mode & 0o777 == 0o600
    (tmp_path / "again").mkdir()
    with tarfile.open(file) as archive:
        assert not [name for name in archive.getnames() if name.startswith("run") or name.endswith("-wal")]
        # Debian 12's Python has no filters yet; later ones ask for one.
        filters = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        archive.extractall(tmp_path / "again", **filters)
    with running_gateway(tmp_path / "again") as gateway:
        http = gateway.http()
        http.auth = credentials
        assert http.get(gateway.url + url[url.index("/blobs/") :], timeout=10).content == b"kept"


def test_it_holds_neither_itself_nor_what_is_hidden(audio: Run, tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert audio("streams", "create", "kitchen", "--data-dir", data)[0] == 0
    (data / ".cache").mkdir()
    (data / ".cache" / "something").write_text("of a library")
    (data / "secret.key").write_text("kept")
    (data / "secret.key").chmod(0o644)
    assert audio("backup", data / "backup.tar", "--data-dir", data)[0] == 0
    with tarfile.open(data / "backup.tar") as archive:
        assert {member.name: member.mode & 0o077 for member in archive} == {"audio.db": 0, "secret.key": 0}


def test_what_cannot_be_done_is_said(audio: Run, tmp_path: Path) -> None:
    code, _, err = audio("backup", tmp_path / "x.tar", "--data-dir", tmp_path)
    assert (code, "There is no database" in err) == (1, True)
    with running_gateway(tmp_path / "data"):
        (tmp_path / "x.tar").touch()
        code, _, err = audio("backup", tmp_path / "x.tar", "--data-dir", tmp_path / "data")
    assert (code, "is there already" in err) == (1, True)


def test_what_servers_keep_is_not_ours_to_back_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, audio: Run) -> None:
    monkeypatch.setenv("AUDIO_DATABASE", "postgresql://audio@db/audio")
    code, _, err = audio("backup", str(tmp_path / "x.tar"))
    assert (code, "pg_dump" in err, (tmp_path / "x.tar").exists()) == (1, True, False)

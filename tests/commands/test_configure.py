from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.commands.conftest import Run

TOKEN = "0123456789abcdef0123456789abcdef"
GIVEN = ("--gateway", "http://robot:8080/", "--client-id", "id", "--access-token", TOKEN)
KEPT = {"default_root": "http://robot:8080", "client_id": "id", "access_token": TOKEN}


def kept(home: Path) -> dict[str, str]:
    values: dict[str, str] = json.loads((home / ".angusdk" / "config.json").read_text())
    return values


def test_options_are_kept(audio: Run, home: Path) -> None:
    code, out, _ = audio("configure", *GIVEN)
    assert (code, kept(home)) == (0, KEPT)
    assert "config.json" in out
    assert stat.S_IMODE((home / ".angusdk" / "config.json").stat().st_mode) == 0o600


def test_one_option_changes_one_value(audio: Run, home: Path) -> None:
    audio("configure", *GIVEN)
    audio("configure", "--client-id", "other")
    assert kept(home) == KEPT | {"client_id": "other"}


def test_a_certificate_is_kept_by_its_whole_path(audio: Run, home: Path) -> None:
    audio("configure", *GIVEN, "--ca-path", "ca.pem")
    assert kept(home)["ca_path"] == str(Path.cwd() / "ca.pem")


def test_it_asks(audio: Run, home: Path) -> None:
    code, out, err = audio("configure", stdin=f"http://robot:8080\nid\n{TOKEN}\n")
    assert (code, kept(home)) == (0, KEPT)
    assert "Gateway [http://127.0.0.1:8080]: client_id: access_token: " in err
    assert "Gateway" not in out


def test_an_empty_answer_keeps_what_there_is(audio: Run, home: Path) -> None:
    audio("configure", *GIVEN)
    code, _, err = audio("configure", stdin="\nnew\n\n")
    assert (code, kept(home)) == (0, KEPT | {"client_id": "new"})
    assert TOKEN not in err


def test_the_first_address_is_the_usual_one(audio: Run, home: Path) -> None:
    audio("configure", stdin="\nid\ntoken\n")
    assert kept(home)["default_root"] == "http://127.0.0.1:8080"


@pytest.mark.parametrize("stdin", ["", "http://robot:8080\n"])
def test_answers_that_end_change_nothing(audio: Run, home: Path, stdin: str) -> None:
    code, _, err = audio("configure", stdin=stdin)
    assert code == 1
    assert "nothing was changed" in err
    assert not (home / ".angusdk").exists()


def test_a_wrong_address_is_refused(audio: Run, home: Path) -> None:
    code, _, err = audio("configure", "--url", "robot:8080")
    assert code == 1
    assert "http://robot:8080" in err
    assert not (home / ".angusdk").exists()


def test_show_hides_the_middle_of_the_token_alone(audio: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    audio("configure", *GIVEN)
    monkeypatch.setenv("AUDIO_CLIENT_ID", "mine")
    code, out, _ = audio("configure", "--show")
    assert code == 0
    assert out.splitlines() == [
        f"gateway       http://robot:8080  ({home}/.angusdk/config.json)",
        "client_id     mine  ($AUDIO_CLIENT_ID)",
        f"access_token  0123...cdef  ({home}/.angusdk/config.json)",
    ]


def test_a_short_token_is_hidden_whole(audio: Run) -> None:
    audio("configure", *GIVEN[:4], "--access-token", "secret")
    assert "secret" not in audio("configure", "--show")[1]


def test_show_without_a_configuration(audio: Run) -> None:
    code, _, err = audio("configure", "--show")
    assert (code, err) == (1, "audio: Nothing is configured. To begin: audio configure\n")


def test_delete(audio: Run, home: Path) -> None:
    audio("configure", *GIVEN)
    assert audio("configure", "--delete")[0] == 0
    assert not (home / ".angusdk").exists()
    assert audio("configure", "--delete")[0] == 0


def test_delete_leaves_what_is_not_ours(audio: Run, home: Path) -> None:
    audio("configure", *GIVEN)
    certificate = home / ".angusdk" / "certificate.pem"
    certificate.write_text("x")
    audio("configure", "--delete")
    assert list((home / ".angusdk").iterdir()) == [certificate]


def test_a_user_without_a_home(audio: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audio.client.config.home_file", lambda: None)
    code, _, err = audio("configure", *GIVEN)
    assert code == 1
    assert "AUDIO_GATEWAY" in err


def test_what_cannot_be_removed(audio: Run, home: Path) -> None:
    (home / ".angusdk" / "config.json").mkdir(parents=True)
    code, _, err = audio("configure", "--delete")
    assert code == 1
    assert "cannot be removed" in err


def test_a_home_that_cannot_be_written(audio: Run, home: Path) -> None:
    (home / ".angusdk").write_text("a file")
    code, _, err = audio("configure", *GIVEN)
    assert code == 1
    assert "cannot be written" in err


def test_credentials_come_from_a_file_or_a_pipe(audio: Run, home: Path, tmp_path: Path) -> None:
    """So that no other user of the machine sees a token among the arguments."""
    written = '{"client_id": "c", "access_token": "t", "name": "kitchen"}'
    (tmp_path / "kitchen.json").write_text(written)
    for source in (str(tmp_path / "kitchen.json"), "-"):
        arguments = ("configure", "--gateway", "http://127.0.0.1:1", "--credentials", source)
        assert audio(*arguments, stdin=written)[0] == 0
        assert (kept(home)["client_id"], kept(home)["access_token"]) == ("c", "t")
    for content in ("", "[]", '{"client_id": "c"}'):
        (tmp_path / "kitchen.json").write_text(content)
        code, _, err = audio("configure", "--gateway", "http://127.0.0.1:1", "--credentials", tmp_path / "kitchen.json")
        assert (code, "client_id and access_token" in err) == (1, True)

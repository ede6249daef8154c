from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from audio.cli import main

Say = Callable[..., str]
EMAIL = "marie@example.org"


@pytest.fixture
def say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    """Run `audio accounts` on a directory of its own; what it prints."""

    def run(*arguments: str, code: int = 0) -> str:
        assert main(["accounts", *arguments, "--data-dir", str(tmp_path / "data")]) == code
        said = capsys.readouterr()
        return said.err if code else said.out

    return run


def test_the_first_one_is_admin_and_gets_the_streams(
    say: Say, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["streams", "create", "old", "--data-dir", str(tmp_path / "data")]) == 0
    capsys.readouterr()
    made = json.loads(say("create", EMAIL.upper(), "--json"))
    assert (made["email"], made["role"]) == (EMAIL, "admin")
    assert len(made["password"]) >= 20
    assert json.loads(say("create", "paul@example.org", "--json"))["role"] == "user"
    assert main(["streams", "list", "--json", "--data-dir", str(tmp_path / "data")]) == 0
    assert json.loads(capsys.readouterr().out)[0]["account"] == EMAIL


def test_list_role_disable_enable_delete(say: Say) -> None:
    assert "no account yet" in say("list")
    say("create", EMAIL)
    say("create", "paul@example.org")
    for action in (("role", EMAIL, "user"), ("disable", EMAIL), ("delete", EMAIL)):
        assert "the only admin" in say(*action, code=1)
    say("role", "paul@example.org", "admin")
    say("disable", EMAIL)
    shown = json.loads(say("list", "--json"))
    assert shown == [
        {"email": EMAIL, "role": "admin", "active": False},
        {"email": "paul@example.org", "role": "admin", "active": True},
    ]
    assert "disabled" in say("list").splitlines()[0]
    say("enable", EMAIL)
    say("delete", EMAIL)
    assert [a["email"] for a in json.loads(say("list", "--json"))] == ["paul@example.org"]


def test_a_password_of_ones_own(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert "take 12 or more" in say("create", EMAIL, "--stdin", code=1)
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery\n"))
    assert "password" not in say("create", EMAIL, "--stdin")
    monkeypatch.setattr("sys.stdin", io.StringIO("another long one\n"))
    assert "another" not in say("password", EMAIL, "--stdin")


@pytest.mark.parametrize("email", ["", "marie", "a b@example.org", "x" * 300 + "@example.org", "a@b@c", "\x1b@x"])
def test_bad_emails(say: Say, email: str) -> None:
    assert "no email address" in say("create", email, code=1)


def test_who_is_not_there_or_there_already(say: Say) -> None:
    say("create", EMAIL)
    assert "already" in say("create", EMAIL, code=1)
    for action in (("password",), ("disable",), ("enable",), ("delete",)):
        assert "There is no account 'nobody@example.org'" in say(*action, "nobody@example.org", code=1)

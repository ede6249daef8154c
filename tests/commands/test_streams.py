from __future__ import annotations

import json
import re
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path

import pytest

from audio.audience.visit import Row
from audio.cli import main
from audio.stores import events, visits
from audio.stores.database import Database
from audio.stores.events import Event
from tests.conftest import RunningGateway

Say = Callable[..., str]


@pytest.fixture
def say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    """Run `audio streams` on a directory of its own; what it prints."""

    def run(*arguments: str, code: int = 0) -> str:
        assert main(["streams", *arguments, "--data-dir", str(tmp_path / "data")]) == code
        said = capsys.readouterr()
        return said.err if code else said.out

    return run


def test_create_shows_the_token_once_and_keeps_its_hash(say: Say, tmp_path: Path) -> None:
    made = json.loads(say("create", "kitchen", "--json"))
    assert set(made) == {"client_id", "access_token"}
    with closing(sqlite3.connect(tmp_path / "data" / "audio.db")) as database:
        rows = database.execute("SELECT client_id, name, token_hash FROM streams").fetchall()
    assert [(r[0], r[1]) for r in rows] == [(made["client_id"], "kitchen")]
    assert re.fullmatch("[0-9a-f]{64}", rows[0][2])
    assert made["access_token"] not in say("list") + say("list", "--json")


def test_create_for_people(say: Say) -> None:
    said = say("create", "kitchen")
    assert re.search(r"client_id +[0-9a-f-]{36}\n", said)
    assert re.search(r"access_token +[0-9a-f-]{36} ", said)


def test_list(say: Say) -> None:
    assert "no stream yet" in say("list")
    assert json.loads(say("list", "--json")) == []
    one, two = (json.loads(say("create", name, "--json"))["client_id"] for name in ("one", "two"))
    say("revoke", "one")
    assert json.loads(say("list", "--json")) == [
        {"client_id": one, "name": "one", "active": False, "plan": "unlimited"},
        {"client_id": two, "name": "two", "active": True, "plan": "unlimited"},
    ]
    lines = say("list").splitlines()
    assert lines[0].startswith(one)
    assert lines[0].endswith("revoked  unlimited   one")
    assert lines[1].endswith("active   unlimited   two")


def test_rotate_and_revoke_by_name_and_by_id(say: Say) -> None:
    made = json.loads(say("create", "kitchen", "--json"))
    tokens = {made["access_token"]}
    for handle in ("kitchen", made["client_id"]):
        fresh = json.loads(say("rotate", handle, "--json"))
        assert fresh["client_id"] == made["client_id"]
        tokens.add(fresh["access_token"])
    assert len(tokens) == 3
    assert json.loads(say("revoke", made["client_id"], "--json")) == {"client_id": made["client_id"], "active": False}
    assert "is let in no more" in say("revoke", "kitchen")


def test_no_two_streams_of_one_name(say: Say) -> None:
    first = json.loads(say("create", "twin", "--json"))
    assert first["client_id"] in say("create", "twin", code=1)
    say("create", "other")
    assert "already" in say("set", "other", "--name", "twin", code=1)
    assert [s["name"] for s in json.loads(say("list", "--json"))] == ["twin", "other"]


def test_a_name_that_two_accounts_have(say: Say, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for email in ("marie@example.org", "paul@example.org"):
        assert main(["accounts", "create", email, "--data-dir", str(tmp_path / "data")]) == 0
    capsys.readouterr()
    first = json.loads(say("create", "twin", "--json"))
    second = json.loads(say("create", "twin", "--account", "paul@example.org", "--json"))
    for action in ("rotate", "revoke"):
        said = say(action, "twin", code=1)
        assert "2 streams have the name 'twin': give the client_id instead" in said
        assert first["client_id"] in said
        assert second["client_id"] in said
    say("revoke", first["client_id"])


def test_a_new_database_is_told_of(say: Say, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["streams", "list", "--data-dir", str(tmp_path / "elsewhere")]) == 0
    assert f"made a new database in {tmp_path / 'elsewhere'}" in capsys.readouterr().err
    assert main(["streams", "list", "--data-dir", str(tmp_path / "elsewhere")]) == 0
    assert capsys.readouterr().err == ""


def test_set_restore_delete(say: Say) -> None:
    made = json.loads(say("create", "kitchen", "--plan", "developer", "--tz", "Europe/Paris", "--json"))
    say("set", "kitchen", "--name", "hall", "--plan", "enterprise", "--keep-days", "7")
    say("revoke", "hall")
    assert json.loads(say("restore", "hall", "--json")) == {"client_id": made["client_id"], "active": True}
    (shown,) = json.loads(say("list", "--json"))
    assert (shown["name"], shown["plan"], shown["active"]) == ("hall", "enterprise", True)
    assert "no time zone" in say("set", "hall", "--tz", "Europe/Nowhere", code=1)
    assert "1 to 730" in say("set", "hall", "--keep-days", "0", code=1)
    say("delete", made["client_id"])
    assert json.loads(say("list", "--json")) == []


@pytest.mark.parametrize("action", ["rotate", "revoke"])
def test_a_stream_that_is_not_there(say: Say, action: str) -> None:
    assert "There is no stream 'nobody'" in say(action, "nobody", code=1)


@pytest.mark.parametrize("name", ["", "x" * 101, "a\nb", "\x1b[2J"])
def test_bad_names(say: Say, name: str) -> None:
    assert "1 to 100 printable characters" in say("create", name, code=1)
    assert json.loads(say("list", "--json")) == []


def test_what_it_makes_is_for_its_owner_alone(say: Say, tmp_path: Path) -> None:
    say("list")
    for path in [tmp_path / "data", *(tmp_path / "data").iterdir()]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_a_directory_that_cannot_be_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert main(["streams", "list", "--data-dir", str(tmp_path / "file")]) == 1
    assert "cannot be used" in capsys.readouterr().err


def test_a_stream_made_while_the_gateway_runs_is_let_in(
    gateway: RunningGateway, capsys: pytest.CaptureFixture[str]
) -> None:
    import requests

    assert main(["streams", "create", "late", "--json", "--data-dir", gateway.settings.data_dir]) == 0
    made = json.loads(capsys.readouterr().out)
    auth = (made["client_id"], made["access_token"])
    assert requests.get(f"{gateway.url}/services", auth=auth, timeout=10).status_code == 200


def test_erase_takes_visits_and_events_of_a_period(say: Say, tmp_path: Path) -> None:
    made = json.loads(say("create", "shop", "--json"))["client_id"]
    other = json.loads(say("create", "other", "--json"))["client_id"]
    days = [datetime(2026, 11, day, tzinfo=timezone.utc).timestamp() for day in (1, 2, 3)]
    with closing(Database(f"sqlite:///{tmp_path / 'data' / 'audio.db'}")) as database:
        with database.write() as connection:
            events.add(connection, [Event(one, "", "test", at, {}) for one in (made, other) for at in days])
        with database.write_prepared() as prepared:
            for at in days:
                visits.put(prepared, made, f"{at}", Row(at, at + 5, 5, 5, 5, 5))
        said = say("erase", "shop", "--from-date", "2026-11-02", "--to-date", "2026-11-03T01:00+01:00", "--json")
        assert json.loads(said) == {"client_id": made, "visits": 1, "events": 1}
        with database.read() as connection:
            assert [row.first for row in visits.read(connection, made, 0, 2e9)] == [days[0], days[2]]
            assert [len(events.read(connection, [one])) for one in (made, other)] == [2, 3]
        assert "2 visits and 2 events are deleted" in say("erase", made)
        with database.read() as connection:
            assert [len(events.read(connection, [one])) for one in (made, other)] == [0, 3]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("--from-date", "soon"), "--from-date must be like"),
        (("--from-date", "2026-11-03", "--to-date", "2026-11-03"), "must lie before"),
    ],
)
def test_a_period_that_is_none_erases_nothing(say: Say, given: tuple[str, ...], words: str) -> None:
    say("create", "shop")
    assert words in say("erase", "shop", *given, code=1)

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from audio.client import Configuration, NotConfigured, config, connect, get_default_configuration

HERE = {"default_root": "http://here:1", "client_id": "here", "access_token": "t1"}
HOME = {"default_root": "http://home:2", "client_id": "home", "access_token": "t2", "ca_path": "/ca.pem"}


def keep(path: Path, values: object) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(values))


def test_the_home_file_is_read(home: Path) -> None:
    keep(home / ".angusdk" / "config.json", HOME)
    conf = get_default_configuration()
    assert conf.default_root == "http://home:2"
    assert conf.auth is not None
    assert (conf.auth.username, conf.auth.password) == ("home", "t2")
    assert conf.verify == "/ca.pem"


def test_the_local_file_comes_first_and_is_not_mixed(home: Path) -> None:
    keep(home / ".angusdk" / "config.json", HOME)
    keep(Path("config.json"), {"default_root": "http://here:1"})
    conf = config.load()
    assert (conf.default_root, conf.auth, conf.verify) == ("http://here:1", None, True)


def test_a_local_file_of_another_program_is_passed_over(home: Path) -> None:
    keep(home / ".angusdk" / "config.json", HOME)
    keep(Path("config.json"), {"port": 8080, "client_id": 5})
    assert config.load().default_root == "http://home:2"


def test_the_environment_wins(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(home / ".angusdk" / "config.json", HOME)
    monkeypatch.setenv("AUDIO_GATEWAY", "http://env:3")
    monkeypatch.setenv("AUDIO_ACCESS_TOKEN", "t3")
    conf = config.load()
    assert conf.auth is not None
    assert (conf.default_root, conf.auth.username, conf.auth.password) == ("http://env:3", "home", "t3")
    assert config.settings()["access_token"].source == "$AUDIO_ACCESS_TOKEN"


def test_arguments_win_over_all(monkeypatch: pytest.MonkeyPatch) -> None:
    keep(Path("config.json"), HERE)
    monkeypatch.setenv("AUDIO_GATEWAY", "http://env:3")
    with connect("http://arg:4/", client_id="arg", access_token="t4", verify=False) as root:
        assert root.endpoint == root.conf.default_root == "http://arg:4"
        assert root.conf.auth is not None
        assert (root.conf.auth.username, root.conf.verify) == ("arg", False)


def test_a_given_configuration_is_used_as_it_is(home: Path) -> None:
    keep(home / ".angusdk" / "config.json", HOME)
    conf = Configuration()
    conf.default_root = "http://mine:5"
    with connect(conf=conf) as root:
        assert root.conf is conf
        assert (root.endpoint, conf.auth, conf.verify) == ("http://mine:5", None, True)


@pytest.mark.parametrize("content", ["{", "[]", "\udcff"])
def test_a_file_that_cannot_be_read_is_named(content: str) -> None:
    Path("config.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(NotConfigured, match=r"config\.json"):
        config.load()


def test_nothing_configured_says_what_to_do() -> None:
    with pytest.raises(NotConfigured, match="audio configure"):
        connect()


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("localhost:8080", "http://localhost:8080"),
        ("ftp://host", "like http://"),
        ("http://", "like http://"),
        ("http://host:port", "like http://"),
        ("http://[::1", "like http://"),
        ("http://host/?a=b", "like http://"),
        ("http://id:token@host", "Credentials"),
    ],
)
def test_what_is_no_url_is_refused(url: str, complaint: str) -> None:
    with pytest.raises(NotConfigured, match=complaint):
        connect(url)


def test_a_written_file_is_for_its_owner_alone(home: Path) -> None:
    path = home / ".angusdk" / "config.json"
    config.write(path, HERE)
    config.write(path, HOME)
    assert config.read(path) == HOME
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [p.name for p in path.parent.iterdir()] == ["config.json"]


def test_a_file_that_cannot_be_replaced_leaves_nothing_behind(home: Path) -> None:
    path = home / ".angusdk" / "config.json"
    path.mkdir(parents=True)
    with pytest.raises(OSError, match=r"config\.json"):
        config.write(path, HERE)
    assert list(path.parent.iterdir()) == [path]


def test_a_user_without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", no_home)
    assert config.settings() == {}


def test_credentials_lose_the_blanks_of_a_paste() -> None:
    conf = Configuration()
    conf.set_credential(" id\n", "token ")
    assert conf.auth is not None
    assert (conf.auth.username, conf.auth.password) == ("id", "token")
    with pytest.raises(NotConfigured):
        conf.set_credential("id", "tok\u2026en")


def test_timeouts_are_finite() -> None:
    conf = Configuration()
    assert conf.timeouts == (5.0, 60.0)
    conf.timeout = 1
    assert conf.timeouts == (1, 1)


def test_old_settings() -> None:
    conf = Configuration()
    conf.set_ca_path("/some/ca.pem")
    assert conf.verify == "/some/ca.pem"
    conf.do_not_verify()
    assert conf.verify is False

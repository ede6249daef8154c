from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from audio.engine import config
from audio.engine.config import NAMES, Settings, load
from audio.errors import BadInput


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_defaults() -> None:
    loaded = load({}, environ={})
    assert loaded.settings == Settings()
    assert set(loaded.origins.values()) == {"default"}


def test_the_command_line_wins_then_the_environment_then_the_file(tmp_path: Path) -> None:
    (tmp_path / "audio.toml").write_text("port = 1\nthreads = 2\nworkers = 3\nhost = 'h'\n")
    loaded = load({"port": 10, "host": None}, environ={"AUDIO_PORT": "20", "AUDIO_THREADS": "30", "AUDIO_HOST": ""})
    s = loaded.settings
    assert (s.port, s.threads, s.workers, s.host) == (10, 30, 3, "h")
    origins = [loaded.origins[name] for name in ("port", "threads", "workers", "host", "keyfile")]
    assert origins == ["--port", "$AUDIO_THREADS", "audio.toml", "audio.toml", "default"]


def test_which_file(tmp_path: Path) -> None:
    one, other = tmp_path / "one.toml", tmp_path / "other.toml"
    one.write_text("port = 1")
    other.write_text("port = 2")
    assert load({}, environ={"AUDIO_CONFIG": str(one)}).settings.port == 1
    assert load({}, config=str(other), environ={"AUDIO_CONFIG": str(one)}).settings.port == 2
    with pytest.raises(BadInput, match="no configuration file"):
        load({}, config=str(tmp_path / "none.toml"), environ={})


@pytest.mark.parametrize(
    "text",
    [
        "port = ",
        "\ufeff\0",
        "colour = 'red'",
        "port = 'x'",
        "port = []",
        "[port]\nx = 1",
        "port = true",
        "threads = 2.7",
    ],
)
def test_bad_files(tmp_path: Path, text: str) -> None:
    (tmp_path / "audio.toml").write_text(text)
    with pytest.raises(BadInput, match=r"audio\.toml"):
        load({}, environ={})


@pytest.mark.parametrize("name", [n for n in NAMES if not isinstance(getattr(Settings(), n), str)])
@pytest.mark.parametrize("value", ["", "x", "-1", "nan", "inf", "1e99", "0x10", "1,5"])
def test_bad_numbers(name: str, value: str) -> None:
    """An empty variable is as good as none."""
    environ = {f"AUDIO_{name.upper()}": value}
    if value:
        with pytest.raises(BadInput, match=name) as caught:
            load({}, environ=environ)
        assert caught.value.field == name
    else:
        assert load({}, environ=environ).settings == Settings()


@pytest.mark.parametrize("name", ["threads", "jobs_at_once", "async_workers", "max_body_mb", "receive_seconds"])
def test_of_some_there_must_be_one(name: str) -> None:
    with pytest.raises(BadInput, match="must be from 1 to"):
        load({name: 0}, environ={})


@pytest.mark.parametrize(
    "url", ["audio.example.org", "ftp://x", "https://", "http://a b", "https://u:p@x", "https://x?y"]
)
def test_a_public_url_that_no_link_can_begin_with(url: str) -> None:
    with pytest.raises(BadInput, match="public_url must be like https://"):
        load({}, environ={"AUDIO_PUBLIC_URL": url})


@pytest.mark.parametrize("url", ["https://audio.example.org", "http://[::1]:8080/", "https://x.org/some/path"])
def test_a_public_url(url: str) -> None:
    assert load({}, environ={"AUDIO_PUBLIC_URL": url}).settings.public_url == url


def test_levels_of_the_log() -> None:
    for level in config.LOG_LEVELS:
        assert load({}, environ={"AUDIO_LOG_LEVEL": level}).settings.log_level == level
    with pytest.raises(BadInput, match="debug, info, warning, error; 'loud' came"):
        load({}, environ={"AUDIO_LOG_LEVEL": "loud"})


def test_tls_needs_both_files(tmp_path: Path) -> None:
    there = tmp_path / "x.pem"
    there.touch()
    for given in ({"certfile": str(there)}, {"keyfile": str(there)}):
        with pytest.raises(BadInput, match="needs both"):
            load(given, environ={})
    with pytest.raises(BadInput, match="no file 'none'"):
        load({"certfile": str(there), "keyfile": "none"}, environ={})
    assert load({"certfile": str(there), "keyfile": str(there)}, environ={}).settings.keyfile == str(there)


def test_the_table_shows_every_setting() -> None:
    shown = load({"port": 99}, environ={}).show()
    for f in dataclasses.fields(Settings):
        assert f.metadata["about"] in shown
        assert sum(line.startswith(f"{f.name} =") for line in shown.splitlines()) == 1
    assert "port = 99" in shown
    assert "--port" in shown


def test_the_data_directory_follows_xdg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/x")
    assert Settings().data_dir == "/x/audio"


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("database", "mysql://audio@db/audio"),
        ("database", "db.lan"),
        ("sessions", "memcached://cache"),
        ("blobs", "https://bucket"),
        ("blobs", "s3://"),
    ],
)
def test_stores_that_are_none(name: str, url: str) -> None:
    with pytest.raises(BadInput, match=f"{name} must be like") as caught:
        config.load({}, environ={f"AUDIO_{name.upper()}": url})
    assert caught.value.field == name


def test_a_password_is_shown_to_nobody() -> None:
    url = "postgresql://audio:s3cret@db.lan/audio"
    loaded = config.load({}, environ={"AUDIO_DATABASE": url, "AUDIO_SESSIONS": "redis://:s3cret@cache.lan:6379/0"})
    assert loaded.settings.database_url == "postgresql+psycopg://audio:s3cret@db.lan/audio"
    shown = loaded.show()
    assert "s3cret" not in shown
    assert "postgresql://audio:***@db.lan/audio" in shown
    assert "redis://:***@cache.lan:6379/0" in shown


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://audio:s3@cret@db.lan/audio", "postgresql://audio:***@db.lan/audio"),
        ("postgresql://db.lan/audio?user=a&password=s3cret&x=1", "postgresql://db.lan/audio?user=a&password=***&x=1"),
        ("rediss://cache.lan/0?ssl_password=s3cret", "rediss://cache.lan/0?ssl_password=***"),
        ("s3://audio/rooms?endpoint_url=http://k:s3cret@s3.lan", "s3://audio/rooms?endpoint_url=http://k:***@s3.lan"),
        ("redis://cache.lan:6379/0", "redis://cache.lan:6379/0"),
        ("https://app.example.org", "https://app.example.org"),
    ],
)
def test_wherever_a_password_stands(url: str, shown: str) -> None:
    assert config.without_password(url) == shown

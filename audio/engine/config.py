"""The gateway's settings: defaults, then a file, then the environment, then the command line.

The file is TOML with the names below at its top level: `--config FILE`, else $AUDIO_CONFIG, else ./audio.toml.
In the environment a setting is AUDIO_ and its name in capitals: AUDIO_PORT=9000.
"""

from __future__ import annotations

import dataclasses
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from audio.errors import BadInput

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def _default_data_dir() -> str:
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return str(Path(base) / "audio")


def _setting(default: Any, about: str) -> Any:
    return field(default=default, metadata={"about": about})


@dataclass(frozen=True)
class Settings:
    """Everything that can be set, with what it does in its metadata."""

    host: str = _setting("127.0.0.1", "address to listen on; 0.0.0.0 is every one")
    port: int = _setting(8080, "port to listen on; 0 takes a free one")
    data_dir: str = field(default_factory=_default_data_dir, metadata={"about": "where all that lasts is kept"})
    database: str = _setting(
        "", "PostgreSQL for several machines: postgresql://USER:PASSWORD@HOST/NAME; SQLite in data_dir where empty"
    )
    sessions: str = _setting("", "Redis or Valkey for several machines: redis://HOST:6379/0; in data_dir where empty")
    blobs: str = _setting("", "S3 for several machines: s3://BUCKET/PREFIX?endpoint_url=URL; in data_dir where empty")
    workers: int = _setting(0, "worker processes; 0 is one a core")
    threads: int = _setting(32, "requests that one worker answers at once beside its event loop")
    certfile: str = _setting("", "TLS certificate, with its chain, in PEM")
    keyfile: str = _setting("", "TLS key, in PEM")
    public_url: str = _setting("", "URL that clients use, where it is not the one in their requests")
    proxies: int = _setting(0, "trusted reverse proxies in front, whose X-Forwarded headers count")
    jobs_at_once: int = _setting(8, "longer synchronous jobs that one worker computes at once")
    wait_seconds: float = _setting(5.0, "longest wait of a longer synchronous job for its turn, then 503")
    async_workers: int = _setting(1, "asynchronous jobs that one worker computes at once")
    async_queue: int = _setting(1000, "asynchronous jobs of one stream that may wait, then 429")
    result_seconds: int = _setting(3600, "how long a finished job can be fetched")
    session_seconds: int = _setting(600, "idle time after which a session is forgotten")
    blob_seconds: int = _setting(7 * 86400, "how long a blob is kept")
    event_days: int = _setting(730, "longest that an event is kept, in days, whatever its stream says")
    sum_days: int = _setting(730, "how long the sums by quarter hour are kept, in days")
    visit_days: int = _setting(400, "how long the visits of people are kept, in days; 0 is for ever")
    result_quota_mb: int = _setting(256, "what the results of one stream that can be fetched may take, in each worker")
    session_quota: int = _setting(1000, "sessions that one stream may have")
    blob_quota_mb: int = _setting(1024, "what the blobs of one stream, and its waiting jobs, may take")
    max_body_mb: int = _setting(128, "largest request: ten minutes of 48 kHz stereo fit into 128")
    receive_seconds: int = _setting(30, "longest silence within a request that is being received")
    mqtt_url: str = _setting("", "MQTT broker that gets events and states: mqtt://USER:PASSWORD@HOST:1883, or mqtts")
    mqtt_prefix: str = _setting("audio", "first part of the MQTT topics")
    mqtt_discovery: str = _setting(
        "homeassistant", "first part of Home Assistant's discovery topics; none turns it off"
    )
    webhook_networks: str = _setting("", "private networks that webhooks may lead to, such as 192.168.1.0/24")
    registration: str = _setting("invite", "who may make an account in the console: invite, open or closed")
    enterprise: str = _setting("admin", "who may give a stream the enterprise plan: admin or all")
    frame_ancestors: str = _setting("'none'", "who may show the console's pages in a frame, as in CSP")
    cors_origins: str = _setting(
        "", "origins whose pages may call the services, such as https://app.example.org, with commas"
    )
    secret_file: str = _setting("", "key that signs tokens, where it is not in data_dir; one for all replicas")
    log_level: str = _setting("info", "debug, info, warning or error")

    @property
    def database_url(self) -> str:
        """As SQLAlchemy wants it."""
        if self.database:
            return "postgresql+psycopg://" + self.database.split("://", 1)[1]
        return f"sqlite:///{Path(self.data_dir) / 'audio.db'}"


LOG_LEVELS = ("debug", "info", "warning", "error")
_CHOICES = {"log_level": LOG_LEVELS, "registration": ("invite", "open", "closed"), "enterprise": ("admin", "all")}
NAMES = tuple(f.name for f in dataclasses.fields(Settings))
_TYPES: dict[str, type] = {name: type(getattr(Settings(data_dir="."), name)) for name in NAMES}
_URL = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")
_STORES = {
    "database": (re.compile(r"postgres(ql)?(\+psycopg)?://\S+"), "postgresql://USER:PASSWORD@HOST/NAME"),
    "blobs": (re.compile(r"s3://[A-Za-z0-9._-]+(/[^\s?]*)?(\?\S*)?"), "s3://BUCKET/PREFIX?endpoint_url=URL"),
    "sessions": (re.compile(r"(rediss?|unix)://\S+"), "redis://HOST:6379/0"),
}
# Of the user, up to the last @, as some write one within it; and of the query, where PostgreSQL and Redis take one too.
_PASSWORD = re.compile(r"(://[^:@/?\s]*:)\S*@")
_IN_QUERY = re.compile(r"([?&]\w*password=)[^&\s]*", re.IGNORECASE)
_ORIGIN = re.compile(r"https?://[A-Za-z0-9._-]+(:[0-9]{1,5})?|https?://\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")
_MINIMUM = {"threads": 1, "jobs_at_once": 1, "async_workers": 1, "max_body_mb": 1, "receive_seconds": 1}


@dataclass(frozen=True)
class Loaded:
    """Settings, and where each one came from."""

    settings: Settings
    origins: Mapping[str, str]

    def show(self) -> str:
        """A table of all settings: value, origin, meaning."""
        rows = []
        for f in dataclasses.fields(Settings):
            value = getattr(self.settings, f.name)
            value = without_password(value) if isinstance(value, str) else value
            rows.append((f"{f.name} = {value!r}" if value != "" else f"{f.name} =", self.origins[f.name], f))
        left = max(len(row[0]) for row in rows)
        middle = max(len(row[1]) for row in rows)
        return "\n".join(f"{a:<{left}}  {b:<{middle}}  {f.metadata['about']}" for a, b, f in rows)


def without_password(text: str) -> str:
    """A setting as it may be shown: no password of a URL is in it."""
    return _IN_QUERY.sub(r"\1***", _PASSWORD.sub(r"\1***@", text))


def load(arguments: Mapping[str, Any], *, config: str | None = None, environ: Mapping[str, str] = os.environ) -> Loaded:
    """Settings from everywhere. Raises BadInput where a file is missing or broken, or a value is not of its kind.

    arguments: what the command line gave, by name; None where it gave nothing.
    """
    values: dict[str, Any] = {}
    origins = dict.fromkeys(NAMES, "default")

    def take(name: str, raw: object, origin: str) -> None:
        values[name] = _typed(name, raw, origin)
        origins[name] = origin

    for name, raw in _read_file(config or environ.get("AUDIO_CONFIG")).items():
        origin, value = raw
        if name not in _TYPES:
            raise BadInput(f"{origin} sets '{name}', which is no setting. Settings: {', '.join(NAMES)}.", field=name)
        take(name, value, origin)
    for name in NAMES:
        variable = f"AUDIO_{name.upper()}"
        if environ.get(variable):
            take(name, environ[variable], f"${variable}")
        if arguments.get(name) is not None:
            take(name, arguments[name], f"--{name.replace('_', '-')}")
    settings = Settings(**values)
    settings = dataclasses.replace(settings, data_dir=str(Path(settings.data_dir).expanduser().absolute()))
    if bool(settings.certfile) != bool(settings.keyfile):
        raise BadInput("TLS needs both certfile and keyfile; one of them is not set.", field="certfile")
    for path in filter(None, (settings.certfile, settings.keyfile)):
        if not Path(path).is_file():
            raise BadInput(f"There is no file '{path}'. TLS needs certfile and keyfile, both in PEM.", field="certfile")
    return Loaded(settings, origins)


def _read_file(path: str | None) -> dict[str, tuple[str, object]]:
    chosen = Path(path) if path else Path("audio.toml")
    if not chosen.is_file():
        if path:
            raise BadInput(
                f"There is no configuration file '{path}': name another, or leave --config and AUDIO_CONFIG out."
            )
        return {}
    try:
        content = tomllib.loads(chosen.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise BadInput(f"{chosen} is not valid TOML: {exc}.") from exc
    return {name: (str(chosen), value) for name, value in content.items()}


def _check_origins(text: str, origin: str) -> None:
    for one in filter(None, (part.strip() for part in text.split(","))):
        if not _ORIGIN.fullmatch(one):
            sentence = f"{origin}: cors_origins must be like https://app.example.org, without a path; '{one}' came."
            raise BadInput(sentence, field="cors_origins")


def _typed(name: str, raw: object, origin: str) -> Any:
    wanted = _TYPES[name]
    if wanted is str:
        if name in _CHOICES and str(raw).lower() not in _CHOICES[name]:
            raise BadInput(f"{origin}: {name} must be one of {', '.join(_CHOICES[name])}; '{raw}' came.", field=name)
        if name == "public_url" and raw and not _URL.fullmatch(str(raw)):
            raise BadInput(f"{origin}: public_url must be like https://audio.example.org; '{raw}' came.", field=name)
        if name in _STORES and raw and not _STORES[name][0].fullmatch(str(raw)):
            raise BadInput(f"{origin}: {name} must be like {_STORES[name][1]}, or empty for data_dir.", field=name)
        if name == "cors_origins":
            _check_origins(str(raw), origin)
        return str(raw)
    try:
        # Python would make 1 of true, and 2 of 2.7.
        if isinstance(raw, bool) or (wanted is int and isinstance(raw, float)):
            raise TypeError
        value = wanted(raw)
    except (TypeError, ValueError, OverflowError) as exc:
        kind = "a whole number" if wanted is int else "a number"
        raise BadInput(f"{origin}: {name} must be {kind}; '{raw}' came.", field=name) from exc
    least, most = _MINIMUM.get(name, 0), 65535 if name == "port" else 10**12
    if not least <= value <= most:
        raise BadInput(f"{origin}: {name} must be from {least} to {most}; '{raw}' came.", field=name)
    return value

"""Where the gateway is and who is asking: ./config.json, then ~/.angusdk/config.json, then the environment over both.

The files have the format of the older SDK, which can share them: JSON with `default_root` (the URL of the gateway),
`client_id`, `access_token` and `ca_path` (a file of trusted certificates).
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import urllib3
from requests.auth import HTTPBasicAuth

from audio.client.errors import NotConfigured

KEYS = ("default_root", "client_id", "access_token", "ca_path")
ENVIRONMENT = {"default_root": "AUDIO_GATEWAY", "client_id": "AUDIO_CLIENT_ID", "access_token": "AUDIO_ACCESS_TOKEN"}
LOCAL_FILE = Path("config.json")
CONNECT_TIMEOUT = 5.0
DEFAULT_TIMEOUT = 60.0


class Configuration:
    """How to talk to a gateway. What is changed here counts from the next request on.

    default_root: the URL of the gateway. auth: the credentials. verify: True, False, or a file of trusted certificates.
    timeout: seconds to wait for an answer; None is 60, as no request waits for ever. retries: how often a request is
    sent again where that cannot do harm.
    """

    def __init__(self) -> None:
        self.default_root: str | None = None
        self.auth: HTTPBasicAuth | None = None
        self.verify: bool | str = True
        self.timeout: float | None = None
        self.retries = 2

    def set_credential(self, client_id: str, access_token: str) -> None:
        client_id, access_token = client_id.strip(), access_token.strip()
        if not (client_id + access_token).isascii():
            raise NotConfigured("The client_id or the access_token holds characters that no credentials have.")
        self.auth = HTTPBasicAuth(client_id, access_token)

    def set_ca_path(self, ca_path: str | os.PathLike[str]) -> None:
        self.verify = os.fspath(ca_path)

    def do_not_verify(self) -> None:
        """Take any certificate; whoever says so needs no warning at each request."""
        self.verify = False
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    @property
    def timeouts(self) -> tuple[float, float]:
        """Seconds to wait for a connection, and for an answer."""
        answer = DEFAULT_TIMEOUT if self.timeout is None else self.timeout
        return min(CONNECT_TIMEOUT, answer), answer


@dataclass(frozen=True)
class Setting:
    """One value and where it comes from: a file, or a variable of the environment."""

    value: str
    source: str


def home_file() -> Path | None:
    """~/.angusdk/config.json; None for a user without a home."""
    try:
        return Path.home() / ".angusdk" / "config.json"
    except RuntimeError:
        return None


def settings() -> dict[str, Setting]:
    """What is configured, by key. One file is taken, the first that holds any of our keys; they are never mixed."""
    found: dict[str, Setting] = {}
    for path in (LOCAL_FILE, home_file()):
        values = read(path) if path is not None and path.is_file() else {}
        if values:
            found = {key: Setting(value, str(path)) for key, value in values.items()}
            break
    for key, name in ENVIRONMENT.items():
        if os.environ.get(name):
            found[key] = Setting(os.environ[name], f"${name}")
    return found


def load() -> Configuration:
    """The configuration of files and environment. Raises NotConfigured for a file that cannot be read."""
    return build({key: setting.value for key, setting in settings().items()})


def build(values: Mapping[str, str]) -> Configuration:
    """A configuration of values by key, of which any may be missing."""
    conf = Configuration()
    conf.default_root = values.get("default_root")
    if "client_id" in values and "access_token" in values:
        conf.set_credential(values["client_id"], values["access_token"])
    if "ca_path" in values:
        conf.set_ca_path(values["ca_path"])
    return conf


def read(path: Path) -> dict[str, str]:
    """Our keys in a configuration file; none where it is some other program's."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise NotConfigured(f"The configuration file {path} cannot be read: {exc}.") from exc
    if not isinstance(values, dict):
        raise NotConfigured(f"The configuration file {path} must hold a JSON object with {', '.join(KEYS)}.")
    return {key: values[key] for key in KEYS if isinstance(values.get(key), str) and values[key]}


def write(path: Path, values: Mapping[str, str]) -> None:
    """Replace a configuration file by one that its owner alone can read."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".config-")  # made with mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(dict(values), file, indent=2)
            file.write("\n")
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def gateway_url(text: str) -> str:
    """The URL of a gateway, without its last slash. Raises NotConfigured where it is none."""
    text = text.strip()
    if "://" not in text:
        meant = f"http://{text}" if ":" in text or "/" in text else f"http://{text}:8080"
        raise NotConfigured(f"'{text}' is not the URL of a gateway. Did you mean {meant} ?")
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # of a port that is no number, or half an IPv6 address
        good = False
    if not good or parts.query or parts.fragment:
        raise NotConfigured(f"'{text}' is not the URL of a gateway: one is like http://127.0.0.1:8080")
    if parts.username is not None:
        raise NotConfigured("Credentials do not belong into the URL: give client_id and access_token apart.")
    return text.rstrip("/")

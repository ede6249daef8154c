"""`audio configure`: where the gateway is and who is asking, kept in ~/.angusdk/config.json."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from audio.errors import AudioError

if TYPE_CHECKING:
    from audio.client import config

HELP = "Keep the address of the gateway and your credentials"
DEFAULT_GATEWAY = "http://127.0.0.1:8080"
QUESTIONS = {"default_root": "Gateway", "client_id": "client_id", "access_token": "access_token"}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = """\
Without options it asks for each value; an empty answer keeps the one in brackets.
The file is ~/.angusdk/config.json, for your eyes alone; the older SDK reads it too.

examples:
  audio configure
  audio streams create kitchen --json | audio configure --gateway http://127.0.0.1:8080 --credentials -
  audio configure --gateway http://robot.local:8080 --credentials kitchen.json
  audio configure --show"""
    parser.add_argument(
        "--gateway", "--url", dest="url", metavar="URL", help=f"the address of the gateway, like {DEFAULT_GATEWAY}"
    )
    parser.add_argument(
        "--credentials", metavar="FILE", help="JSON with client_id and access_token; - for stdin, where no one sees it"
    )
    parser.add_argument("--client-id", metavar="ID", help="from 'audio streams create NAME', where the gateway runs")
    parser.add_argument(
        "--access-token",
        metavar="TOKEN",
        help="from the same place; others on this machine see it while the command runs",
    )
    parser.add_argument("--ca-path", metavar="FILE", help="the certificates to trust, for https with one of your own")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--show", action="store_true", help="print what is configured and where each value comes from")
    action.add_argument("--delete", action="store_true", help="remove the file")


def run(args: argparse.Namespace) -> int:
    from audio.client import config

    path = config.home_file()
    if path is None:
        raise AudioError("There is no home directory to keep a configuration in: set HOME, or use AUDIO_GATEWAY.")
    if args.show:
        return _show(config.settings())
    if args.delete:
        return _delete(path)
    given = {
        "default_root": args.url,
        "client_id": args.client_id,
        "access_token": args.access_token,
        "ca_path": args.ca_path and str(Path(args.ca_path).absolute()),
    }
    if args.credentials:
        given |= _credentials(args.credentials)
    kept = config.read(path) if path.is_file() else {}
    wanted = {key: value for key, value in given.items() if value} or _ask(kept)
    values = {**kept, **wanted}
    if "default_root" in values:
        values["default_root"] = config.gateway_url(values["default_root"])
    config.build(values)
    _write(path, values)
    print(f"Kept in {path}. To check it: audio check")
    return 0


def _credentials(source: str) -> dict[str, str | None]:
    """client_id and access_token of a JSON file, or of what comes on stdin."""
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
        content = json.loads(text)
        return {name: str(content[name]) for name in ("client_id", "access_token")}
    except OSError as exc:
        raise AudioError(f"{source} cannot be read: {exc.strerror or exc}.") from exc
    except (ValueError, KeyError, TypeError) as exc:
        raise AudioError(f"{source} must hold JSON with client_id and access_token: {type(exc).__name__}.") from exc


def _ask(kept: Mapping[str, str]) -> dict[str, str]:
    """One question a value, on stderr."""
    answers = {}
    for key, question in QUESTIONS.items():
        current = kept.get(key) or (DEFAULT_GATEWAY if key == "default_root" else "")
        shown = _masked(current) if key == "access_token" else current
        print(f"{question}{f' [{shown}]' if shown else ''}: ", end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        if not line:
            raise AudioError("The answers ended before the questions did; nothing was changed.")
        answers[key] = line.strip() or current
    return {key: value for key, value in answers.items() if value}


def _write(path: Path, values: Mapping[str, str]) -> None:
    from audio.client import config

    try:
        config.write(path, values)
    except OSError as exc:
        raise AudioError(f"{path} cannot be written: {exc.strerror or exc}.") from exc


def _show(settings: Mapping[str, config.Setting]) -> int:
    if not settings:
        raise AudioError("Nothing is configured. To begin: audio configure")
    for key, setting in settings.items():
        value = _masked(setting.value) if key == "access_token" else setting.value
        print(f"{QUESTIONS.get(key, key).lower():13} {value}  ({setting.source})")
    return 0


def _delete(path: Path) -> int:
    try:
        path.unlink()
    except FileNotFoundError:
        print(f"There is no {path}.", file=sys.stderr)
        return 0
    except OSError as exc:
        raise AudioError(f"{path} cannot be removed: {exc.strerror or exc}.") from exc
    with suppress(OSError):  # it holds something else, such as a certificate
        path.parent.rmdir()
    print(f"Removed {path}.")
    return 0


def _masked(token: str) -> str:
    """A token by which its owner knows it, and nobody else can use it."""
    return f"{token[:4]}...{token[-4:]}" if len(token) >= 16 else "..." if token else ""

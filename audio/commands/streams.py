"""`audio streams`: who may use the gateway."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from audio.errors import BadInput

if TYPE_CHECKING:
    import sqlalchemy as sa

    from audio.stores.streams import Credentials, Stream

HELP = "Make, list, rotate and revoke streams: each is a client_id and an access_token"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = """\
A stream is one source of sound: a robot, a kiosk, a room. Its token is shown once, when it is made or rotated, and
kept as a hash. All of it works while the gateway runs, at once and on every worker.

examples:
  audio streams create kitchen
  audio streams create kitchen --json >kitchen.json
  audio streams rotate kitchen
"""
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    for name, about, needs_stream, action in (
        ("create", "make a stream and show its credentials", "NAME", _create),
        ("list", "list the streams", None, _list),
        ("rotate", "give a stream a new token; the old one ends at once", "STREAM", _rotate),
        ("revoke", "let a stream in no more", "STREAM", _revoke),
    ):
        sub = actions.add_parser(name, help=about, description=about)
        if needs_stream:
            sub.add_argument("stream", metavar=needs_stream, help="its name" + (" or client_id" * (action != _create)))
        sub.add_argument("--data-dir", metavar="DIR", help="the gateway's data directory")
        sub.add_argument("--json", action="store_true", help="answer in JSON")
        sub.set_defaults(action=action)


def run(args: argparse.Namespace) -> int:
    action: Callable[[argparse.Namespace], None] = args.action
    action(args)
    return 0


@contextmanager
def _database(args: argparse.Namespace) -> Iterator[sa.Connection]:
    from audio.engine import config, prepare
    from audio.stores.database import Database

    settings = config.load({"data_dir": args.data_dir}).settings
    os.umask(0o077)
    prepare.prepare(settings)
    database = Database(settings.database_url)
    try:
        with database.write() as connection:
            yield connection
    finally:
        database.close()


def _create(args: argparse.Namespace) -> None:
    from audio.stores import streams

    if not 1 <= len(args.stream) <= 100 or not args.stream.isprintable():
        raise BadInput("A stream's name has 1 to 100 printable characters.")
    with _database(args) as connection:
        credentials = streams.create(connection, args.stream)
    _show(args, credentials)


def _list(args: argparse.Namespace) -> None:
    from audio.stores import streams

    with _database(args) as connection:
        found = streams.everything(connection)
    if args.json:
        print(json.dumps([{"client_id": s.client_id, "name": s.name, "active": s.revoked_at is None} for s in found]))
        return
    for s in found:
        made = datetime.fromtimestamp(s.created_at).strftime("%Y-%m-%d %H:%M")
        print(f"{s.client_id}  {made}  {'active ' if s.revoked_at is None else 'revoked'}  {s.name}")
    if not found:
        print("There is no stream yet: audio streams create NAME")


def _rotate(args: argparse.Namespace) -> None:
    from audio.stores import streams

    with _database(args) as connection:
        credentials = streams.rotate(connection, _one(connection, args.stream).client_id)
    _show(args, credentials)


def _revoke(args: argparse.Namespace) -> None:
    from audio.stores import streams

    with _database(args) as connection:
        stream = _one(connection, args.stream)
        streams.revoke(connection, stream.client_id)
    print(
        json.dumps({"client_id": stream.client_id, "active": False})
        if args.json
        else f"{stream.name} ({stream.client_id}) is let in no more."
    )


def _one(connection: sa.Connection, name_or_id: str) -> Stream:
    from audio.stores import streams

    found = streams.find(connection, name_or_id)
    if not found:
        raise BadInput(f"There is no stream '{name_or_id}'; 'audio streams list' shows them.")
    if len(found) > 1:
        raise BadInput(f"{len(found)} streams have the name '{name_or_id}': give the client_id instead.")
    return found[0]


def _show(args: argparse.Namespace, credentials: Credentials) -> None:
    if args.json:
        print(json.dumps({"client_id": credentials.client_id, "access_token": credentials.access_token}))
        return
    print(f"client_id     {credentials.client_id}")
    print(f"access_token  {credentials.access_token}    (shown this once; only its hash is kept)")
